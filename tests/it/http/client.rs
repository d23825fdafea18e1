//! Requests over plain sockets, and the loop that drives a stream.

use std::io::{self, Read, Write};
use std::net::TcpStream;

use weighbridge::source::http::{Broken, Head, Range, Stream, Transport};

/// Names in lower case, and values.
pub(crate) type Headers = Vec<(String, String)>;

/// Sends one request; returns status, headers (names in lower case) and the open connection.
pub(crate) fn exchange(
    method: &str,
    url: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> io::Result<(u16, Headers, TcpStream)> {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut stream = TcpStream::connect(host)?;
    let mut text = format!("{method} /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    if !body.is_empty() || method != "GET" {
        text += &format!("Content-Length: {}\r\n", body.len());
    }
    stream.write_all(format!("{text}\r\n").as_bytes())?;
    stream.write_all(body)?;
    let mut head = Vec::new();
    let mut one = [0; 1];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut one)?;
        head.push(one[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    let headers = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    Ok((status, headers, stream))
}

/// What the core wants to know of an answer.
fn head_of(status: u16, headers: &[(String, String)]) -> Head {
    let header = |name: &str| headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.clone());
    let content_length = header("content-length").and_then(|len| len.parse().ok());
    Head { status, content_range: header("content-range"), content_length, etag: header("etag") }
}

/// Carries range requests.
pub(crate) struct Native(pub(crate) String);

impl Native {
    /// Asks, and leaves the body unread.
    pub(crate) fn ask(&self, range: Option<Range>, if_range: Option<&str>) -> io::Result<(Head, TcpStream)> {
        let mut headers: Vec<(String, String)> = Vec::new();
        headers.extend(range.map(|range| ("Range".to_owned(), range.to_string())));
        headers.extend(if_range.map(|tag| ("If-Range".to_owned(), tag.to_owned())));
        let (status, headers, stream) = exchange("GET", &self.0, &headers, &[])?;
        Ok((head_of(status, &headers), stream))
    }
}

impl Transport for Native {
    fn get(&self, range: Range, out: &mut [u8]) -> io::Result<(Head, usize)> {
        let (head, mut stream) = self.ask(Some(range), None)?;
        let mut filled = 0;
        while head.status == 206 && filled < out.len() {
            match stream.read(&mut out[filled..]) {
                Ok(0) | Err(_) => break,
                Ok(read) => filled += read,
            }
        }
        Ok((head, filled))
    }
}

/// Drives a stream to its end; the bytes, or why it gave up.
pub(crate) fn download(url: &str, stream: Stream) -> Result<Vec<u8>, String> {
    download_with(stream, &mut |range, if_range| {
        let mut headers: Headers = Vec::new();
        headers.extend(range.map(|range| ("Range".to_owned(), range.to_string())));
        headers.extend(if_range.map(|tag| ("If-Range".to_owned(), tag.to_owned())));
        exchange("GET", url, &headers, &[])
    })
}

/// Sends a request for a range, if it is one, of a file that is still this one.
type Send<'a> = &'a mut dyn FnMut(Option<Range>, Option<&str>) -> io::Result<(u16, Headers, TcpStream)>;

/// The same, with requests of one's own.
pub(crate) fn download_with(mut stream: Stream, send: Send<'_>) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    loop {
        let why = match send(stream.range(), stream.if_range()) {
            Ok((status, headers, mut connection)) if status < 500 => {
                stream.answered(&head_of(status, &headers))?;
                let mut block = [0; 1 << 16];
                loop {
                    match connection.read(&mut block) {
                        Ok(0) => break None,
                        Ok(read) => {
                            let counts = stream.came(read as u64) as usize;
                            bytes.extend_from_slice(&block[..counts]);
                        }
                        Err(cause) => break Some(cause.to_string()),
                    }
                }
            }
            Ok((status, ..)) => Some(format!("status {status}")),
            Err(cause) => Some(cause.to_string()),
        };
        match stream.broke(why.as_deref()) {
            Broken::Done => return Ok(bytes),
            Broken::Resume(_) => {}
            Broken::GiveUp(why) => return Err(why),
        }
    }
}
