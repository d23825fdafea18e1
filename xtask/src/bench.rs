//! `cargo xtask bench`: measures against other tools.
//!
//! The benchmark is a program of its own, `bench/`, since what it is built from is not needed by any other command.

use crate::process::{Result, run, with_args};

/// The command.
pub fn command(args: &[String]) -> Result {
    run(with_args("cargo", ["run", "--quiet", "--package", "bench", "--"]).args(args))
}
