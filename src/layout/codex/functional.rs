//! The functions `save_checkpoint()` and `save_ckpt()` of `checkpointing.py`: any `x.pt` with `x.meta.json` beside it.
//!
//! `checksums.json` is one for the folder and about the file saved last; each save writes it anew. The dict holds the
//! model and the optimizer twice, under new and old keys.

use super::parts::run_of;
use crate::layout::members::{claim_members, empty_checkpoint, metrics_of, settled};
use crate::layout::{Files, Layout, dict, markers, resume, role_of_name};
use crate::model::{Checkpoint, Finding, Role, Run, TensorRole, parent};

/// The layout.
pub struct CodexFunctional;

impl Layout for CodexFunctional {
    fn id(&self) -> &'static str {
        "codex_functional"
    }

    fn name(&self) -> &'static str {
        "codex_ml saved files"
    }

    fn signature(&self) -> &'static str {
        "`model.meta.json` with `epoch` and `system` beside `model.pt`"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let mut runs = Vec::new();
        for folder in files.folders() {
            let ours = files.pick(folder, |at| record(files, at).is_some());
            if !ours.is_empty() {
                runs.push(run(files, self.id(), folder, &ours));
            }
        }
        runs
    }
}

/// The record beside the file of weights at `at`.
fn record(files: &Files<'_>, at: usize) -> Option<usize> {
    let stem = files.name(at).strip_suffix(".pt")?;
    let record = files.child(parent(files.path(at)), &format!("{stem}.meta.json"))?;
    let document = files.document(record)?;
    document.get("epoch").and(document.get("system")).map(|_| record)
}

fn run(files: &mut Files<'_>, layout: &str, folder: &str, ours: &[usize]) -> Run {
    let evidence = "<name>.meta.json with epoch and system beside <name>.pt; a legacy surface";
    let mut run = run_of(files, (layout, folder, evidence), ours, &checkpoint);
    run.findings.extend(uncovered(files, folder, ours));
    run.markers.extend(markers::derived_last(&run.checkpoints));
    run.rule = Some("keeps everything; checksums.json is about the file saved last and no other".to_owned());
    run
}

fn checkpoint(files: &mut Files<'_>, at: usize, findings: &mut Vec<Finding>) -> Checkpoint {
    let (path, name) = (files.path(at), files.name(at));
    let mut checkpoint = empty_checkpoint(path);
    let record = record(files, at);
    let beside = record.and_then(|record| Some((files.document(record)?.get("epoch")?.number()?, files.path(record))));
    let dict = files.document(at);
    let inside = dict.and_then(dict::epoch);
    checkpoint.epoch = settled("epoch", beside, None, name, findings).or(inside);
    if let Some((_, file)) = beside.filter(|(epoch, _)| inside.is_some_and(|inside| inside.total_cmp(epoch).is_ne())) {
        let message = format!("says another epoch than {name} itself");
        findings.push(Finding::warning("epoch-disagrees", message).in_file(file));
    }
    checkpoint.metrics = dict.and_then(|dict| dict.at(&["extra", "metrics"])).map(metrics_of).unwrap_or_default();
    let has_metrics = !checkpoint.metrics.is_empty();
    checkpoint.metrics_from = has_metrics.then(|| path.to_owned());
    let twice = |key: &str| dict.is_some_and(|dict| dict.get(&format!("{key}_state_dict")).is_some());
    let repeated: Vec<&str> = ["model", "optimizer"].into_iter().filter(|key| twice(key)).collect();
    leave_out(files, at, &repeated);
    let beside = files.find(&format!("{path}.integrity.json"));
    let own: Vec<usize> = [Some(at), record, beside].into_iter().flatten().collect();
    checkpoint.files = claim_members(files, &own, |index, name| match name {
        _ if index == at => Role::Model,
        _ if Some(index) == record => Role::Metrics,
        _ if Some(index) == beside => Role::Manifest,
        _ => role_of_name(name),
    });
    checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "scheduler", "rng", "step"]);
    checkpoint
}

/// What is under an old key too is not counted twice.
fn leave_out(files: &mut Files<'_>, at: usize, keys: &[&str]) {
    for tensor in files.contents_mut(at).into_iter().flat_map(|contents| contents.tensors.iter_mut()) {
        if tensor.name.split_once('.').is_some_and(|(top, _)| keys.contains(&top)) {
            tensor.role = TensorRole::Other;
        }
    }
}

/// A note about the files that the folder's checksum does not speak of.
fn uncovered(files: &Files<'_>, folder: &str, ours: &[usize]) -> Option<Finding> {
    let index = files.child(folder, "checksums.json")?;
    let covered = files.document(index)?.get("file")?.text()?;
    let others = ours.iter().filter(|&&at| files.name(at) != covered).count() as u64;
    let message = format!(
        "is about {covered} alone: {} beside it was saved earlier and is not covered",
        crate::layout::members::counted(others, "file")
    );
    (others > 0).then(|| Finding::note("checksum-of-last", message).in_file(files.path(index)))
}
