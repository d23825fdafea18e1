//! The Tinker registry: training runs and their checkpoints. Contract: Tinker's Python SDK up to 0.39 and its open servers
//! (SkyRL, TuFT), which leave out or change about half of it; so answers are read tolerantly, and a missing endpoint is a
//! missing feature, not an error.

pub mod cleanup;
pub mod compatibility;
mod download;
mod feature;
mod model;
mod path;
mod server;

pub use download::{Download, Next, REDIRECTED, is_encrypted};
pub use feature::{Feature, Features};
pub use model::{
    Checkpoint, Listed, Run, SessionFacts, Weights, checkpoints, checkpoints_of, models, runs, sampler, session,
    sessions, whose,
};
pub(super) use path::escaped;
pub use path::{Kind, TinkerPath};
pub use server::Server;
