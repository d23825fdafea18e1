//! How far the values of one tensor moved.

use serde::{Deserialize, Serialize};

use crate::model::Real;

/// One tensor that both checkpoints have, compared value by value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WeightRow {
    /// The tensor.
    pub name: String,
    /// Every bit is the same.
    pub equal: bool,
    /// Largest |b − a| over the finite positions; `null` when none was compared.
    pub max_abs: Option<Real>,
    /// ‖b − a‖₂ over the finite positions.
    pub l2: Option<Real>,
    /// ‖b − a‖₂ / ‖a‖₂; `null` when a is all zero.
    pub relative_l2: Option<Real>,
    /// Cosine of the angle between a and b; `null` when either is all zero.
    pub cosine: Option<Real>,
    /// Share of the elements whose bits differ.
    pub changed_fraction: Option<Real>,
}
