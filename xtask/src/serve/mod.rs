//! A small static server on this machine, for looking at the site, for the end-to-end tests and the benchmark.
//!
//! One thread a connection, plain `std`. It answers GET and HEAD, single ranges, conditional requests, and nothing
//! else, but for what it passes on to a registry. It sends no Content-Security-Policy: most static hosts do not either, and the page has to hold without.
//!
//! ```no_run
//! # fn main() -> std::io::Result<()> {
//! use xtask::serve::{Options, Server};
//! let server = Server::start(Options::new("dist"))?; // port 0: any free one
//! println!("{}", server.url());
//! # Ok(()) }
//! ```

mod command;
mod file;
mod mime;
mod range;
mod registry;
mod request;

pub use command::command;

use std::io::{self, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

// A browser keeps idle connections; a test should not wait for them.
const IDLE: Duration = Duration::from_secs(60);
// A test looks at what was asked; a long session in a browser must not fill memory with it.
const SEEN_LIMIT: usize = 10_000;

/// What to serve, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The folder of the site.
    pub root: PathBuf,
    /// The port; 0 takes any free one.
    pub port: u16,
    /// The path the site is under, such as `/some/where`; empty for the top.
    pub mount: String,
    /// More folders, each with its path, such as `("/fixtures", …)`.
    pub more: Vec<(String, PathBuf)>,
    /// Pretend not to know ranges, as some hosts do.
    pub no_range: bool,
    /// Let pages of other origins read the answers.
    pub cors: bool,
    /// The address of a registry that answers to its own paths here, `/api/v1/` of a Tinker server.
    pub registry: Option<String>,
}

impl Options {
    /// Serves a folder at the top, on any free port.
    pub fn new(root: impl Into<PathBuf>) -> Options {
        Options { root: root.into(), ..Options::default() }
    }

    /// Folders and the paths they are under, the most specific first.
    fn mounts(&self) -> Vec<(String, PathBuf)> {
        let trimmed = |mount: &str| match mount.trim_matches('/') {
            "" => String::new(),
            inner => format!("/{inner}"),
        };
        let mut mounts: Vec<_> = self.more.iter().map(|(mount, root)| (trimmed(mount), root.clone())).collect();
        mounts.push((trimmed(&self.mount), self.root.clone()));
        mounts.sort_by_key(|(mount, _)| std::cmp::Reverse(mount.len()));
        mounts
    }
}

/// One request the server has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// `GET` or `HEAD`, or what else was tried.
    pub method: String,
    /// The path as it was sent, with the query.
    pub path: String,
    /// The `Range` header, if there was one.
    pub range: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// The bytes of the answer's body.
    pub sent: u64,
}

impl Seen {
    fn of(request: &request::Request, status: u16, sent: u64) -> Seen {
        let (method, path, range) = (request.method.clone(), request.target.clone(), request.range.clone());
        Seen { method, path, range, status, sent }
    }
}

/// A running server; it stops when dropped.
pub struct Server {
    address: SocketAddr,
    mount: String,
    shared: Arc<Shared>,
    listener: Option<thread::JoinHandle<()>>,
}

struct Shared {
    mounts: Vec<(String, PathBuf)>,
    options: Options,
    stopped: AtomicBool,
    seen: Mutex<Vec<Seen>>,
    open: Mutex<Vec<TcpStream>>,
}

impl Server {
    /// Starts to listen on the loopback address.
    pub fn start(options: Options) -> io::Result<Server> {
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
        let address = socket.local_addr()?;
        let mounts = options.mounts();
        let mount = options.mount.trim_matches('/').to_owned();
        let (stopped, seen, open) = (AtomicBool::new(false), Mutex::default(), Mutex::default());
        let shared = Arc::new(Shared { mounts, options, stopped, seen, open });
        let listener = thread::spawn({
            let shared = Arc::clone(&shared);
            move || listen(&socket, &shared)
        });
        Ok(Server { address, mount, shared, listener: Some(listener) })
    }

    /// The site's address, ending in a slash.
    pub fn url(&self) -> String {
        let slash = if self.mount.is_empty() { "" } else { "/" };
        format!("http://{}{slash}{}/", self.address, self.mount)
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The requests answered so far, oldest first.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for ever, or until the listener fails.
    pub fn wait(mut self) {
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::SeqCst);
        // A connection of our own wakes the listener; closing the others makes "the server is gone" true at once.
        let _ = TcpStream::connect(self.address);
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
        for stream in self.shared.open.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

fn listen(socket: &TcpListener, shared: &Arc<Shared>) {
    for stream in socket.incoming() {
        if shared.stopped.load(Ordering::SeqCst) {
            return;
        }
        let Ok(stream) = stream else { continue };
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            // A browser that closes a connection early is no news.
            let _ = converse(&stream, &shared);
            let _ = stream.shutdown(std::net::Shutdown::Both);
            forget(&stream, &shared);
        });
    }
}

fn converse(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_read_timeout(Some(IDLE))?;
    stream.set_nodelay(true)?;
    shared.open.lock().unwrap_or_else(PoisonError::into_inner).push(stream.try_clone()?);
    let mut from = BufReader::new(stream.try_clone()?);
    while let Some(request) = request::read(&mut from)? {
        if let Some(base) = shared.options.registry.as_deref().filter(|_| request.is_api()) {
            let (status, sent) = registry::forward(base, &request, &mut from, &mut &*stream)?;
            note(shared, Seen::of(&request, status, sent));
            break;
        }
        let answer = file::answer(&request, &shared.mounts, &shared.options);
        let (status, sent) = (answer.status, if request.method == "HEAD" { 0 } else { answer.length });
        note(shared, Seen::of(&request, status, sent));
        answer.send(&request, &mut &*stream)?;
        if request.close || shared.stopped.load(Ordering::SeqCst) {
            break;
        }
    }
    Ok(())
}

fn note(shared: &Shared, seen: Seen) {
    let mut all = shared.seen.lock().unwrap_or_else(PoisonError::into_inner);
    if all.len() < SEEN_LIMIT {
        all.push(seen);
    }
}

fn forget(stream: &TcpStream, shared: &Shared) {
    let Ok(peer) = stream.peer_addr() else { return };
    let mut open = shared.open.lock().unwrap_or_else(PoisonError::into_inner);
    open.retain(|other| other.peer_addr().is_ok_and(|address| address != peer));
}
