//! `sha256sum`, which every user has.

use std::path::Path;
use std::time::Instant;
use xtask::process::{Result, capture, with_args};

/// The seconds `sha256sum FILE` takes, and the digest.
pub fn sum(file: &Path) -> Result<(f64, String)> {
    let start = Instant::now();
    let said = capture(with_args("sha256sum", ["--"]).arg(file)).ok_or("sha256sum failed")?;
    let seconds = start.elapsed().as_secs_f64();
    let digest = said.split_whitespace().next().unwrap_or_default();
    // A name with a backslash puts one before the digest.
    Ok((seconds, digest.trim_start_matches('\\').to_owned()))
}

/// The seconds `unzip -p FILE | sha256sum` takes.
pub fn inflated(file: &Path) -> Result<f64> {
    let start = Instant::now();
    let mut command = with_args("sh", ["-c", "set -e; unzip -p \"$1\" | sha256sum", "sh"]);
    capture(command.arg(file)).ok_or("unzip -p | sha256sum failed; it needs the package unzip")?;
    Ok(start.elapsed().as_secs_f64())
}

/// The seconds `sha256sum -c SHA256SUMS` takes in a folder.
pub fn check(folder: &Path) -> Result<f64> {
    let start = Instant::now();
    let mut command = with_args("sha256sum", ["--check", "--quiet", "SHA256SUMS"]);
    capture(command.current_dir(folder)).ok_or("sha256sum --check failed")?;
    Ok(start.elapsed().as_secs_f64())
}
