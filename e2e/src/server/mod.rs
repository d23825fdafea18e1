//! Servers on this machine that answer as they are told, and note every request whole: for what no static server does.

mod recorded;
mod reply;

pub use recorded::Recorded;
pub use reply::Reply;

use crate::Result;
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

// A browser opens connections on suspicion, and sends nothing.
const IDLE: Duration = Duration::from_secs(20);
const BODY_LIMIT: u64 = 1 << 20;

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Asked {
    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The path without the query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// Method and target in one text, as `match` likes it: `GET /a?b`.
    pub fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }

    /// First and last byte of a single range, the last one only if it is named.
    pub fn range(&self) -> Option<(usize, Option<usize>)> {
        let (first, last) = self.header("range")?.strip_prefix("bytes=")?.split_once('-')?;
        Some((first.parse().ok()?, last.parse().ok()))
    }
}

type Answer = dyn Fn(&Asked) -> Reply + Send + Sync;

/// A running server; it stops when dropped.
pub struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    listener: Option<thread::JoinHandle<()>>,
}

struct Shared {
    answer: Box<Answer>,
    cors: bool,
    stopped: AtomicBool,
    seen: Mutex<Vec<Asked>>,
}

impl Server {
    /// One that pages of other origins may read: preflights are answered, and every header may be seen.
    pub fn open(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Result<Server> {
        Server::start(true, Box::new(answer))
    }

    /// One that sends no CORS headers, so that a page of another origin can read nothing of it.
    pub fn closed(answer: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Result<Server> {
        Server::start(false, Box::new(answer))
    }

    fn start(cors: bool, answer: Box<Answer>) -> Result<Server> {
        let failed = |cause: std::io::Error| format!("a server could not be started: {cause}");
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        let address = socket.local_addr().map_err(failed)?;
        let shared = Arc::new(Shared { answer, cors, stopped: AtomicBool::new(false), seen: Mutex::default() });
        let listener = thread::spawn({
            let shared = Arc::clone(&shared);
            move || listen(&socket, &shared)
        });
        Ok(Server { address, shared, listener: Some(listener) })
    }

    /// Its address, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far, oldest first, preflights among them.
    pub fn seen(&self) -> Vec<Asked> {
        self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // A connection of our own wakes the listener.
        let _ = TcpStream::connect(self.address);
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

fn listen(socket: &TcpListener, shared: &Arc<Shared>) {
    for stream in socket.incoming() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(mut stream) = stream else { continue };
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            let Some(asked) = read(&stream) else { return };
            shared.seen.lock().unwrap_or_else(PoisonError::into_inner).push(asked.clone());
            let is_preflight = shared.cors && asked.method == "OPTIONS";
            let reply = if is_preflight { Reply::status(204) } else { (shared.answer)(&asked) };
            let reply = if shared.cors { reply.with_cors() } else { reply };
            // A browser that has had enough closes first.
            let _ = reply.send(&mut stream);
        });
    }
}

/// One request; none when the other side says nothing.
fn read(stream: &TcpStream) -> Option<Asked> {
    stream.set_read_timeout(Some(IDLE)).ok()?;
    let mut from = BufReader::new(stream);
    let mut line = || {
        let mut text = String::new();
        (from.read_line(&mut text).ok()? > 0).then(|| text.trim_end().to_owned())
    };
    let first = line()?;
    let mut words = first.split(' ');
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let line = line()?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut asked = Asked { method, target, headers, body: String::new() };
    let length = asked.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    from.take(length.min(BODY_LIMIT)).read_to_string(&mut asked.body).ok()?;
    Some(asked)
}
