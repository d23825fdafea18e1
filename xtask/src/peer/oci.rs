//! An OCI registry: Debian's `docker-registry`, with a few made-up models; and one that wants tokens, with a service that
//! gives them.

use super::python::{home, scripts, shared};
use super::running::{Berth, Running};
use crate::process::{Result, find, run_quietly, with_args};
use crate::setup;
use crate::tool::REGISTRY;
use std::fmt::Write;
use std::path::Path;

/// A running OCI registry; it stops when dropped.
pub struct Oci(Running);

impl Oci {
    /// Installs what is missing, puts the models there anew, and waits until the registry answers; with `cors`, pages of
    /// other origins may read it.
    pub fn start(cors: bool) -> Result<Oci> {
        setup::ensure(&[&REGISTRY])?;
        let berth = Berth::new(&home("oci"))?;
        let text = configuration(&berth, &berth.state.join("store"), cors);
        let running = serve(berth, &text, 200)?;
        let mut seed = with_args("python3", [scripts("oci").join("seed.py")]);
        run_quietly(seed.arg(running.url()).env("PYTHONPATH", shared()))?;
        Ok(Oci(running))
    }

    /// Another registry with the same models, which shows them to who has a token of `tokens`; it sends those who have none
    /// to `realm` for one.
    pub fn guarded(&self, tokens: &Tokens, realm: &str, cors: bool) -> Result<Oci> {
        let berth = Berth::new(&home("oci"))?;
        let mut text = configuration(&berth, &self.0.state().join("store"), cors);
        let certificate = tokens.0.state().join("certificate.pem");
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "auth:\n  token:\n    realm: {realm}\n    service: {NAME}\n    issuer: {NAME}\n    rootcertbundle: {}\n",
            certificate.display()
        );
        serve(berth, &text, 401).map(Oci)
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.0.url()
    }

    pub(super) fn wait(&mut self) -> Result {
        self.0.wait()
    }
}

/// A service that gives tokens for registries; it stops when dropped.
pub struct Tokens(Running);

impl Tokens {
    /// Starts it: `tests/peers/oci/tokens.py` says who gets which.
    pub fn start() -> Result<Tokens> {
        let berth = Berth::new(&home("oci"))?;
        let mut command = with_args("python3", [scripts("oci").join("tokens.py")]);
        command.arg(berth.port.to_string());
        berth.launch("the token service", &mut command, "/asked", 200).map(Tokens)
    }

    /// Its address; tokens are had at `/token`, and `/asked` tells who asked for them.
    pub fn url(&self) -> String {
        self.0.url()
    }
}

/// What the token service calls itself.
const NAME: &str = "weighbridge-peer";

/// Starts a registry that answers a stranger with `status`.
fn serve(berth: Berth, configuration: &str, status: u16) -> Result<Running> {
    let program = find("docker-registry").ok_or("docker-registry is not on PATH")?;
    let config = berth.state.join("config.yml");
    std::fs::write(&config, configuration).map_err(|cause| format!("{}: {cause}", config.display()))?;
    let mut command = with_args(&program.to_string_lossy(), ["serve"]);
    berth.launch("docker-registry", command.arg(&config), "/v2/", status)
}

fn configuration(berth: &Berth, store: &Path, cors: bool) -> String {
    let mut text = format!(
        "version: 0.1\nlog:\n  level: warn\n  accesslog:\n    disabled: true\nstorage:\n  filesystem:\n    rootdirectory: {}\nhttp:\n  addr: 127.0.0.1:{}\n",
        store.display(),
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
