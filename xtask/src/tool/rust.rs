//! Parts of the Rust toolchain.

use super::{Look, Tool};
use crate::process::{Result, capture, find, run, with_args};
use std::path::Path;

/// The standard library for the browser.
pub const WASM_TARGET: Tool = Tool {
    name: "wasm target",
    purpose: "building for the browser",
    look: || {
        let Some(sysroot) = capture(&mut with_args("rustc", ["--print", "sysroot"])) else {
            return Look::missing("rustc does not run");
        };
        let folder = Path::new(&sysroot).join("lib/rustlib/wasm32-unknown-unknown/lib");
        if folder.is_dir() { Look::Found(folder.display().to_string()) } else { Look::missing("not in the toolchain") }
    },
    get: || rustup(&["target", "add", "wasm32-unknown-unknown"]),
    how: "rustup target add wasm32-unknown-unknown",
};

/// rustfmt and clippy, which a minimal toolchain lacks.
pub const LINTS: Tool = Tool {
    name: "rustfmt, clippy",
    purpose: "checks",
    look: || {
        let version = |tool: &str| capture(&mut with_args("cargo", [tool, "--version"]));
        match (version("fmt"), version("clippy")) {
            (Some(fmt), Some(clippy)) => Look::Found(format!("{fmt}, {clippy}")),
            _ => Look::missing("not in the toolchain"),
        }
    },
    get: || rustup(&["component", "add", "rustfmt", "clippy"]),
    how: "rustup component add rustfmt clippy",
};

/// The nightly compiler, for the sanitizers of the fuzzers.
pub const NIGHTLY: Tool = Tool {
    name: "nightly Rust",
    purpose: "fuzzing",
    look: || match capture(&mut with_args("rustup", ["run", "nightly", "rustc", "--version"])) {
        Some(version) => Look::Found(version),
        None => Look::missing("no nightly toolchain"),
    },
    get: || rustup(&["toolchain", "install", "nightly", "--profile", "minimal"]),
    how: "rustup toolchain install nightly --profile minimal",
};

fn rustup(args: &[&str]) -> Result {
    if find("rustup").is_none() {
        return Err("this Rust was not installed by rustup, so it cannot be extended from here".into());
    }
    run(&mut with_args("rustup", args))
}
