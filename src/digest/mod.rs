//! SHA-256 that keeps up with `sha256sum` in a browser: [`Sha256`] for one stream, [`Bundle`] for up to four at once.
//! What else manifests use goes one stream at a time: [`hasher`].
//!
//! One stream is a chain, each block waiting for the one before (410 MB/s in wasm). Four streams in the lanes of one
//! 128-bit register make 890 MB/s: whoever has several files, members or tensors to hash uses a bundle.
//!
//! How the bytes come decides the rest. Chromium 156, two cores, multiples of `sha256sum`'s speed for one 2 GiB file |
//! eight of 256 MiB:
//! - `blob.stream()` with a "byob" reader in the hashing worker, 1 MiB a read: 1.11 | 2.46 with two workers (1.8 with
//!   one, 1.4 with two and no bundles). The browser fills the pipe while wasm hashes, and one buffer is used for ever.
//!   Chromium forgets a stream that only its own pending read refers to: the reader must be held by something alive. A
//!   read that is served at once does not yield: a macrotask every 16 ms lets "cancel" in (60 ms instead of 700).
//! - the same with the default reader, a new buffer for each chunk: 0.93 | 1.86.
//! - `FileReaderSync`, 8 MiB a read: 0.83 | 1.75. Each read opens a pipe, so 1 MiB reads make 1.1 of the 1.75. A second
//!   worker that only reads: 1.09 for the one file, at the price of a core.

mod algorithm;
mod bundle;
mod hasher;
mod sha256;
mod stream;
mod text;
mod value;

pub use algorithm::Algorithm;
pub use bundle::{Bundle, Lane};
pub use hasher::{Hasher, hasher};
pub use sha256::Sha256;
pub use text::{from_base64, from_hexadecimal, hexadecimal, to_base64};
pub use value::{Digest, NotADigest};
