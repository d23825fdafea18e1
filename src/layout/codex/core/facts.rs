//! What one file of weights says of itself, and what lies beside it.

use crate::layout::members::metrics_of;
use crate::layout::{Files, dict};
use crate::model::{Checkpoint, Value};

/// Metrics of the file at `at`: the writer's own record beside it, the caller's inside, the ranked one inside, the
/// index's.
pub(super) fn metrics(files: &Files<'_>, at: usize, record: Option<usize>, index: Option<&Value>) -> Found {
    let told = |index: usize, value: Option<&Value>| {
        let metrics = value.map(metrics_of).unwrap_or_default();
        (!metrics.is_empty()).then(|| (metrics, files.path(index).to_owned()))
    };
    let beside = record.and_then(|record| told(record, files.document(record)?.get("metrics")));
    let meta = files.document(at).and_then(|dict| dict.get("meta"));
    let inside = || told(at, meta?.at(&["user_metadata", "metrics"]));
    let ranked = || {
        let (key, value) = (meta?.get("metric_key")?.text()?, dict::scalar(meta?.get("metric_value")?)?);
        Some((vec![(key.to_owned(), value)], files.path(at).to_owned()))
    };
    beside.or_else(inside).or_else(ranked).or_else(|| listed(files, at, index?))
}

/// Metrics and where they are from.
type Found = Option<(Vec<(String, f64)>, String)>;

/// What the index beside it says of the file at `at`.
fn listed(files: &Files<'_>, at: usize, index: &Value) -> Found {
    let entries = index.get("entries")?.items()?;
    let entry = entries.iter().find(|entry| super::super::parts::path_of(entry) == Some(files.name(at)))?;
    let (key, value) = (index.get("metric_key")?.text()?, entry.get("metric")?.number()?);
    let file = files.child(crate::model::parent(files.path(at)), "index.json")?;
    Some((vec![(key.to_owned(), value)], files.path(file).to_owned()))
}

/// Step and epoch inside the file at `at`.
pub(super) fn numbers(files: &Files<'_>, at: usize, checkpoint: &mut Checkpoint) {
    let dict = files.document(at);
    let places = [dict.and_then(|dict| dict.get("state")), dict.and_then(|dict| dict.at(&["meta", "user_metadata"]))];
    checkpoint.step = checkpoint.step.or_else(|| places.iter().flatten().find_map(|place| dict::step(place)));
    checkpoint.epoch = checkpoint.epoch.or_else(|| places.iter().flatten().find_map(|place| dict::epoch(place)));
}
