//! The program that drives the browser.

use super::Browser;
use crate::Result;
use std::io::{self, BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;

/// A running chromedriver or geckodriver, stopped when dropped.
pub(super) struct Service {
    program: Child,
    port: u16,
}

impl Service {
    /// Starts one on a port of its own choice.
    pub(super) fn start(browser: Browser) -> Result<Service> {
        let (path, arguments) = browser.driver();
        let path = path.ok_or_else(|| format!("nothing on PATH drives {}", browser.name()))?;
        let mut command = Command::new(&path);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut program = command.spawn().map_err(|cause| format!("{}: {cause}", path.display()))?;
        let output = program.stdout.take().ok_or("no output of the driver")?;
        let mut output = BufReader::new(output);
        let Some(port) = port(&mut output) else {
            stop(&mut program);
            return Err(format!("{} named no port", path.display()));
        };
        // A program that writes into a full pipe waits, and one that writes into a closed pipe is killed.
        thread::spawn(move || io::copy(&mut output, &mut io::sink()));
        Ok(Service { program, port })
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

/// `ChromeDriver was started successfully on port 38457.`, `geckodriver INFO Listening on 127.0.0.1:38457`.
fn port(output: &mut impl BufRead) -> Option<u16> {
    let mut ports = output.lines().map_while(std::result::Result::ok).filter_map(|line| {
        let (_, rest) =
            line.split_once("successfully on port ").or_else(|| line.split_once("Listening on 127.0.0.1:"))?;
        rest.trim_end_matches('.').parse().ok()
    });
    ports.next()
}

fn stop(program: &mut Child) {
    // It may be gone already.
    let _ = program.kill();
    let _ = program.wait();
}
