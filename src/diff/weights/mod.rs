//! How far the values of two checkpoints are from each other: a row a tensor, a row a module, and a sentence.

mod depth;
mod module;
mod order;
mod row;
mod sentence;

pub use depth::{Depth, Lane, depth};
pub(super) use module::total;
pub use module::{ModuleRow, module_of, outer_of, roll_up, roll_up_by};
pub use order::{SortBy, in_module_order, in_order};
pub use row::{EqualBy, WeightRow, WeightSide};
pub(super) use sentence::sentence_of;
pub use sentence::{NOT_PROVED, STOPPED, findings, sentence};
