//! Node and the packages of package.json.

use super::debian::apt_get;
use super::{Look, Tool};
use crate::process::{Result, capture, find, root, run_quietly, with_args};
use std::fs;
use std::path::PathBuf;

/// The runtime of wasm-opt.
pub const NODE: Tool = Tool {
    name: "node, npm",
    purpose: "building the site (wasm-opt), tests of accessibility",
    look: || match (capture(&mut with_args("node", ["--version"])), find("npm")) {
        (Some(version), Some(npm)) => Look::Found(format!("{version}, {}", npm.display())),
        (Some(_), None) => Look::missing("npm is not on PATH"),
        _ => Look::missing("not on PATH"),
    },
    get: || apt_get(&["nodejs", "npm"]),
    how: "apt-get install nodejs npm, or the installer of nodejs.org",
};

/// The packages of package.json: wasm-opt above all, since a distribution's own is too old for today's Rust.
pub const PACKAGES: Tool = Tool {
    name: "npm packages",
    purpose: "building the site (wasm-opt), tests of accessibility",
    look: || match (fs::read(lock()), fs::read(installed())) {
        (Ok(wanted), Ok(done)) if wanted == done => Look::Found("node_modules, as in package-lock.json".into()),
        (Ok(_), Ok(_)) => Look::missing("node_modules is not what package-lock.json says"),
        _ => Look::missing("node_modules is not there"),
    },
    get: || {
        run_quietly(&mut with_args("npm", ["ci", "--no-audit", "--no-fund"]))?;
        copy_lock()
    },
    how: "npm ci",
};

fn lock() -> PathBuf {
    root().join("package-lock.json")
}

/// A copy of the lock file that node_modules was made from.
fn installed() -> PathBuf {
    root().join("node_modules").join(".weighbridge-lock.json")
}

fn copy_lock() -> Result {
    fs::copy(lock(), installed()).map(|_| ()).map_err(|cause| format!("{}: {cause}", installed().display()))
}
