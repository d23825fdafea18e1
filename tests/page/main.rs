//! The page without a browser: a session whose commands are carried out by schedulers in this process, over real files.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::disallowed_methods,
    clippy::iter_over_hash_type,
    reason = "a test that panics is a test that fails"
)]

mod adapters;
mod bounds;
mod configuration;
mod history;
mod journeys;
mod known;
mod members;
mod metrics;
mod moments;
mod page;
mod run_sheet;
mod tensors;
mod uneven;
mod weights;
