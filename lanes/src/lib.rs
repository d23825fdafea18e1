//! The loops that go over every byte: SHA-256 of four streams at once, sums, counts and bins of numbers.
//!
//! They are a crate of their own to be compiled for speed, while the rest of the worker is compiled for size. They know
//! nothing of formats: slices in, numbers out.

pub mod bins;
pub mod columns;
pub mod difference;
pub mod glance;
pub mod halves;
pub mod pair;
pub mod patterns;
pub mod quad;
pub mod same;
pub mod sha256;
pub mod word;
