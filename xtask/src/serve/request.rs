//! Reads the head of a request.

use std::io::{self, BufRead, Read};

// Ten times what browsers send.
const HEAD_LIMIT: u64 = 64 * 1024;

/// The parts of a request that matter to a static server.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// Path and query as sent.
    pub target: String,
    /// `Range`.
    pub range: Option<String>,
    /// `If-Range`.
    pub if_range: Option<String>,
    /// `If-None-Match`.
    pub if_none_match: Option<String>,
    /// Whether the connection ends after the answer.
    pub close: bool,
    /// All headers, names in lower case.
    pub headers: Vec<(String, String)>,
}

/// Reads one request, or nothing if the other side has closed the connection.
pub fn read(from: &mut impl BufRead) -> io::Result<Option<Request>> {
    let mut from = from.take(HEAD_LIMIT);
    let mut line = String::new();
    if from.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let (method, target, version) = (words.next(), words.next(), words.next());
    let (Some(method), Some(target), Some(version)) = (method, target, version) else {
        return Err(io::Error::other("not an HTTP request"));
    };
    let mut request = Request { method: method.into(), target: target.into(), ..Request::default() };
    request.close = version == "HTTP/1.0";
    loop {
        let mut line = String::new();
        if from.read_line(&mut line)? == 0 {
            return Err(io::Error::other("the request's head is cut short or too long"));
        }
        if line.trim().is_empty() {
            return Ok(Some(request));
        }
        if let Some((key, value)) = line.split_once(':') {
            let key = key.to_ascii_lowercase();
            request.header(&key, value.trim());
            request.headers.push((key, value.trim().to_owned()));
        }
    }
}

impl Request {
    fn header(&mut self, key: &str, value: &str) {
        match key {
            "range" => self.range = Some(value.into()),
            "if-range" => self.if_range = Some(value.into()),
            "if-none-match" => self.if_none_match = Some(value.into()),
            "connection" if value.eq_ignore_ascii_case("close") => self.close = true,
            // A body is not read, so what follows it cannot be either.
            "content-length" if value != "0" => self.close = true,
            "transfer-encoding" => self.close = true,
            _ => {}
        }
    }

    /// Whether it is for a registry. A path that would be read as another one is not.
    pub fn is_api(&self) -> bool {
        let is_plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_graphic() && !b"\\\"".contains(&byte));
        super::registry::is_asked(&self.method, &self.target) && is_plain(&self.target) && self.path().is_some()
    }

    /// A header by its name in lower case.
    pub fn header_value(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The path without query and escapes; nothing if it is not one, or tries to leave the root.
    pub fn path(&self) -> Option<String> {
        let path = self.target.split(['?', '#']).next()?;
        let path = decode(path)?;
        let safe = path.split('/').all(|part| part != ".." && part != "." && !part.contains(['\\', '\0']));
        (safe && path.starts_with('/')).then_some(path)
    }
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (high, low) = (digit(rest.next())?, digit(rest.next())?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_up_to_the_empty_line() {
        let text = "GET /a%20b?c HTTP/1.1\r\nHost: x\r\nRANGE: bytes=0-1\r\n\r\nGET / HTTP/1.0\r\n\r\n";
        let mut from = text.as_bytes();
        let request = read(&mut from).unwrap().unwrap();
        assert_eq!(request.path().as_deref(), Some("/a b"));
        assert_eq!(request.range.as_deref(), Some("bytes=0-1"));
        assert!(!request.close);
        assert!(read(&mut from).unwrap().unwrap().close);
        assert!(read(&mut from).unwrap().is_none());
    }

    #[test]
    fn a_path_cannot_leave_the_root() {
        for target in ["/../x", "/a/%2e%2e/x", "/a\\..\\x", "x", "/%zz", "/a/%2E%2E"] {
            let request = Request { target: target.into(), ..Request::default() };
            assert_eq!(request.path(), None, "{target}");
        }
    }

    #[test]
    fn an_endless_head_is_refused() {
        let text = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(100_000));
        assert!(read(&mut text.as_bytes()).is_err());
        assert!(read(&mut "hello\r\n\r\n".as_bytes()).is_err());
    }
}
