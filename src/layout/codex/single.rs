//! `src/utils/checkpoint.py`: one file under any name, a dict with `_rng`.

use super::parts::run_of;
use crate::layout::members::{claim_members, empty_checkpoint, settled};
use crate::layout::{Files, Layout, dict, markers, numbers, resume};
use crate::model::{Checkpoint, Finding, Role, Run};

/// The layout.
pub struct CodexSingle;

impl Layout for CodexSingle {
    fn id(&self) -> &'static str {
        "codex_single"
    }

    fn name(&self) -> &'static str {
        "codex_ml single file"
    }

    fn signature(&self) -> &'static str {
        "a pickled dict with `_rng`"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let mut runs = Vec::new();
        for folder in files.folders() {
            let ours = files.pick(folder, |at| is_ours(files, at));
            // Loose files were dropped each for itself.
            let size = if folder.is_empty() { 1 } else { ours.len().max(1) };
            for group in ours.chunks(size) {
                runs.push(run(files, self.id(), folder, group));
            }
        }
        runs
    }
}

fn is_ours(files: &Files<'_>, at: usize) -> bool {
    let dict = files.document(at).filter(|_| files.contents(at).is_some_and(|c| c.format != "json"));
    dict.is_some_and(|dict| dict.get("_rng").is_some())
}

fn run(files: &mut Files<'_>, layout: &str, folder: &str, ours: &[usize]) -> Run {
    let evidence = "a dict with _rng; a legacy surface";
    let mut run = run_of(files, (layout, folder, evidence), ours, &checkpoint);
    run.markers.extend(markers::derived_last(&run.checkpoints).filter(|_| ours.len() > 1));
    run
}

fn checkpoint(files: &mut Files<'_>, at: usize, findings: &mut Vec<Finding>) -> Checkpoint {
    let (path, name) = (files.path(at), files.name(at));
    let mut checkpoint = empty_checkpoint(path);
    let (dict, told) = (files.document(at), numbers(name));
    let inside = dict.and_then(dict::epoch).map(|epoch| (epoch, path));
    checkpoint.epoch = settled("epoch", inside, told.epoch, name, findings);
    checkpoint.step = dict.and_then(dict::step).or(told.step);
    checkpoint.metrics = dict.map(dict::metrics).unwrap_or_default();
    let has_metrics = !checkpoint.metrics.is_empty();
    checkpoint.metrics_from = has_metrics.then(|| path.to_owned());
    checkpoint.files = claim_members(files, &[at], |_, _| Role::Model);
    checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "rng", "step"]);
    checkpoint
}
