//! A server that was started: asked until it answers, and stopped when it is dropped, or when this process ends, in
//! whatever way.

use super::python::shared;
use crate::process::{Result, shown, with_args};
use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

// On a slow machine Python alone takes ten seconds to import a server.
const PATIENCE: Duration = Duration::from_secs(180);

/// A place for a server that does not run yet.
pub(super) struct Berth {
    pub(super) port: u16,
    /// Its folder, empty, of its own, so that several can run at once; gone with the server.
    pub(super) state: PathBuf,
}

impl Berth {
    /// A free port, and a fresh folder in `home`.
    pub(super) fn new(home: &Path) -> Result<Berth> {
        let port = free_port().map_err(|cause| format!("no port is free: {cause}"))?;
        let state = home.join(format!("run-{port}"));
        let fresh = || -> std::io::Result<()> {
            if state.exists() {
                std::fs::remove_dir_all(&state)?;
            }
            std::fs::create_dir_all(&state)
        };
        fresh().map_err(|cause| format!("{}: {cause}", state.display()))?;
        Ok(Berth { port, state })
    }

    /// Starts the server there and waits until it answers `path` with `status`.
    pub(super) fn launch(self, name: &str, command: &mut Command, path: &str, status: u16) -> Result<Running> {
        let log = |cause: std::io::Error| format!("{}: {cause}", self.state.display());
        let out = File::create(self.state.join("server.log")).map_err(log)?;
        let err = out.try_clone().map_err(log)?;
        let mut watched = alongside(command);
        watched.current_dir(&self.state).stdin(Stdio::piped()).stdout(out).stderr(err);
        let mut server = watched.spawn().map_err(|cause| format!("{}: {cause}", shown(&watched)))?;
        let mut running = Running { hold: server.stdin.take(), server, berth: self };
        running.wait_for(name, path, status)?;
        Ok(running)
    }
}

/// The same command, as a process that ends when its standard input does.
fn alongside(command: &Command) -> Command {
    let mut watched = with_args("python3", [shared().join("alongside.py")]);
    watched.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => watched.env(name, value),
            None => watched.env_remove(name),
        };
    }
    watched
}

/// A running server.
pub(super) struct Running {
    server: Child,
    /// It ends with this, which the system closes when this process ends.
    hold: Option<ChildStdin>,
    berth: Berth,
}

impl Running {
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.berth.port)
    }

    pub(super) fn state(&self) -> &Path {
        &self.berth.state
    }

    /// Waits until it stops by itself.
    pub(super) fn wait(&mut self) -> Result {
        self.server.wait().map(|_| ()).map_err(|cause| cause.to_string())
    }

    fn wait_for(&mut self, name: &str, path: &str, status: u16) -> Result {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if answers(self.berth.port, path, status) {
                return Ok(());
            }
            if matches!(self.server.try_wait(), Ok(Some(_)) | Err(_)) {
                break;
            }
            thread::sleep(Duration::from_millis(200));
        }
        let log = std::fs::read_to_string(self.berth.state.join("server.log")).unwrap_or_default();
        let last: Vec<&str> = log.lines().rev().take(20).collect();
        Err(format!("{name} did not start:\n{}", last.into_iter().rev().collect::<Vec<_>>().join("\n")))
    }

    /// Ends it, and leaves its folder to whoever wants it.
    pub(super) fn stop(&mut self) {
        self.hold = None;
        // It may have stopped by itself.
        let _ = self.server.wait();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
        let _ = std::fs::remove_dir_all(&self.berth.state);
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn answers(port: u16, path: &str, status: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        // The first answer of a server may make its tables first.
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes())?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        Ok(head.ends_with(status.to_string().as_bytes()))
    };
    ask().unwrap_or(false)
}
