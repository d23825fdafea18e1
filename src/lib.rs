//! Weighbridge: opens machine-learning checkpoints without running them.
//!
//! Layers, each may use only what stands before it (checked by `tests/tidy.rs`):
//! `limits, error, model, digest, chart, words` ← `source` ← `archive, manifest, pickle` ← `format, safety` ← `layout` ←
//! `diff, retention` ← `report`, `tensor` ← `task`, `registry` ← `protocol` ← `session, worker` ← `web` ← `ui` ← the two binaries.

#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss,
        clippy::disallowed_methods,
        clippy::iter_over_hash_type,
        reason = "a test that panics is a test that fails"
    )
)]

pub mod archive;
pub mod chart;
pub mod diff;
pub mod digest;
pub mod error;
pub mod format;
pub mod layout;
pub mod limits;
pub mod manifest;
pub mod model;
pub mod pickle;
pub mod protocol;
pub mod registry;
pub mod report;
pub mod retention;
pub mod safety;
pub mod session;
pub mod source;
pub mod task;
pub mod tensor;
#[cfg(feature = "web")]
pub mod ui;
#[cfg(feature = "web")]
pub mod web;
pub mod words;
pub mod worker;
