//! Parts that every layout builds its runs from.

use std::cmp::Ordering;

use super::Files;
use crate::model::{
    Checkpoint, Finding, Member, Resume, Role, Run, Severity, TensorRole, Value, base_name, natural_cmp,
};

/// A run of `layout` at `path`, with nothing in it.
pub(super) fn empty_run(layout: &str, path: &str, evidence: impl Into<String>) -> Run {
    Run {
        path: path.to_owned(),
        layout: layout.to_owned(),
        evidence: evidence.into(),
        markers: Vec::new(),
        checkpoints: Vec::new(),
        directions: Vec::new(),
        best_metric: None,
        rule: None,
        files: Vec::new(),
        findings: Vec::new(),
    }
}

/// A checkpoint at `path`, with nothing in it.
pub(super) fn empty_checkpoint(path: &str) -> Checkpoint {
    Checkpoint {
        name: base_name(path).to_owned(),
        path: path.to_owned(),
        step: None,
        epoch: None,
        metrics: Vec::new(),
        metrics_from: None,
        files: Vec::new(),
        resume: Resume::default(),
        config: Vec::new(),
    }
}

/// Claims the files at `indexes` and gives each its role: `of` the name, unless the file turned out a manifest.
pub(super) fn claim_members(files: &mut Files<'_>, indexes: &[usize], of: impl Fn(&str) -> Role) -> Vec<Member> {
    let unclaimed: Vec<usize> = indexes.iter().copied().filter(|&index| !files.is_claimed(index)).collect();
    unclaimed.into_iter().map(|index| claim_member(files, index, of(base_name(files.path(index))))).collect()
}

/// Claims one file.
pub(super) fn claim_member(files: &mut Files<'_>, index: usize, role: Role) -> Member {
    files.claim(index);
    let is_manifest = files.contents(index).is_some_and(|contents| contents.manifest.is_some());
    Member { path: files.path(index).to_owned(), role: if is_manifest { Role::Manifest } else { role } }
}

/// By step, epoch, then natural order of names; those without a number come last.
pub(super) fn checkpoint_order(a: &Checkpoint, b: &Checkpoint) -> Ordering {
    let steps = (a.step.is_none(), a.step).cmp(&(b.step.is_none(), b.step));
    let epochs = || a.epoch.unwrap_or(f64::INFINITY).total_cmp(&b.epoch.unwrap_or(f64::INFINITY));
    steps.then_with(epochs).then_with(|| natural_cmp(&a.path, &b.path))
}

/// Gives every tensor of the file at `index` the role that `of` its name says.
pub(super) fn set_roles(files: &mut Files<'_>, index: usize, of: impl Fn(&str) -> TensorRole) {
    for tensor in files.contents_mut(index).into_iter().flat_map(|contents| contents.tensors.iter_mut()) {
        tensor.role = of(&tensor.name);
    }
}

/// Whether the tensors of the file at `index` are all that it holds: it was read, and nothing in it is broken.
pub(super) fn is_readable(files: &Files<'_>, index: usize) -> bool {
    files.contents(index).is_some_and(|contents| {
        let broken = contents.findings.iter().any(|finding| finding.severity == Severity::Error);
        contents.not_examined.is_none() && !broken
    })
}

/// Metrics kept of one checkpoint: writers log dozens; a file of thousands of numbers is not a metrics file.
const METRICS: usize = 1000;

/// The numbers of a document in file order; nested names are joined with dots, a repeated name counts once, last value.
pub(super) fn metrics_of(value: &Value) -> Vec<(String, f64)> {
    let mut metrics = Vec::new();
    collect_metrics("", value, &mut metrics);
    metrics
}

fn collect_metrics(prefix: &str, value: &Value, metrics: &mut Vec<(String, f64)>) {
    for (key, value) in value.pairs().unwrap_or_default() {
        if metrics.len() >= METRICS {
            return;
        }
        let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match value.number() {
            Some(number) => match metrics.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = number,
                None => metrics.push((name, number)),
            },
            None => collect_metrics(&name, value, metrics),
        }
    }
}

/// A note for each metric that is not finite.
pub(super) fn note_non_finite(checkpoint: &Checkpoint, findings: &mut Vec<Finding>) {
    let file = checkpoint.metrics_from.as_deref().unwrap_or(&checkpoint.path);
    for (name, value) in checkpoint.metrics.iter().filter(|(_, value)| !value.is_finite()) {
        let message = format!("{name} of {} is {value}", checkpoint.name);
        findings.push(Finding::note("metric-not-finite", message).in_file(file));
    }
}

/// `1 tensor`, `2 tensors`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
