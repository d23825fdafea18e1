//! `src/training/checkpointing.py`: files `epoch3-metric0.480000.pt`, with a free-form `manifest.json` beside them.
//!
//! The metric of the name is what the writer ranks by; it does not write down which one it is, nor its direction.

use super::parts::{claim_named, run_of};
use crate::layout::members::{claim_members, empty_checkpoint, settled};
use crate::layout::{Files, Layout, dict, markers, numbers, resume};
use crate::model::{Checkpoint, Finding, Role, Run};

/// The layout.
pub struct CodexTrainerUtils;

impl Layout for CodexTrainerUtils {
    fn id(&self) -> &'static str {
        "codex_trainer_utils"
    }

    fn name(&self) -> &'static str {
        "codex_ml trainer files"
    }

    fn signature(&self) -> &'static str {
        "files called `epoch3-metric0.480000.pt`"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let mut runs = Vec::new();
        for folder in files.folders() {
            let ours = files.pick(folder, |at| is_ours(files.name(at)));
            if !ours.is_empty() {
                runs.push(run(files, self.id(), folder, &ours));
            }
        }
        runs
    }
}

/// `epoch<digits>-metric<number>.pt`.
fn is_ours(name: &str) -> bool {
    let rest = name.strip_prefix("epoch").and_then(|rest| rest.strip_suffix(".pt"));
    rest.and_then(|rest| rest.split_once("-metric")).is_some_and(|(epoch, metric)| {
        !epoch.is_empty() && epoch.bytes().all(|byte| byte.is_ascii_digit()) && metric.parse::<f64>().is_ok()
    })
}

fn run(files: &mut Files<'_>, layout: &str, folder: &str, ours: &[usize]) -> Run {
    let evidence = "files called epoch<number>-metric<number>.pt; a legacy surface";
    let config: Vec<String> =
        files.child(folder, "manifest.json").map(|at| files.path(at).to_owned()).into_iter().collect();
    let read = |files: &mut Files<'_>, at: usize, findings: &mut Vec<Finding>| checkpoint(files, at, &config, findings);
    let mut run = run_of(files, (layout, folder, evidence), ours, &read);
    run.markers.extend(markers::derived_last(&run.checkpoints));
    run.best_metric = run.checkpoints.first().and_then(|c| c.metrics.first()).map(|(name, _)| name.clone());
    run.rule = Some(
        "keeps the K best by the metric in the name, lowest or highest as its caller chose, of equal ones the newer; not \
         the last"
            .to_owned(),
    );
    run.files = claim_named(files, folder, &[("manifest.json", Role::Config)]);
    run
}

fn checkpoint(files: &mut Files<'_>, at: usize, config: &[String], findings: &mut Vec<Finding>) -> Checkpoint {
    let (path, name) = (files.path(at), files.name(at));
    let mut checkpoint = empty_checkpoint(path);
    let told = numbers(name);
    let inside = files.document(at).and_then(dict::epoch).map(|epoch| (epoch, path));
    checkpoint.epoch = settled("epoch", inside, told.epoch, name, findings);
    let metric = files.document(at).and_then(|dict| dict::scalar(dict.get("val_metric")?));
    let named = told.metric.map(|(_, value)| value);
    if let Some(value) = metric.or(named) {
        checkpoint.metrics = vec![("val_metric".to_owned(), value)];
        checkpoint.metrics_from = Some(path.to_owned());
    }
    checkpoint.config = config.to_vec();
    checkpoint.files = claim_members(files, &[at], |_, _| Role::Model);
    checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "rng", "step"]);
    checkpoint
}
