//! Which checkpoints to keep and which could go, with a reason for each. A plan changes nothing.

mod plan;
mod rank;

use serde::{Deserialize, Serialize};

pub use plan::plan;

use crate::model::{Direction, Run};

/// What to keep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Policy {
    /// This many of the newest.
    pub keep_last: u64,
    /// This many of the best by `metric`.
    pub keep_best: u64,
    /// What best means; without it none is best.
    pub metric: Option<String>,
    /// Which end of the metric is best.
    pub mode: Mode,
}

/// Which end of a metric is best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Mode {
    /// The lowest.
    Min,
    /// The highest.
    Max,
}

impl Policy {
    /// The last three and the best of `run`, by the metric the run is judged by, else by the first whose direction is
    /// known.
    pub fn suggested(run: &Run, direction: impl Fn(&str) -> Direction) -> Self {
        let names = run.checkpoints.iter().flat_map(|checkpoint| &checkpoint.metrics).map(|(name, _)| name);
        let known = || names.clone().find(|name| direction(name) != Direction::Unknown);
        let metric = run.best_metric.as_ref().or_else(known).cloned();
        let mode = match metric.as_deref().map(&direction) {
            Some(Direction::Higher) => Mode::Max,
            _ => Mode::Min,
        };
        Self { keep_last: 3, keep_best: 1, metric, mode }
    }
}

/// What a policy means for a run; the report's `retention`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Plan {
    /// What was asked for.
    pub policy: Policy,
    /// Checkpoints to keep, in natural order of paths.
    pub keep: Vec<Choice>,
    /// Checkpoints that could go, in natural order of paths.
    pub drop: Vec<Choice>,
    /// Bytes of all files of the checkpoints that stay.
    pub bytes_kept: u64,
    /// Bytes of the files that only dropped checkpoints use.
    pub bytes_freed: u64,
    /// Where the plan is not what the policy says word for word, and why.
    pub notes: Vec<String>,
}

/// One checkpoint of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Choice {
    /// Its path.
    pub path: String,
    /// Why it is kept, or why it is not: `best 1`, `rank 5 of 7 by loss`.
    pub reasons: Vec<String>,
}

#[cfg(test)]
mod tests;
