//! A fresh browser for each figure, and what is asked of the page in it.

mod heap;
mod memory;
mod ours;
mod scroll;
mod stopwatch;
mod theirs;
mod usable;

pub use heap::{heap_bytes, worker_bytes};
pub use memory::tree_bytes;
pub use ours::Ours;
pub use scroll::scroll_through;
pub use theirs::Theirs;

use e2e::driver::{Driver, Options};
use xtask::process::Result;

/// Starts a browser that can reach this machine and no other: a rival may want to call home.
pub fn start() -> Result<Driver> {
    let flags = vec!["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1".to_owned()];
    Driver::start_with(&Options { flags, logs: false, ..Options::default() })
}

/// The number of elements in the document.
pub fn elements(driver: &Driver) -> Result<f64> {
    let count = driver.run("return document.getElementsByTagName('*').length", &[])?;
    count.as_f64().ok_or_else(|| format!("the number of elements is {count}"))
}
