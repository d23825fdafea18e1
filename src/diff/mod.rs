//! What differs between two checkpoints: metrics, configuration, structure, weights.
//!
//! [`compare`] does the first three from what is already known of the files. Weights need the tensors' bytes: a task
//! reads them, and what it finds fills the [`WeightRow`]s of [`Comparison::weights`].

mod adapter;
mod align;
mod config;
mod history;
mod list;
mod metrics;
mod modules;
mod moments;
mod movement;
mod neighbours;
mod pair;
mod patch;
mod sheet;
mod structure;
#[cfg(test)]
mod testing;
mod weights;

use serde::{Deserialize, Serialize};

pub use adapter::{Adapter, AdapterPart, Factors, Scaling, Shape, UpdateRow, UpdateSide};
pub use align::{Alignment, Match, Rename, Rule, Slice, align, closest_names};
pub use config::{ConfigChange, ConfigRow, compare_configs};
pub use history::HistoryRow;
pub use metrics::{MetricRow, MetricVerdict, MetricsVerdict, Tolerance, compare_metrics, judge_metrics};
pub use modules::{ModuleTotals, Totals, compare_modules};
pub use moments::{Moment, MomentRow, moments, pair_moments};
pub use movement::Movement;
pub use neighbours::{Neighbours, compare_neighbours};
pub use pair::{Side, compare, patch_of_configs};
pub use patch::config_patch;
pub use sheet::{Changes, RunSheet, SheetMetric, SheetRow};
pub use structure::{Form, StructureChange, StructureRow, compare_structures, rename_by_content};
pub use weights::{
    Depth, EqualBy, Lane, ModuleRow, NOT_PROVED, STOPPED, SortBy, WeightRow, WeightSide, depth, findings,
    in_module_order, in_order, module_of, outer_of, roll_up, roll_up_by, sentence,
};

use crate::model::Finding;
use weights::sentence_of;

/// Two checkpoints side by side; the report's `comparison`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Comparison {
    /// Path of the first checkpoint: the reference.
    pub a: String,
    /// Path of the second.
    pub b: String,
    /// One row a metric that either has, equal ones included, in natural order of names.
    pub metrics: Vec<MetricRow>,
    /// Whether b passes, within the tolerance; `null` without metrics.
    pub verdict: Option<MetricsVerdict>,
    /// The metrics that the files tell along the way, aligned by step; empty when they tell none.
    #[serde(default)]
    pub history: Vec<HistoryRow>,
    /// Only what differs, in natural order of keys; `null` when a side has no configuration.
    pub config: Option<Vec<ConfigRow>>,
    /// Only what differs, in natural order of names; `null` when a side lists no tensors.
    pub structure: Option<Vec<StructureRow>>,
    /// What the modules of the model add up to, equal ones included; `null` when a side lists no tensors.
    pub modules: Option<Vec<ModuleTotals>>,
    /// One row a tensor that both have; `null` when no bytes were compared.
    pub weights: Option<Vec<WeightRow>>,
    /// What two adapters of low rank add to the weights; `null` when no side has one, or no bytes were compared.
    #[serde(default)]
    pub lora: Option<AdapterPart>,
    /// One row a tensor of the optimizer that both have; `null` when that was not asked for.
    #[serde(default)]
    pub optimizer: Option<Vec<MomentRow>>,
    /// What could not be compared, and why; also among the report's own findings.
    pub findings: Vec<Finding>,
}

impl Comparison {
    /// What the values of the tensors come to, in a sentence; `None` when they were not compared.
    pub fn weights_sentence(&self) -> Option<String> {
        self.weights.as_ref().map(|rows| sentence_of(rows, &self.findings))
    }
}
