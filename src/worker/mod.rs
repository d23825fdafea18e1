//! Runs jobs. The scheduler and the making of tasks are plain Rust, tested natively; `serve` ties them to the browser.

mod assemble;
mod scheduler;
#[cfg(feature = "web")]
pub mod serve;

pub use assemble::assemble;
pub use scheduler::Scheduler;
