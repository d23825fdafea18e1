//! A server that was started: asked until it answers, and stopped when it is dropped.

use crate::process::{Result, shown};
use std::fs::File;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
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

    /// Starts the server there and waits until it answers `path` with 200.
    pub(super) fn launch(self, name: &'static str, command: &mut Command, path: &str) -> Result<Running> {
        let log = |cause: std::io::Error| format!("{}: {cause}", self.state.display());
        let out = File::create(self.state.join("server.log")).map_err(log)?;
        let err = out.try_clone().map_err(log)?;
        let server = command.current_dir(&self.state).stdin(Stdio::null()).stdout(out).stderr(err).spawn();
        let server = server.map_err(|cause| format!("{}: {cause}", shown(command)))?;
        let mut running = Running { server, berth: self };
        running.wait_for(name, path)?;
        Ok(running)
    }
}

/// A running server.
pub(super) struct Running {
    server: Child,
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

    fn wait_for(&mut self, name: &str, path: &str) -> Result {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if is_healthy(self.berth.port, path) {
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
        // It may have stopped by itself.
        let _ = self.server.kill();
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

fn is_healthy(port: u16, path: &str) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        // The first answer of a server may make its tables first.
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes())?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        Ok(head.ends_with(b"200"))
    };
    ask().unwrap_or(false)
}
