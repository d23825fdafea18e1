//! Files of one folder that are a checkpoint each, as `torch.save` writes them: what is inside goes before what the name
//! says, and `best.pt` and `last.pt` are pointers that are checkpoints themselves.

use super::markers::{self, Tie};
use super::members::{
    checkpoint_order, claim_members, empty_checkpoint, empty_run, note_non_finite, same_content, settled,
};
use super::{Files, dict, direction, numbers, resume};
use crate::model::{Checkpoint, Direction, Finding, Marker, MarkerKind, Role, Run, base_name, order_by, parent};

/// What is the same for all runs of a layout.
pub(super) struct Convention {
    pub(super) layout: &'static str,
    pub(super) evidence: String,
    pub(super) rule: Option<&'static str>,
}

/// Metrics that a run is judged by when its writer does not say, in order of trust.
const USUAL: &[&str] = &["val_loss", "eval_loss", "val_metric", "loss"];
/// Documents of the configuration of a run, beside its checkpoints or one folder up.
const CONFIG: &[&str] = &["config.toml", "config.yaml", "config.yml", "config.json", "hparams.yaml", "args.yaml"];

/// The runs of unclaimed files of which `is_ours` says so: one a folder; loose files were dropped each for itself.
pub(super) fn runs(
    files: &mut Files<'_>,
    convention: &Convention,
    is_ours: &dyn Fn(&Files<'_>, usize) -> bool,
) -> Vec<Run> {
    let mut runs = Vec::new();
    for folder in files.folders() {
        let ours = files.pick(folder, |at| is_ours(files, at));
        let size = if folder.is_empty() { 1 } else { ours.len().max(1) };
        runs.extend(ours.chunks(size).map(|group| run(files, convention, folder, group)));
    }
    runs
}

/// The run of the files at `indexes`, all of `folder`.
pub(super) fn run(files: &mut Files<'_>, convention: &Convention, folder: &str, indexes: &[usize]) -> Run {
    let mut run = empty_run(convention.layout, folder, convention.evidence.as_str());
    let config = config(files, folder);
    for &at in indexes {
        let checkpoint = checkpoint(files, at, &config, &mut run.findings);
        note_non_finite(&checkpoint, &mut run.findings);
        run.checkpoints.push(checkpoint);
    }
    order_by(&mut run.checkpoints, checkpoint_order);
    let metric = judged_by(&run.checkpoints);
    run.findings.extend(metric.as_deref().and_then(|metric| unsortable(&run.checkpoints, metric)));
    run.markers = point(files, &run.checkpoints, metric.as_deref());
    run.findings.extend(run.markers.iter().filter_map(disagreement));
    run.best_metric = metric;
    run.rule = convention.rule.map(str::to_owned);
    run
}

fn config(files: &Files<'_>, folder: &str) -> Vec<String> {
    if folder.is_empty() {
        return Vec::new();
    }
    let above = parent(folder);
    let folders = [folder, above].into_iter().filter(|folder| !folder.is_empty());
    let found = folders.flat_map(|folder| CONFIG.iter().filter_map(move |name| files.child(folder, name)));
    found.map(|at| files.path(at).to_owned()).collect()
}

fn checkpoint(files: &mut Files<'_>, at: usize, config: &[String], findings: &mut Vec<Finding>) -> Checkpoint {
    let (path, name) = (files.path(at), files.name(at));
    let mut checkpoint = empty_checkpoint(path);
    let (dict, named) = (files.document(at), numbers(name));
    let epoch = dict.and_then(dict::epoch).map(|epoch| (epoch, path));
    checkpoint.epoch = settled("epoch", epoch, named.epoch, name, findings);
    let step = dict.and_then(dict::step);
    settled("step", step.map(|step| (step as f64, path)), named.step, name, findings);
    checkpoint.step = step.or(named.step);
    checkpoint.metrics = dict.map(dict::metrics).unwrap_or_default();
    if checkpoint.metrics.is_empty() {
        checkpoint.metrics.extend(named.metric);
    }
    let has_metrics = !checkpoint.metrics.is_empty();
    checkpoint.metrics_from = has_metrics.then(|| path.to_owned());
    checkpoint.config = config.to_vec();
    checkpoint.files = claim_members(files, &[at], |_, _| Role::Model);
    checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "rng", "step"]);
    checkpoint
}

/// The metric whose values stand in the names, else a usual one, else the first whose direction is known.
fn judged_by(checkpoints: &[Checkpoint]) -> Option<String> {
    let names = || checkpoints.iter().flat_map(|checkpoint| &checkpoint.metrics).map(|(name, _)| name.as_str());
    let in_names = || names().find(|name| is_in_names(checkpoints, name));
    let usual = || USUAL.iter().copied().find(|usual| names().any(|name| name == *usual));
    let known = || names().find(|name| direction(name) != Direction::Unknown);
    in_names().or_else(usual).or_else(known).map(str::to_owned)
}

