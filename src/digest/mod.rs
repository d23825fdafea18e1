//! SHA-256, fast enough to keep up with `sha256sum` in a browser: [`Sha256`] for one stream, [`Bundle`] for up to four at
//! once.
//!
//! One stream is a chain in which every block waits for the one before; no number of lanes helps it. Four streams side
//! by side in the lanes of one 128-bit register give 2.1 times the throughput of four after another, so whoever has
//! several files, members or tensors to hash should use a bundle.

mod bundle;
mod lanes;
mod sha256;
mod stream;
mod value;
mod word;

pub use bundle::{Bundle, Lane};
pub use sha256::Sha256;
pub use value::{Digest, NotADigest};
