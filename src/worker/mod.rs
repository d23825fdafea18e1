//! Runs jobs. [`scheduler`] is plain Rust, tested natively; `serve` ties it to the browser.

mod scheduler;
#[cfg(feature = "web")]
pub mod serve;

pub use scheduler::Scheduler;
