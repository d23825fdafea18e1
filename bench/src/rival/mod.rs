//! The tools we are measured against, and how each is started.

pub mod digest;
pub mod netron;
pub mod python;
