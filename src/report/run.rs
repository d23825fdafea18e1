//! Runs and their checkpoints.

use serde::Serialize;

use super::{Epoch, Named, TensorTotals};
use crate::model::{MarkerKind, Real, Resume, Role};

/// One recognised run.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RunPart<'a> {
    /// Id of the source it is in.
    pub source: String,
    /// Folder that holds the checkpoints; empty for a lone file.
    pub path: &'a str,
    /// Id of the recognised layout; `unknown` if none.
    pub layout: &'a str,
    /// Why this layout.
    pub layout_evidence: &'a str,
    /// How the writer picks best and what it keeps, when the layout says so.
    pub rule: Option<&'a str>,
    /// The metric the run is judged by, when the layout knows it.
    pub best_metric: Option<&'a str>,
    /// Best and last pointers.
    pub markers: Vec<MarkerRow<'a>>,
    /// In order of step, epoch, then natural order of names.
    pub checkpoints: Vec<CheckpointPart<'a>>,
    /// Files of the run that belong to no checkpoint.
    pub files: Vec<FileRow<'a>>,
}

/// A best or last pointer.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MarkerRow<'a> {
    /// Best or last.
    pub kind: MarkerKind,
    /// The file that says so; `null` when it was derived from steps or metrics.
    pub file: Option<&'a str>,
    /// What it says, verbatim.
    pub says: &'a str,
    /// The checkpoint it resolves to here; `null` if it dangles.
    pub checkpoint: Option<&'a str>,
    /// Does it name what the metrics say? `null` if not decidable.
    pub agrees: Option<bool>,
}

/// One checkpoint.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CheckpointPart<'a> {
    /// Last part of its path.
    pub name: &'a str,
    /// Folder or file.
    pub path: &'a str,
    /// Optimizer step, when known.
    pub step: Option<u64>,
    /// Epoch, when known; some writers count in fractions.
    pub epoch: Option<Epoch>,
    /// Metrics in file order.
    pub metrics: Named<'a, Real>,
    /// The file the metrics were read from.
    pub metrics_from: Option<&'a str>,
    /// Bytes of all its files.
    pub size_bytes: u64,
    /// Its files, in natural order of paths.
    pub files: Vec<FileRow<'a>>,
    /// The tensors of all its files, added up.
    pub tensors: TensorTotals<'a>,
    /// Can training go on from it?
    pub resume: &'a Resume,
}

/// One file of a checkpoint or run.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileRow<'a> {
    /// Its path.
    pub path: &'a str,
    /// What it is mainly for.
    pub role: Role,
    /// Id of its format; `unknown` while it was not looked at.
    pub format: &'a str,
    /// Its size.
    pub size_bytes: u64,
    /// Its digest, once it was computed.
    pub sha256: Option<&'a str>,
}
