//! Runs and checkpoints: what a layout makes of a tree.

use serde::{Deserialize, Serialize};

/// Number of an opened source, made by the page, never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SourceId(pub u32);

/// How a source came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum SourceKind {
    /// One dropped or picked file.
    File,
    /// A dropped or picked folder.
    Folder,
    /// A URL the user named.
    Url,
    /// A checkpoint of a registry.
    Registry,
}

/// One recognised run: the checkpoints of one folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Folder that holds the checkpoints; empty for a lone file.
    pub path: String,
    /// Id of the layout.
    pub layout: String,
    /// Why this layout, for people.
    pub evidence: String,
    /// Best and last pointers, found or derived.
    pub markers: Vec<Marker>,
    /// In order of step, epoch, then natural order of names.
    pub checkpoints: Vec<Checkpoint>,
    /// Metrics whose direction the layout knows.
    pub directions: Vec<(String, Direction)>,
    /// The name of the metric the run is judged by, when the layout knows it.
    pub best_metric: Option<String>,
    /// How the writer picks best and what it keeps, in a sentence.
    pub rule: Option<String>,
    /// Files of the run that belong to no checkpoint.
    pub files: Vec<Member>,
    /// What the layout found wrong; `file` is set.
    pub findings: Vec<crate::model::Finding>,
}

/// Is lower better?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Direction {
    /// Lower is better.
    Lower,
    /// Higher is better.
    Higher,
    /// Not known.
    Unknown,
}

/// A best or last pointer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Marker {
    /// Best or last.
    pub kind: MarkerKind,
    /// The file that says so; `None` when it was derived from steps or metrics.
    pub file: Option<String>,
    /// What it says, verbatim; for a derived one the rule.
    pub says: String,
    /// Name of the checkpoint it resolves to here; `None` if it dangles.
    pub checkpoint: Option<String>,
    /// Does it name what the metrics (or steps) say? `None` if not decidable.
    pub agrees: Option<bool>,
}

/// What a pointer points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum MarkerKind {
    /// The best checkpoint.
    Best,
    /// The newest checkpoint.
    Last,
}

/// One checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Last part of its path.
    pub name: String,
    /// Folder or file.
    pub path: String,
    /// Optimizer step, when known.
    pub step: Option<u64>,
    /// Epoch, when known; some writers count in fractions.
    pub epoch: Option<f64>,
    /// Metrics in file order.
    pub metrics: Vec<(String, f64)>,
    /// Where the metrics were read: a path, for people.
    pub metrics_from: Option<String>,
    /// Its files, in natural order of paths.
    pub files: Vec<Member>,
    /// Can training go on from it?
    pub resume: Resume,
    /// Paths of documents that hold its configuration, most specific first.
    pub config: Vec<String>,
}

/// One file of a checkpoint or run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Path of the entry.
    pub path: String,
    /// Its main role.
    pub role: Role,
}

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Role {
    /// Model weights.
    Model,
    /// Optimizer state.
    Optimizer,
    /// Structure of the optimizer state.
    OptimizerMeta,
    /// Scheduler state.
    Scheduler,
    /// Random generator state.
    Rng,
    /// Configuration.
    Config,
    /// Metrics.
    Metrics,
    /// Names and shapes of the model.
    Structure,
    /// Checksums or a shard index.
    Manifest,
    /// Best or last pointer.
    Marker,
    /// Description of the machine and the packages.
    Environment,
    /// Tokenizer.
    Tokenizer,
    /// Extra data of the writer.
    Extra,
    /// Anything else.
    Other,
}

/// Whether training can go on from a checkpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Resume {
    /// Nothing is missing.
    pub ready: bool,
    /// What is missing: `model`, `optimizer`, `scheduler`, `rng`, `step`, `config`.
    pub missing: Vec<String>,
    /// Each of the six, whether or not the writer keeps it: where it was found, or why it was not.
    pub details: Vec<ResumePart>,
}

/// One thing that training can need to go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ResumePart {
    /// `model`, `optimizer`, `scheduler`, `rng`, `step` or `config`.
    pub what: String,
    /// Is it there?
    pub state: ResumeState,
    /// Where, or why not, for people.
    pub reason: String,
}

/// Whether something is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ResumeState {
    /// It is there.
    Present,
    /// It is not.
    Absent,
    /// What holds it, or may hold it, could not be read.
    Unreadable,
}

/// What [`Resume`] comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResumeVerdict {
    /// Everything is there.
    Yes,
    /// The weights are there; what is missing starts afresh.
    NotExactly,
    /// There are no weights to go on from.
    No,
    /// Not known: what would tell was not read.
    Unknown,
}

impl Resume {
    /// What it comes to.
    pub fn verdict(&self) -> ResumeVerdict {
        let model = self.details.iter().find(|part| part.what == "model").map(|part| part.state);
        match self.missing.as_slice() {
            _ if self.ready => ResumeVerdict::Yes,
            missing if missing.iter().any(|what| what == "model") => ResumeVerdict::No,
            _ if model == Some(ResumeState::Unreadable) => ResumeVerdict::Unknown,
            [] => ResumeVerdict::Unknown,
            _ => ResumeVerdict::NotExactly,
        }
    }

    /// Ready exactly when all of the `needed` parts are there.
    pub fn of(details: Vec<ResumePart>, needed: &[&str]) -> Self {
        let needed = || details.iter().filter(|part| needed.contains(&part.what.as_str()));
        let missing = needed().filter(|part| part.state == ResumeState::Absent).map(|part| part.what.clone()).collect();
        Self { ready: needed().all(|part| part.state == ResumeState::Present), missing, details }
    }
}

#[cfg(test)]
mod tests {
    use super::{Resume, ResumePart, ResumeState, ResumeVerdict};

    #[test]
    fn weights_decide_whether_there_is_anything_to_go_on_from() {
        use ResumeState::{Absent, Present, Unreadable};
        use ResumeVerdict::{No, NotExactly, Unknown, Yes};
        let verdict = |model, rng| {
            let part = |what: &str, state| ResumePart { what: what.to_owned(), state, reason: String::new() };
            Resume::of(vec![part("model", model), part("rng", rng)], &["model", "rng"]).verdict()
        };
        let rows = [(Present, Yes, NotExactly), (Absent, No, No), (Unreadable, Unknown, Unknown)];
        for (model, with_rng, without) in rows {
            assert_eq!((verdict(model, Present), verdict(model, Absent)), (with_rng, without), "{model:?}");
        }
        assert_eq!(verdict(Present, Unreadable), Unknown);
    }
}
