//! Parts that every layout builds its runs from.

use std::cmp::Ordering;

use super::{Files, dict};
use crate::limits;
use crate::model::{
    Checkpoint, Finding, Marker, MarkerKind, Member, Resume, Role, Run, Severity, Tensor, TensorRole, Value, base_name,
    natural_cmp, order_by,
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

/// Claims the files at `indexes` and gives each its role: `of` index and name; of no other, a manifest is told as one.
/// Files of one purpose give it to their tensors.
pub(super) fn claim_members(files: &mut Files<'_>, indexes: &[usize], of: impl Fn(usize, &str) -> Role) -> Vec<Member> {
    let unclaimed: Vec<usize> = indexes.iter().copied().filter(|&index| !files.is_claimed(index)).collect();
    let claim = |index: usize| {
        files.claim(index);
        let is_manifest = files.contents(index).is_some_and(|contents| contents.manifest.is_some());
        let told = of(index, files.name(index));
        let role = if is_manifest && told == Role::Other { Role::Manifest } else { told };
        match role {
            Role::Optimizer => set_roles(files, index, |_| TensorRole::Optimizer),
            Role::Scheduler => set_roles(files, index, |_| TensorRole::Scheduler),
            Role::Rng => set_roles(files, index, |_| TensorRole::Rng),
            _ => {}
        }
        Member { path: files.path(index).to_owned(), role }
    };
    let mut members: Vec<Member> = unclaimed.into_iter().map(claim).collect();
    order_by(&mut members, |a, b| natural_cmp(&a.path, &b.path));
    members
}

/// The marker of the checkpoint with the largest step, for writers that go by step.
pub(super) fn last_by_step(checkpoints: &[&Checkpoint]) -> Option<Marker> {
    let numbered = || checkpoints.iter().filter_map(|checkpoint| Some((checkpoint.step?, checkpoint)));
    let (step, checkpoint) = numbered().reduce(|last, next| if next.0 > last.0 { next } else { last })?;
    let is_alone = numbered().filter(|(other, _)| *other == step).count() == 1;
    Some(Marker {
        kind: MarkerKind::Last,
        file: None,
        says: "largest step number".to_owned(),
        checkpoint: Some(checkpoint.name.clone()),
        agrees: is_alone.then_some(true),
    })
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

/// The number that a file says, else the one that the name says; a finding when they disagree.
pub(super) fn settled(
    what: &str,
    inside: Option<(f64, &str)>,
    named: Option<u64>,
    name: &str,
    findings: &mut Vec<Finding>,
) -> Option<f64> {
    let named = named.map(|named| named as f64);
    let Some((value, file)) = inside else { return named };
    if named.is_some_and(|named| named.total_cmp(&value) != Ordering::Equal) {
        let message = format!("says {what} {value}, the name {name} says another");
        findings.push(Finding::warning(&format!("{what}-disagrees"), message).in_file(file));
    }
    Some(value)
}

/// Whether two files hold the same under different names, as far as their headers and pickles say: their bytes differ,
/// since the name is written into them.
pub(super) fn same_content(files: &Files<'_>, a: usize, b: usize) -> bool {
    let (Some(a), Some(b)) = (files.contents(a), files.contents(b)) else { return false };
    let alike = |(a, b): (&Tensor, &Tensor)| (&a.name, &a.dtype, &a.shape) == (&b.name, &b.dtype, &b.shape);
    let is_telling = a.document.is_some() && !a.tensors.is_empty();
    is_telling
        && a.document == b.document
        && a.tensors.len() == b.tensors.len()
        && a.tensors.iter().zip(&b.tensors).all(alike)
}

/// Whether the tensors of the file at `index` are all that it holds: it was read, and nothing in it is broken.
pub(super) fn is_readable(files: &Files<'_>, index: usize) -> bool {
    files.contents(index).is_some_and(|contents| {
        let broken = contents.findings.iter().any(|finding| finding.severity == Severity::Error);
        contents.not_examined.is_none() && !broken
    })
}

/// The numbers of a document in file order; nested names are joined with dots, a repeated name counts once, last value.
pub(super) fn metrics_of(value: &Value) -> Vec<(String, f64)> {
    let mut metrics = Vec::new();
    collect_metrics("", value, &mut metrics);
    metrics
}

fn collect_metrics(prefix: &str, value: &Value, metrics: &mut Vec<(String, f64)>) {
    for (key, value) in value.pairs().unwrap_or_default() {
        if metrics.len() >= limits::METRICS {
            return;
        }
        let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        match dict::scalar(value) {
            Some(number) => match metrics.iter_mut().find(|(known, _)| *known == name) {
                Some((_, known)) => *known = number,
                None => metrics.push((name, number)),
            },
            None if value.class().is_some() => {}
            None => collect_metrics(&name, value, metrics),
        }
    }
}

/// A note for each metric that is not finite.
pub(super) fn note_non_finite(checkpoint: &Checkpoint, findings: &mut Vec<Finding>) {
    let file = checkpoint.metrics_from.as_deref().unwrap_or(&checkpoint.path);
    for (name, value) in checkpoint.metrics.iter().filter(|(_, value)| !value.is_finite()) {
        let value = if value.is_nan() {
            "NaN"
        } else if *value > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        };
        let message = format!("{name} of {} is {value}", checkpoint.name);
        findings.push(Finding::note("metric-not-finite", message).in_file(file));
    }
}

/// `a, b, c and 7 more`: at most five names.
pub(super) fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 5;
    let shown = names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// `1 tensor`, `2 tensors`: with plain spaces, since findings are read by programs too.
pub(super) fn counted(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}
