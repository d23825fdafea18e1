//! An OCI registry: Debian's `docker-registry`, with a few made-up models.

use super::python::{home, scripts, shared};
use super::running::{Berth, Running};
use crate::process::{Result, find, run_quietly, with_args};
use crate::setup;
use crate::tool::REGISTRY;
use std::fmt::Write;

/// A running OCI registry; it stops when dropped.
pub struct Oci(Running);

impl Oci {
    /// Installs what is missing, puts the models there anew, and waits until the registry answers; with `cors`, pages of
    /// other origins may read it.
    pub fn start(cors: bool) -> Result<Oci> {
        setup::ensure(&[&REGISTRY])?;
        let program = find("docker-registry").ok_or("docker-registry is not on PATH")?;
        let berth = Berth::new(&home("oci"))?;
        let config = berth.state.join("config.yml");
        std::fs::write(&config, configuration(&berth, cors))
            .map_err(|cause| format!("{}: {cause}", config.display()))?;
        let mut command = with_args(&program.to_string_lossy(), ["serve"]);
        let running = berth.launch("docker-registry", command.arg(&config), "/v2/")?;
        let mut seed = with_args("python3", [scripts("oci").join("seed.py")]);
        run_quietly(seed.arg(running.url()).env("PYTHONPATH", shared()))?;
        Ok(Oci(running))
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.0.url()
    }

    pub(super) fn wait(&mut self) -> Result {
        self.0.wait()
    }
}

fn configuration(berth: &Berth, cors: bool) -> String {
    let mut text = format!(
        "version: 0.1\nlog:\n  level: warn\n  accesslog:\n    disabled: true\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: 127.0.0.1:{}\n",
        berth.state.join("store").display(),
        berth.port
    );
    if cors {
        text.push_str("  headers:\n");
        for (name, values) in
            [("Origin", "'*'"), ("Methods", "HEAD, GET, OPTIONS"), ("Headers", "Authorization, Accept")]
        {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "    Access-Control-Allow-{name}: [{values}]");
        }
        text.push_str(
            "    Access-Control-Expose-Headers: [Docker-Content-Digest, Link, WWW-Authenticate, Content-Range]\n",
        );
    }
    text
}
