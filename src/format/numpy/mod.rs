//! What `.npy` files and the members of `.npz` files have in common: the header.

mod descr;
mod header;
mod literal;

pub(super) use header::{BFLOAT16, Header, MAGIC, pending};
