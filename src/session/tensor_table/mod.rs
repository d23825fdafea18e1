//! The table of tensors: filtered, sorted, or folded into modules. Built once per question, shown by row number.

mod filter;
mod rows;

pub use filter::Filter;
pub use rows::{Column, Row, SortBy, Table, TensorRef};
