//! Adapters of low rank: which tensors are the two matrices of a module, what their product is multiplied with, and what came of
//! comparing the products.

mod factors;
mod pattern;
mod row;
mod scale;

pub use factors::{Adapter, Factors, Shape};
pub use row::{AdapterPart, UpdateRow, UpdateSide};
pub use scale::Scaling;
