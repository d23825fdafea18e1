//! The page, in Leptos. It renders [`crate::session`] and decides nothing.

mod client;

pub use client::Client;
