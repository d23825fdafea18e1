//! Python in an environment of its own, with the packages that are measured.

use crate::folder;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use xtask::process::{Result, capture, root, run_quietly, say, shown, with_args};

// The newest of each: the comparison should be with what people get today.
const PACKAGES: [&str; 6] = ["netron", "numpy", "ml_dtypes", "safetensors", "huggingface_hub", "remotezip"];

/// Runs one of the scripts in `bench/python` and answers with the JSON it prints.
pub fn run(script: &str, args: &[&str]) -> Result<Value> {
    let mut command = interpreter()?;
    command.arg(root().join("bench").join("python").join(script)).args(args);
    let output = command.stdin(Stdio::null()).output().map_err(|cause| format!("{}: {cause}", shown(&command)))?;
    let error = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        return Err(format!("{} failed ({})\n{}", shown(&command), output.status, error.trim_end()));
    }
    serde_json::from_slice(&output.stdout).map_err(|cause| format!("{script} did not answer in JSON: {cause}"))
}

/// Runs a script that prints `seconds` and `count`; answers with the seconds once the count is right.
pub fn seconds(script: &str, path: &str, count: u64) -> Result<f64> {
    let said = run(script, &[path])?;
    match (said["seconds"].as_f64(), said["count"].as_u64()) {
        (Some(seconds), Some(found)) if found == count => Ok(seconds),
        _ => Err(format!("{script} said {said} and not {count} as the count")),
    }
}

/// The environment's interpreter, after making the environment if it is not there.
pub fn interpreter() -> Result<Command> {
    let home = folder("bench-venv");
    let (python, done) = (home.join("bin").join("python"), home.join("packages.txt"));
    let wanted = PACKAGES.join("\n");
    if fs::read_to_string(&done).is_ok_and(|had| had == wanted) {
        return Ok(command(&python));
    }
    say("rivals", &format!("installing {} with pip", PACKAGES.join(", ")));
    let without_venv = |why| format!("{why}\nThe rivals need Python with venv and pip: apt-get install python3-venv");
    run_quietly(with_args("python3", ["-m", "venv"]).arg(&home)).map_err(without_venv)?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--upgrade"];
    run_quietly(command(&python).args(pip).args(PACKAGES))?;
    fs::write(&done, wanted).map_err(|cause| format!("{}: {cause}", done.display()))?;
    Ok(command(&python))
}

/// The installed packages and their versions.
pub fn versions() -> Vec<String> {
    const SCRIPT: &str = "import sys, importlib.metadata as m\nfor n in sys.argv[1:]: print(n, m.version(n))";
    let Ok(mut python) = interpreter() else { return Vec::new() };
    let said = capture(python.args(["-c", SCRIPT]).args(PACKAGES)).unwrap_or_default();
    said.lines().map(str::to_owned).collect()
}

fn command(python: &PathBuf) -> Command {
    let mut command = Command::new(python);
    // A user's own packages must not stand in for those installed here.
    command.current_dir(root()).env("PYTHONNOUSERSITE", "1").env_remove("PYTHONPATH");
    command
}
