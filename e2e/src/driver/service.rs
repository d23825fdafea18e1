//! The chromedriver program.

use crate::Result;
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use xtask::tool;

/// A running chromedriver, stopped when dropped.
pub(super) struct Service {
    program: Child,
    port: u16,
    // A program that writes to a closed pipe is killed.
    _output: BufReader<ChildStdout>,
}

impl Service {
    /// Starts one on a port of its own choice.
    pub(super) fn start() -> Result<Service> {
        let path = tool::chromedriver().ok_or("no chromedriver on PATH, nor in CHROMEDRIVER")?;
        let mut command = Command::new(&path);
        command.arg("--port=0").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut program = command.spawn().map_err(|cause| format!("{}: {cause}", path.display()))?;
        let mut output = BufReader::new(program.stdout.take().ok_or("no output of chromedriver")?);
        match port(&mut output) {
            Some(port) => Ok(Service { program, port, _output: output }),
            None => {
                stop(&mut program);
                Err(format!("{} named no port", path.display()))
            }
        }
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        stop(&mut self.program);
    }
}

/// `ChromeDriver was started successfully on port 38457.`
fn port(output: &mut impl BufRead) -> Option<u16> {
    let mut ports = output.lines().map_while(std::result::Result::ok).filter_map(|line| {
        let (_, rest) = line.split_once("started successfully on port ")?;
        rest.trim_end_matches('.').parse().ok()
    });
    ports.next()
}

fn stop(program: &mut Child) {
    // It may be gone already.
    let _ = program.kill();
    let _ = program.wait();
}
