//! Waiting for something to become true, with a deadline instead of a fixed pause.

use crate::Result;
use std::thread;
use std::time::{Duration, Instant};

/// Two slow cores, debug builds included: longer than anything takes, shorter than anyone's patience.
pub const PATIENCE: Duration = Duration::from_secs(20);
// Often enough not to be felt, seldom enough not to slow the page down.
const PAUSE: Duration = Duration::from_millis(15);

/// Asks until there is an answer. `what` completes "waited for …" when there is none in time.
pub fn until<T>(what: &str, ask: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    until_within(PATIENCE, what, ask)
}

/// As [`until`], with another deadline.
pub fn until_within<T>(patience: Duration, what: &str, mut ask: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        if start.elapsed() > patience {
            return Err(format!("waited {} s for {what}", patience.as_secs()));
        }
        thread::sleep(PAUSE);
    }
}
