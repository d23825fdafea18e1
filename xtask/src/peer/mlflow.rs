//! MLflow's server from PyPI, with a few made-up models. About 300 MB of packages the first time, into
//! `target/peers/mlflow`; the models are made once, through the server, and copied for every start.

use super::python::{home, installed, scripts, shared};
use super::running::{Berth, Running};
use crate::build::hex;
use crate::process::{Result, run_quietly, with_args};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A running MLflow server; it stops when dropped.
pub struct Mlflow(Running);

impl Mlflow {
    /// Installs what is missing, and waits until the server answers. With `cors`, pages of this machine may read it,
    /// which is what MLflow allows by itself; without, no others' pages may.
    pub fn start(cors: bool) -> Result<Mlflow> {
        let python = installed("mlflow", &["mlflow==3.17.2", "mlflow-skinny==3.17.2", "mlflow-tracing==3.17.2"])?;
        let berth = Berth::new(&home("mlflow"))?;
        copy(&seeded(&python)?, &berth.state).map_err(|cause| format!("{}: {cause}", berth.state.display()))?;
        launch(&python, berth, cors).map(Mlflow)
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.0.url()
    }

    pub(super) fn wait(&mut self) -> Result {
        self.0.wait()
    }
}

fn launch(python: &Path, berth: Berth, cors: bool) -> Result<Running> {
    let mut command = Command::new(python);
    command.arg(scripts("mlflow").join("serve.py")).args(["--port", &berth.port.to_string()]);
    command.env("PEER_CORS", if cors { "1" } else { "0" });
    // Answers when the tables are there; `/health` does before.
    berth.launch("MLflow", &mut command, "/api/2.0/mlflow/registered-models/search?max_results=1", 200)
}

/// The folder of a server that has the models, made if it is not there.
fn seeded(python: &Path) -> Result<PathBuf> {
    let script = scripts("mlflow").join("seed.py");
    let mut all = Sha256::new();
    for path in [&script, &scripts("mlflow").join("serve.py"), &shared().join("adapters.py")] {
        all.update(std::fs::read(path).map_err(|cause| format!("{}: {cause}", path.display()))?);
    }
    let kept = home("mlflow").join(format!("seeded-{}", &hex(&all.finalize())[..16]));
    if kept.is_dir() {
        return Ok(kept);
    }
    let mut running = launch(python, Berth::new(&home("mlflow"))?, false)?;
    run_quietly(with_args("python3", [&script]).arg(running.url()).env("PYTHONPATH", shared()))?;
    running.stop();
    // Another process may have been faster: its folder is as good.
    if std::fs::rename(running.state(), &kept).is_err() && !kept.is_dir() {
        return Err(format!("{} could not be made", kept.display()));
    }
    Ok(kept)
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &place)?;
        } else {
            std::fs::copy(entry.path(), place)?;
        }
    }
    Ok(())
}
