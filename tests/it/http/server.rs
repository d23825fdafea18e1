//! One thread, one connection at a time, one request a connection.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// How a file is served.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Manners {
    /// Answers 200 with everything whatever range is asked for.
    pub(crate) ignores_ranges: bool,
    /// Sends no `Content-Range`, as if CORS hid it.
    pub(crate) hides_range: bool,
    /// Writes a star for the length.
    pub(crate) star: bool,
    /// Adds this to the length it tells.
    pub(crate) lie: i64,
    /// Closes after so many bytes of each body.
    pub(crate) breaks_at: Option<usize>,
    /// Another ETag for every answer.
    pub(crate) changes: bool,
    /// Fails this status for every second request.
    pub(crate) fails: Option<u16>,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// `GET /path HTTP/1.1`.
    pub(crate) line: String,
    /// Names in lower case, and values.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn path(&self) -> &str {
        self.line.split(' ').nth(1).unwrap_or_default()
    }

    pub(crate) fn method(&self) -> &str {
        self.line.split(' ').next().unwrap_or_default()
    }
}

/// What is sent back: head lines and body.
pub(crate) type Reply = (String, Vec<u8>);

/// A running server; it stops when dropped.
pub(crate) struct Server {
    port: u16,
    seen: Arc<Mutex<Vec<Asked>>>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves one file under every path.
    pub(crate) fn file(bytes: Vec<u8>, manners: Manners) -> Self {
        let mut count = 0_usize;
        Self::with(move |asked| {
            count += 1;
            answer(asked, &bytes, manners, count)
        })
    }

    /// Answers with what `reply` makes of each request.
    pub(crate) fn with(mut reply: impl FnMut(&Asked) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (seen, stopped) = (Arc::<Mutex<Vec<Asked>>>::default(), Arc::new(AtomicBool::new(false)));
        let (log, stop) = (Arc::clone(&seen), Arc::clone(&stopped));
        #[expect(clippy::disallowed_methods, reason = "a server of the tests, which run natively")]
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(mut stream) = stream else { continue };
                let Some(asked) = read_request(&mut stream) else { continue };
                log.lock().unwrap().push(asked.clone());
                let (head, body) = reply(&asked);
                // A client that has had enough closes first.
                drop(stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)));
            }
        });
        Self { port, seen, stopped, thread: Some(thread) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn seen(&self) -> Vec<Asked> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        drop(self.thread.take().map(JoinHandle::join));
    }
}

fn read_request(stream: &mut TcpStream) -> Option<Asked> {
    let mut bytes = Vec::new();
    let mut one = [0; 1];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut one).ok()?;
        bytes.push(one[0]);
    }
    let text = String::from_utf8(bytes).ok()?;
    let mut lines = text.lines();
    let line = lines.next()?.to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut asked = Asked { line, headers, body: Vec::new() };
    let len = asked.header("content-length").and_then(|len| len.parse().ok()).unwrap_or(0);
    asked.body.resize(len, 0);
    stream.read_exact(&mut asked.body).ok()?;
    Some(asked)
}

fn answer(asked: &Asked, bytes: &[u8], manners: Manners, count: usize) -> Reply {
    if let Some(status) = manners.fails.filter(|_| count.is_multiple_of(2)) {
        return (format!("HTTP/1.1 {status} Trouble\r\nContent-Length: 0\r\n\r\n"), Vec::new());
    }
    let etag = if manners.changes { format!("\"v{count}\"") } else { "\"v1\"".to_owned() };
    let is_same = asked.header("if-range").is_none_or(|tag| tag == etag);
    let told = bytes.len().saturating_add_signed(manners.lie as isize);
    let range = asked.header("range").filter(|_| !manners.ignores_ranges && is_same);
    let Some((first, last)) = range.and_then(|range| range.strip_prefix("bytes=")?.split_once('-')) else {
        let head = format!("HTTP/1.1 200 OK\r\nETag: {etag}\r\nContent-Length: {told}\r\n\r\n");
        return (head, cut(bytes, manners));
    };
    let first: usize = first.parse().unwrap();
    let last = last.parse().unwrap_or(usize::MAX).min(bytes.len().saturating_sub(1));
    if first >= bytes.len() {
        let head =
            format!("HTTP/1.1 416 Range Not Satisfiable\r\nContent-Range: bytes */{told}\r\nContent-Length: 0\r\n\r\n");
        return (head, Vec::new());
    }
    let part = &bytes[first..=last];
    let total = if manners.star { "*".to_owned() } else { told.to_string() };
    let shown =
        if manners.hides_range { String::new() } else { format!("Content-Range: bytes {first}-{last}/{total}\r\n") };
    let head = format!("HTTP/1.1 206 Partial Content\r\n{shown}ETag: {etag}\r\nContent-Length: {}\r\n\r\n", part.len());
    (head, cut(part, manners))
}

fn cut(body: &[u8], manners: Manners) -> Vec<u8> {
    body[..manners.breaks_at.unwrap_or(usize::MAX).min(body.len())].to_vec()
}
