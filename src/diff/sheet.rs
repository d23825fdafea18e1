//! All checkpoints of a run on one sheet: a row each, with what changed since the one before.

use serde::Serialize;

use super::{ConfigRow, Movement, StructureRow};
use crate::limits;
use crate::model::{Direction, Real};

/// A run, checkpoint by checkpoint; the report's `run_sheet`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunSheet {
    /// Path of the run.
    pub path: String,
    /// What the checkpoints are ordered by: `step`, `epoch`, or `checkpoint` where only their order is known.
    pub along: String,
    /// The metrics that a checkpoint tells, the one the run is judged by first.
    pub metrics: Vec<SheetMetric>,
    /// One row a checkpoint, in order.
    pub rows: Vec<SheetRow>,
}

/// A metric of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SheetMetric {
    /// Its name.
    pub name: String,
    /// Is lower better?
    pub direction: Direction,
    /// Path of the first checkpoint where it is best; `null` when no direction is known, or no value is finite.
    pub best: Option<String>,
}

/// A checkpoint of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SheetRow {
    /// Its path.
    pub path: String,
    /// Its step.
    pub step: Option<u64>,
    /// Its epoch.
    pub epoch: Option<Real>,
    /// Its metrics, in the order of the sheet's.
    pub metrics: Vec<Option<Real>>,
    /// Path of the checkpoint before; `null` for the first.
    pub previous: Option<String>,
    /// What changed in the configuration since; `null` when one of both has none, or there was too much to compare unasked.
    pub config: Option<Changes<ConfigRow>>,
    /// What changed in names, types and shapes of tensors since; `null` likewise.
    pub structure: Option<Changes<StructureRow>>,
    /// How far the weights moved since; `null` when that was not asked for, or is not known yet.
    pub movement: Option<Movement>,
}

/// How much changed, and what.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Changes<Row> {
    /// How many places differ.
    pub count: u64,
    /// The first of them; a comparison of the two tells all.
    pub rows: Vec<Row>,
}

impl<Row> Changes<Row> {
    /// Of these rows, beside `more` that were not told.
    pub(super) fn new(mut rows: Vec<Row>, more: u64) -> Self {
        let count = (rows.len() as u64).saturating_add(more);
        rows.truncate(limits::SHEET_ROWS);
        Self { count, rows }
    }

    /// Those that are not among the rows.
    pub fn untold(&self) -> u64 {
        self.count.saturating_sub(self.rows.len() as u64)
    }
}
