//! `checkpointing/best_k_retention.py` and `bestk.py`: files `checkpoint_step_30_metric_0.4800.pt` (or
//! `checkpoint_30.pt`) with `index.json` beside them, a ranked list of `path`, `metric` and `step`.

use super::parts::{claim_named, dangling, path_of, ranked, run_of};
use crate::layout::markers::{self, Tie, last_part};
use crate::layout::members::{claim_members, empty_checkpoint, settled};
use crate::layout::{Files, Layout, dict, numbers, resume};
use crate::model::{Checkpoint, Direction, Finding, MarkerKind, Role, Run, Value, parent};

/// The layout.
pub struct CodexBestK;

impl Layout for CodexBestK {
    fn id(&self) -> &'static str {
        "codex_best_k"
    }

    fn name(&self) -> &'static str {
        "codex_ml best-k files"
    }

    fn signature(&self) -> &'static str {
        "`index.json`, a list of `path`, `metric` and `step`, beside those files"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let mut runs = Vec::new();
        for folder in files.folders() {
            let ours = ours(files, folder);
            if !ours.is_empty() {
                runs.push(run(files, self.id(), folder, &ours));
            }
        }
        runs
    }
}

/// The entries of the index, which are numbered by step.
fn entries<'a>(files: &'a Files<'_>, folder: &str) -> Vec<&'a Value> {
    let Some(document) = files.child_document(folder, "index.json") else { return Vec::new() };
    let entries = ranked(document);
    let is_numbered = entries.iter().all(|entry| entry.get("metric").is_some() && entry.get("step").is_some());
    if is_numbered { entries } else { Vec::new() }
}

fn ours(files: &Files<'_>, folder: &str) -> Vec<usize> {
    let listed = entries(files, folder);
    let is_named = |at: usize| files.name(at).starts_with("checkpoint_") && files.name(at).ends_with(".pt");
    let is_listed = |at: usize| listed.iter().any(|entry| path_of(entry).map(last_part) == Some(files.name(at)));
    let ours = files.pick(folder, is_named);
    // What the index forgot is a checkpoint all the same.
    if ours.iter().any(|&at| is_listed(at)) { ours } else { Vec::new() }
}

fn run(files: &mut Files<'_>, layout: &str, folder: &str, ours: &[usize]) -> Run {
    let evidence = "index.json lists path, metric and step of checkpoint_… files; a legacy surface";
    let mut run = run_of(files, (layout, folder, evidence), ours, &checkpoint);
    if let Some(index) = files.child(folder, "index.json") {
        let (listed, file) = (entries(files, folder), files.path(index));
        // Its order shows the direction; of equal values the one saved first stands first.
        let values: Vec<f64> = listed.iter().filter_map(|entry| entry.get("metric")?.number()).collect();
        let mode = if values.is_sorted() { Direction::Lower } else { Direction::Higher };
        let best = markers::best_of(&run.checkpoints, |c| markers::metric(c, "metric"), mode, Tie::Older);
        if let Some(says) = listed.first().and_then(|entry| path_of(entry)) {
            let marker = markers::pointer(MarkerKind::Best, (file, says), &run.checkpoints, best);
            run.findings.extend(markers::check(&marker, best, "by the metric"));
            run.markers.push(marker);
        }
        run.findings.extend(dangling(&listed, &run.checkpoints, file));
        run.directions = vec![("metric".to_owned(), mode)];
    }
    run.markers.extend(markers::derived_last(&run.checkpoints));
    run.best_metric = Some("metric".to_owned());
    run.rule = Some("keeps the best K of the index, of equal ones the older; not the last".to_owned());
    run.files = claim_named(files, folder, &[("index.json", Role::Marker)]);
    run
}

fn checkpoint(files: &mut Files<'_>, at: usize, findings: &mut Vec<Finding>) -> Checkpoint {
    let (path, name) = (files.path(at), files.name(at));
    let folder = parent(path);
    let mut checkpoint = empty_checkpoint(path);
    let listed = entries(files, folder);
    let entry = listed.iter().find(|entry| path_of(entry).map(last_part) == Some(name));
    let index = files.child(folder, "index.json").map_or("", |index| files.path(index));
    let inside = files.document(at).and_then(dict::step);
    let told = entry.and_then(|entry| entry.get("step")?.count());
    let named = numbers(name);
    let (best, file) = if inside.is_some() { (inside, path) } else { (told, index) };
    settled("step", best.map(|step| (step as f64, file)), named.step, name, findings);
    checkpoint.step = best.or(named.step);
    let metric = entry.and_then(|entry| entry.get("metric")?.number());
    let from = if metric.is_some() { index } else { path };
    if let Some(value) = metric.or(named.metric.map(|(_, value)| value)) {
        checkpoint.metrics = vec![("metric".to_owned(), value)];
        checkpoint.metrics_from = Some(from.to_owned());
    }
    checkpoint.files = claim_members(files, &[at], |_, _| Role::Model);
    checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "rng", "step"]);
    checkpoint
}
