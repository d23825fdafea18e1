//! The page, in Leptos. It renders [`crate::session`] and decides nothing.

mod client;
mod part;

pub use client::Client;
