//! What `.npy` files and the members of `.npz` files have in common: the header.

mod descr;
mod header;
mod literal;

pub(super) use descr::{Described, describe};
pub(super) use header::{BFLOAT16, Header, MAGIC, pending};
pub(super) use literal::Literal;
