//! How far the values of two checkpoints are from each other: a row a tensor, a row a module, and a sentence.

mod module;
mod order;
mod row;
mod sentence;

pub(super) use module::total;
pub use module::{ModuleRow, module_of, roll_up};
pub use order::{SortBy, in_order};
pub use row::{WeightRow, WeightSide};
pub use sentence::{NOT_PROVED, findings, sentence};
