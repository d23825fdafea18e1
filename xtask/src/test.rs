//! `cargo xtask test`.

use crate::process::Result;

/// The command.
pub fn command(_args: &[String]) -> Result {
    Err("not built yet".into())
}
