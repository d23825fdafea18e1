//! The peers that are Python: an environment each in `target/peers`, installed from PyPI the first time.

use crate::process::{Result, root, run_quietly, say, with_args};
use std::path::PathBuf;
use std::process::Command;

/// Whether there is a Python that can run them; if not, why.
pub fn python() -> Result {
    let version = "import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))";
    let why = "there is no Python 3.11 or newer with venv (on Debian: python3-venv)";
    run_quietly(&mut with_args("python3", ["-c", version])).map_err(|_| why.to_owned())
}

/// Where a peer's scripts are.
pub(super) fn scripts(name: &str) -> PathBuf {
    root().join("tests/peers").join(name)
}

/// What the scripts of several peers share.
pub(super) fn shared() -> PathBuf {
    root().join("tests/peers")
}

/// Where a peer is installed, and has its state.
pub(super) fn home(name: &str) -> PathBuf {
    root().join("target/peers").join(name)
}

/// The Python of an environment that has what `tests/peers/NAME/requirements.txt` asks for, and what `alone` names
/// without its dependencies.
pub(super) fn installed(name: &str, alone: &[&str]) -> Result<PathBuf> {
    python()?;
    let (home, list) = (home(name), scripts(name).join("requirements.txt"));
    let wanted = std::fs::read_to_string(&list).map_err(|cause| format!("{}: {cause}", list.display()))?;
    let (venv, done) = (home.join("venv"), home.join("venv/installed.txt"));
    let program = venv.join("bin/python");
    if std::fs::read_to_string(&done).is_ok_and(|found| found == wanted) {
        return Ok(program);
    }
    say("peer", &format!("installing {name} from PyPI"));
    std::fs::create_dir_all(&home).map_err(|cause| cause.to_string())?;
    run_quietly(with_args("python3", ["-m", "venv", "--clear"]).arg(&venv))?;
    let pip = || {
        let mut pip = Command::new(&program);
        pip.args(["-m", "pip", "install", "-q", "--disable-pip-version-check"]);
        pip
    };
    if !alone.is_empty() {
        run_quietly(pip().arg("--no-deps").args(alone))?;
    }
    run_quietly(pip().arg("-r").arg(&list))?;
    std::fs::write(&done, wanted).map_err(|cause| cause.to_string())?;
    Ok(program)
}
