//! `cargo xtask bench`: measures against other tools.

use crate::process::Result;

/// The command.
pub fn command(_args: &[String]) -> Result {
    Err("not built yet".into())
}