/// Whether the names of files give the values of `metric`, which are rounded there.
fn is_in_names(checkpoints: &[Checkpoint], metric: &str) -> bool {
    let pairs = checkpoints.iter().filter_map(|c| Some((numbers(&c.name).metric?.1, markers::metric(c, metric))));
    let mut pairs = pairs.peekable();
    pairs.peek().is_some() && pairs.all(|(named, own)| own.is_some_and(|own| (own - named).abs() < 1e-4))
}

/// What a file's name makes it a pointer to.
pub(super) fn pointer_kind(name: &str) -> Option<MarkerKind> {
    let stem = name.split('.').next().unwrap_or_default().to_lowercase();
    let mut words = stem.split(['_', '-']).filter(|word| !matches!(*word, "checkpoint" | "ckpt" | "model" | "weights"));
    match (words.next(), words.next()) {
        (Some("best"), None) => Some(MarkerKind::Best),
        (Some("last" | "latest"), None) => Some(MarkerKind::Last),
        _ => None,
    }
}

fn point(files: &Files<'_>, checkpoints: &[Checkpoint], metric: Option<&str>) -> Vec<Marker> {
    let value = |checkpoint: &Checkpoint| markers::metric(checkpoint, metric?);
    let mode = metric.map_or(Direction::Unknown, direction);
    let best = markers::best_of(checkpoints, value, mode, Tie::Older).and_then(value);
    let number = |c: &Checkpoint| c.step.map(|step| step as f64).or(c.epoch);
    let newest = checkpoints.iter().filter_map(number).reduce(f64::max);
    let mut found: Vec<Marker> = Vec::new();
    for checkpoint in checkpoints {
        let Some(kind) = pointer_kind(&checkpoint.name) else { continue };
        // A second copy of a numbered file leads to that; of equal values either is right.
        let (own, told) = match kind {
            MarkerKind::Best => (value(checkpoint), best),
            MarkerKind::Last => (number(checkpoint), newest),
        };
        let twin = twin(files, checkpoints, checkpoint).unwrap_or(checkpoint);
        found.push(Marker {
            kind,
            file: Some(checkpoint.path.clone()),
            says: says(checkpoint),
            checkpoint: Some(twin.name.clone()),
            agrees: own.zip(told).map(|(own, told)| own.total_cmp(&told).is_eq()),
        });
    }
    if !found.iter().any(|marker| marker.kind == MarkerKind::Best) && checkpoints.len() > 1 {
        found.extend(metric.and_then(|metric| derived_best(checkpoints, metric)));
    }
    if !found.iter().any(|marker| marker.kind == MarkerKind::Last) && checkpoints.len() > 1 {
        found.extend(markers::derived_last(checkpoints));
    }
    found
}

/// A pointer to the best, for writers that leave none.
fn derived_best(checkpoints: &[Checkpoint], metric: &str) -> Option<Marker> {
    let (mode, value) = (direction(metric), |c: &Checkpoint| markers::metric(c, metric));
    let best = markers::best_of(checkpoints, value, mode, Tie::Older)?;
    let word = if mode == Direction::Lower { "lowest" } else { "highest" };
    let is_sure = unsortable(checkpoints, metric).is_none();
    let (says, checkpoint) = (format!("{word} {metric}"), Some(best.name.clone()));
    Some(Marker { kind: MarkerKind::Best, file: None, says, checkpoint, agrees: is_sure.then_some(true) })
}

/// The numbered file that holds the same as `pointer`.
fn twin<'c>(files: &Files<'_>, checkpoints: &'c [Checkpoint], pointer: &Checkpoint) -> Option<&'c Checkpoint> {
    let own = files.find(&pointer.path)?;
    let is_same = |c: &&Checkpoint| {
        let is_pointer = pointer_kind(&c.name).is_some();
        let same_numbers = (c.step, c.epoch) == (pointer.step, pointer.epoch);
        !is_pointer && same_numbers && files.find(&c.path).is_some_and(|at| same_content(files, own, at))
    };
    checkpoints.iter().find(is_same)
}

fn says(checkpoint: &Checkpoint) -> String {
    let numbers =
        [checkpoint.epoch.map(|epoch| format!("epoch {epoch}")), checkpoint.step.map(|step| format!("step {step}"))];
    let told: Vec<String> = numbers.into_iter().flatten().collect();
    if told.is_empty() { checkpoint.name.clone() } else { told.join(", ") }
}

fn disagreement(marker: &Marker) -> Option<Finding> {
    let file = marker.file.as_deref().filter(|_| marker.agrees == Some(false))?;
    let what = if marker.kind == MarkerKind::Best { "the best by the metric" } else { "the newest" };
    let message = format!("{} holds {}, which is not {what}", base_name(file), marker.says);
    Some(Finding::warning("marker-disagrees", message).in_file(file))
}

/// A NaN that was saved first is never worse than another: lists of the best keep it for good.
fn unsortable(checkpoints: &[Checkpoint], metric: &str) -> Option<Finding> {
    let broken = checkpoints.iter().find(|c| markers::metric(c, metric).is_some_and(f64::is_nan))?;
    let message =
        format!("{metric} of {} is NaN: a list of the best never drops it and can take it for the first", broken.name);
    Some(Finding::warning("best-unreliable", message).in_file(&broken.path))
}
