//! Netron, served on this machine by its own Python package.

use super::python;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use xtask::process::{Result, capture};

// A cold interpreter on a slow disk.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running server; it stops when dropped.
pub struct Netron {
    child: Child,
    port: u16,
}

impl Netron {
    /// Starts it and waits until it answers.
    pub fn start() -> Result<Netron> {
        let port = free_port().map_err(|cause| format!("no free port for netron: {cause}"))?;
        let mut command = python::interpreter()?;
        command.args([
            "-c",
            "import netron; netron.main()",
            "--host",
            "localhost",
            "--verbosity",
            "quiet",
            "--port",
            &port.to_string(),
        ]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().map_err(|cause| format!("netron: {cause}"))?;
        let netron = Netron { child, port };
        let start = Instant::now();
        while TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).is_err() {
            if start.elapsed() > PATIENCE {
                return Err(format!("netron did not answer within {} s", PATIENCE.as_secs()));
            }
            thread::sleep(Duration::from_millis(100));
        }
        Ok(netron)
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://localhost:{}/", self.port)
    }

    /// Where its files are.
    pub fn folder() -> Result<PathBuf> {
        const SCRIPT: &str = "import netron; print(netron.__path__[0])";
        let said = capture(python::interpreter()?.args(["-c", SCRIPT])).ok_or("netron's folder could not be found")?;
        Ok(PathBuf::from(said))
    }
}

impl Drop for Netron {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> std::io::Result<u16> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr().map(|address| address.port())
}
