//! `training/checkpoint_manager.py`: files `ckpt-<step>.pt` (or `step-<step>.pt`) with `.meta.json` beside each, `best` (a
//! link, or a text file where links cannot be made), `best.json` and `best_candidates/best-1.pt` (links too).
//!
//! A record is noted only when it is strictly better than the best so far: the items after the first are past bests, not
//! the second best. The `.meta.json` of a pruned file stays.

use super::parts::{claim_named, run_of};
use crate::layout::markers::{self, Tie, last_part};
use crate::layout::members::{claim_members, empty_checkpoint, metrics_of, same_content, settled};
use crate::layout::{Files, Layout, direction, resume};
use crate::model::{Checkpoint, Direction, Finding, MarkerKind, Member, Role, Run, Value, parent};

/// The layout.
pub struct CodexStepManager;

impl Layout for CodexStepManager {
    fn id(&self) -> &'static str {
        "codex_step_manager"
    }

    fn name(&self) -> &'static str {
        "codex_ml step manager run"
    }

    fn signature(&self) -> &'static str {
        "`ckpt-300.meta.json` beside `ckpt-300.pt`"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let mut runs = Vec::new();
        for folder in files.folders() {
            let ours = files.pick(folder, |at| step_of(files.name(at), ".pt").is_some());
            if ours.iter().any(|&at| record(files, at).is_some()) {
                runs.push(run(files, self.id(), folder, &ours));
            }
        }
        runs
    }
}

/// The step in `ckpt-300.pt`; a time is none.
fn step_of(name: &str, end: &str) -> Option<u64> {
    let stem = name.strip_suffix(end)?;
    let digits = stem.strip_prefix("ckpt-").or_else(|| stem.strip_prefix("step-"))?;
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok()).flatten()
}

/// The record beside the file of weights at `at`.
fn record(files: &Files<'_>, at: usize) -> Option<usize> {
    let name = files.name(at);
    let record = files.child(parent(files.path(at)), &format!("{}.meta.json", name.strip_suffix(".pt")?))?;
    files.document(record)?.get("step")?.number().map(|_| record)
}

fn run(files: &mut Files<'_>, layout: &str, folder: &str, ours: &[usize]) -> Run {
    let evidence = "ckpt-<step>.meta.json beside ckpt-<step>.pt; a legacy surface";
    let mut run = run_of(files, (layout, folder, evidence), ours, &checkpoint);
    run.findings.extend(orphans(files, folder));
    let metric = metric(files, folder, &run.checkpoints);
    let mode = metric.as_deref().map_or(Direction::Unknown, direction);
    run.directions = metric.iter().filter(|_| mode != Direction::Unknown).map(|name| (name.clone(), mode)).collect();
    point(files, folder, &mut run, metric.as_deref(), mode);
    run.best_metric = metric;
    run.markers.extend(markers::derived_last(&run.checkpoints));
    run.rule = Some(
        "keeps the N newest and the best ones on record; a record is noted only when it is strictly better than the best \
         so far, so of equal ones the lower step stays"
            .to_owned(),
    );
    run.files = claim_named(files, folder, &[("best", Role::Marker), ("best.json", Role::Marker)]);
    run.files.extend(candidates(files, folder, &mut run.findings, &run.checkpoints));
    run
}

fn checkpoint(files: &mut Files<'_>, at: usize, findings: &mut Vec<Finding>) -> Checkpoint {
    let (path, name) = (files.path(at), files.name(at));
    let mut checkpoint = empty_checkpoint(path);
    let named = step_of(name, ".pt");
    let record = record(files, at);
    let document = record.and_then(|record| files.document(record));
    let inside = document.and_then(|document| document.get("step")?.number()).zip(record);
    settled("step", inside.map(|(step, record)| (step, files.path(record))), named, name, findings);
    checkpoint.step = document.and_then(|document| document.get("step")?.count()).or(named);
    let metrics = document.and_then(|document| document.get("metrics"));
    checkpoint.epoch = metrics.and_then(|metrics| metrics.get("epoch")?.number());
    checkpoint.metrics = metrics.map(metrics_of).unwrap_or_default();
    let has_metrics = !checkpoint.metrics.is_empty();
    checkpoint.metrics_from = record.filter(|_| has_metrics).map(|record| files.path(record).to_owned());
    let own: Vec<usize> = [Some(at), record].into_iter().flatten().collect();
    checkpoint.files =
        claim_members(files, &own, |index, _| if Some(index) == record { Role::Metrics } else { Role::Model });
    checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "scheduler", "rng", "step"]);
    checkpoint
}

