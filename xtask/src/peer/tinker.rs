//! A Tinker server: SkyRL's API from PyPI, with a few made-up runs and without its training engine. About 100 MB of
//! packages the first time, into `target/peers/skyrl`. The official client, to compare ours with, goes into
//! `target/peers/tinker`.

use super::python::{home, installed, scripts, shared};
use super::running::{Berth, Running};
use crate::process::{Result, run_quietly};
use std::path::PathBuf;
use std::process::Command;

/// A running Tinker server; it stops when dropped.
pub struct Peer(Running);

impl Peer {
    /// Installs what is missing, makes the runs anew, and waits until the server answers; with `cors`, pages of other
    /// origins may read it.
    pub fn start(cors: bool) -> Result<Peer> {
        let python = installed("skyrl", &["skyrl==0.3.0"])?;
        let berth = Berth::new(&home("skyrl"))?;
        let run = |script: &str| {
            let mut command = Command::new(&python);
            command.arg(scripts("skyrl").join(script)).current_dir(&berth.state);
            command.env("HF_HUB_OFFLINE", "1").env("PYTHONPATH", shared());
            command
        };
        run_quietly(&mut run("seed.py"))?;
        let mut command = run("serve.py");
        let database = format!("sqlite:///{}", berth.state.join("peer.db").display());
        let never = ["--session-timeout-sec", "-1", "--session-cleanup-interval-sec", "-1"];
        command.args(["--base-model", "weighbridge/tiny-qwen3", "--database-url", &database, "--backend-config", "{}"]);
        command
            .args(["--port", &berth.port.to_string(), "--checkpoints-base"])
            .arg(berth.state.join("ckpts"))
            .args(never);
        command.env("PEER_CORS", if cors { "1" } else { "0" });
        berth.launch("SkyRL", &mut command, "/api/v1/healthz", 200).map(Peer)
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.0.url()
    }

    pub(super) fn wait(&mut self) -> Result {
        self.0.wait()
    }
}

/// A Python that has the official client.
pub fn official_client() -> Result<PathBuf> {
    installed("tinker", &[])
}
