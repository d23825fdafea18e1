//! Tensors, one by one and added up.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::{Tensor, TensorRole};

/// One tensor of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TensorRow<'a> {
    /// The file.
    pub file: &'a str,
    /// The file's own name for it.
    pub name: &'a str,
    /// What it is for.
    pub role: TensorRole,
    /// Element type in the safetensors spelling; one without keeps its format's own.
    pub dtype: &'a str,
    /// Lengths of the dimensions.
    pub shape: &'a [u64],
    /// Logical size.
    pub size_bytes: u64,
}

/// The tensors of a checkpoint, added up. Sums saturate, since shapes are claims.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TensorTotals<'a> {
    /// How many there are, of every role.
    pub count: u64,
    /// Elements of the model's tensors.
    pub parameters: u64,
    /// Logical size of all.
    pub size_bytes: u64,
    /// How many there are of each element type.
    pub by_dtype: BTreeMap<&'a str, u64>,
}

impl<'a> TensorTotals<'a> {
    /// The sums over `tensors`.
    pub fn of(tensors: impl IntoIterator<Item = &'a Tensor>) -> Self {
        let mut totals = Self::default();
        for tensor in tensors {
            totals.count = totals.count.saturating_add(1);
            totals.size_bytes = totals.size_bytes.saturating_add(tensor.size_bytes);
            if tensor.role == TensorRole::Model {
                totals.parameters = totals.parameters.saturating_add(tensor.elements());
            }
            let of_dtype = totals.by_dtype.entry(tensor.dtype.name()).or_default();
            *of_dtype = of_dtype.saturating_add(1);
        }
        totals
    }
}