/// Records whose file of weights was pruned.
fn orphans(files: &Files<'_>, folder: &str) -> Vec<Finding> {
    let all = files.pick(folder, |_| true).into_iter();
    let orphan = |at: usize| {
        let step = step_of(files.name(at), ".meta.json")?;
        let message = format!("the record of step {step}, whose checkpoint is not there: the writer prunes that alone");
        Some(Finding::note("record-orphan", message).in_file(files.path(at)))
    };
    all.filter_map(orphan).collect()
}

/// The metric that has the value which `best.json` gives the best.
fn metric(files: &Files<'_>, folder: &str, checkpoints: &[Checkpoint]) -> Option<String> {
    let best = files.child_document(folder, "best.json")?;
    let (step, value) = (best.get("step")?.count()?, best.get("value")?.number()?);
    let checkpoint = checkpoints.iter().find(|checkpoint| checkpoint.step == Some(step))?;
    let found = checkpoint.metrics.iter().find(|(_, own)| own.total_cmp(&value).is_eq())?;
    Some(found.0.clone())
}

fn point(files: &Files<'_>, folder: &str, run: &mut Run, metric: Option<&str>, mode: Direction) {
    let value = |c: &Checkpoint| markers::metric(c, metric?);
    let expected = markers::best_of(&run.checkpoints, value, mode, Tie::Older);
    let of_index = files.child(folder, "best.json").and_then(|at| {
        let best = files.document(at)?;
        // The oldest version gives the step alone.
        let by_step = || Some(format!("ckpt-{}.pt", best.get("step")?.count()?));
        Some((files.path(at).to_owned(), best.get("path").and_then(Value::text).map(str::to_owned).or_else(by_step)?))
    });
    let linked = markers::said(files, folder, "best").or_else(|| copy(files, folder, &run.checkpoints));
    for (file, says) in of_index.into_iter().chain(linked) {
        let marker = markers::pointer(MarkerKind::Best, (&file, &says), &run.checkpoints, expected);
        run.findings.extend(markers::check(&marker, expected, "by the metric"));
        run.markers.push(marker);
    }
}

/// A link that was followed when the folder was copied or dropped: the same file once more.
fn copy(files: &Files<'_>, folder: &str, checkpoints: &[Checkpoint]) -> Option<(String, String)> {
    let index = files.child(folder, "best")?;
    let same = |c: &&Checkpoint| files.find(&c.path).is_some_and(|at| same_content(files, index, at));
    let twin = checkpoints.iter().find(same)?;
    Some((files.path(index).to_owned(), twin.name.clone()))
}

/// `best_candidates/best-1.pt`: links to the records.
fn candidates(
    files: &mut Files<'_>,
    folder: &str,
    findings: &mut Vec<Finding>,
    checkpoints: &[Checkpoint],
) -> Vec<Member> {
    let inner = if folder.is_empty() { "best_candidates".to_owned() } else { format!("{folder}/best_candidates") };
    let texts = files.in_folder(&inner).iter().filter_map(|&at| Some((files.path(at), files.text(at)?.trim())));
    let links = files.links_in(&inner).iter().map(|(path, says)| (*path, *says));
    for (path, says) in texts.chain(links) {
        if markers::named(checkpoints, says).is_none() {
            let message = format!("names {}, which is not there", last_part(says));
            findings.push(Finding::warning("marker-dangles", message).in_file(path));
        }
    }
    let all = files.in_folder(&inner).to_vec();
    claim_members(files, &all, |_, _| Role::Marker)
}
