//! The selected run as a table: one row a checkpoint, with its numbers, its metrics, its size and whether training can go
//! on from it.

use std::collections::BTreeMap;

use super::{Selection, Session};
use crate::layout::numbers;
use crate::model::{Checkpoint, Direction, MarkerKind, Opened, Resume, Run, keyed};
use crate::words;

/// The metrics of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunMetrics {
    /// Names, the one the run is judged by first, else in the order they were found.
    pub names: Vec<String>,
    /// What the positions are: step, epoch or number.
    pub along: &'static str,
    /// One row a checkpoint.
    pub rows: Vec<RunRow>,
    /// Index of the best row of each metric, the first of several, when a direction is known.
    pub best: Vec<Option<usize>>,
    /// Of each metric, whether lower is better.
    pub directions: Vec<Direction>,
}

/// One checkpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRow {
    /// Its name.
    pub name: String,
    /// Its position along the run; NaN when it has none.
    pub at: f64,
    /// Its step.
    pub step: Option<u64>,
    /// Its epoch.
    pub epoch: Option<f64>,
    /// What its name says, when that is another number than the one inside.
    pub named: Option<String>,
    /// Values, by metric.
    pub values: Vec<Option<f64>>,
    /// Whether the run calls it best.
    pub is_best: bool,
    /// Whether the run calls it last.
    pub is_last: bool,
    /// Where it is.
    pub selection: Selection,
    /// Bytes of its files.
    pub size_bytes: u64,
    /// Whether training can go on from it.
    pub resume: Resume,
}

impl Session {
    /// The metrics of the selected run; empty without one.
    pub fn run_metrics(&self) -> RunMetrics {
        let (Some(selection), Some((opened, run))) = (self.selection, self.selected_run()) else {
            return RunMetrics::default();
        };
        let names = names(run);
        let along = along(run);
        let sizes = sizes(opened);
        let row = |(index, checkpoint): (usize, &Checkpoint)| RunRow {
            name: checkpoint.name.clone(),
            at: position(along, index, checkpoint),
            step: checkpoint.step,
            epoch: checkpoint.epoch,
            named: named(checkpoint),
            values: names.iter().map(|name| value(checkpoint, name)).collect(),
            is_best: marks(run, &checkpoint.name, MarkerKind::Best),
            is_last: marks(run, &checkpoint.name, MarkerKind::Last),
            selection: Selection { checkpoint: Some(index), ..selection },
            size_bytes: size(checkpoint, &sizes),
            resume: checkpoint.resume.clone(),
        };
        let rows: Vec<RunRow> = run.checkpoints.iter().enumerate().map(row).collect();
        let directions: Vec<Direction> = names.iter().map(|name| self.direction(name)).collect();
        let best = directions.iter().enumerate().map(|(at, direction)| best_row(&rows, at, *direction)).collect();
        RunMetrics { names, along, rows, best, directions }
    }
}

impl RunMetrics {
    /// The metrics that belong on one axis with the first: those whose names end in the same word.
    pub fn family(&self) -> Vec<String> {
        let first = self.names.first().map(|name| last_word(name));
        let same = self.names.iter().filter(|name| Some(last_word(name)) == first);
        same.cloned().collect()
    }

    /// Position and value of a metric, checkpoint by checkpoint.
    pub fn points(&self, metric: usize) -> Vec<(f64, f64)> {
        self.rows.iter().filter_map(|row| Some((row.at, row.values.get(metric).copied().flatten()?))).collect()
    }

    /// The position of the checkpoint that is called last, else of the one that stands last.
    pub fn last_at(&self) -> Option<f64> {
        self.rows.iter().find(|row| row.is_last).or(self.rows.last()).map(|row| row.at)
    }
}

fn last_word(name: &str) -> String {
    name.rsplit(['_', '/', '.', '-', ' ']).next().unwrap_or(name).to_lowercase()
}

fn names(run: &Run) -> Vec<String> {
    let mut names: Vec<String> = run.best_metric.iter().cloned().collect();
    for (name, _) in run.checkpoints.iter().flat_map(|checkpoint| &checkpoint.metrics) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    let is_told = |name: &String| run.checkpoints.iter().any(|checkpoint| value(checkpoint, name).is_some());
    names.retain(is_told);
    names
}

fn value(checkpoint: &Checkpoint, name: &str) -> Option<f64> {
    checkpoint.metrics.iter().find(|(own, _)| own == name).map(|(_, value)| *value)
}

/// Steps when every checkpoint has one, else epochs, else the order.
fn along(run: &Run) -> &'static str {
    if run.checkpoints.iter().all(|checkpoint| checkpoint.step.is_some()) {
        "step"
    } else if run.checkpoints.iter().all(|checkpoint| checkpoint.epoch.is_some()) {
        "epoch"
    } else {
        "checkpoint"
    }
}

#[expect(clippy::cast_precision_loss, reason = "a position on an axis")]
fn position(along: &str, index: usize, checkpoint: &Checkpoint) -> f64 {
    match along {
        "step" => checkpoint.step.map_or(f64::NAN, |step| step as f64),
        "epoch" => checkpoint.epoch.unwrap_or(f64::NAN),
        _ => index.saturating_add(1) as f64,
    }
}

/// The numbers of the name that are not those inside.
fn named(checkpoint: &Checkpoint) -> Option<String> {
    let own = numbers(&checkpoint.name);
    #[expect(clippy::cast_precision_loss, reason = "compared with a number that is a float itself")]
    let differs = |named: Option<u64>, inside: Option<f64>| {
        named.filter(|named| inside.is_some_and(|inside| inside != *named as f64))
    };
    #[expect(clippy::cast_precision_loss, reason = "steps stay below 2^53")]
    let step = differs(own.step, checkpoint.step.map(|step| step as f64));
    let step = step.map(|step| format!("step {}", words::count(step)));
    let epoch = differs(own.epoch, checkpoint.epoch).map(|epoch| format!("epoch {}", words::count(epoch)));
    let both: Vec<String> = [step, epoch].into_iter().flatten().collect();
    (!both.is_empty()).then(|| both.join(", "))
}

fn marks(run: &Run, name: &str, kind: MarkerKind) -> bool {
    run.markers.iter().any(|marker| marker.kind == kind && marker.checkpoint.as_deref() == Some(name))
}

fn sizes(opened: &Opened) -> BTreeMap<&str, u64> {
    keyed(opened.entries.iter().map(|entry| (entry.path.as_str(), entry.size)))
}

fn size(checkpoint: &Checkpoint, sizes: &BTreeMap<&str, u64>) -> u64 {
    let files = checkpoint.files.iter().filter_map(|file| sizes.get(file.path.as_str()));
    files.fold(0, |sum, size| sum.saturating_add(*size))
}

fn best_row(rows: &[RunRow], metric: usize, direction: Direction) -> Option<usize> {
    let values = rows.iter().enumerate().filter_map(|(at, row)| Some((at, row.values.get(metric).copied().flatten()?)));
    let finite = values.filter(|(_, value)| value.is_finite());
    let best = match direction {
        Direction::Lower => finite.reduce(|best, next| if next.1 < best.1 { next } else { best }),
        Direction::Higher => finite.reduce(|best, next| if next.1 > best.1 { next } else { best }),
        Direction::Unknown => None,
    };
    best.map(|(at, _)| at)
}
