//! `results.jsonl` of an experiment tracker: one line an experiment, with its metrics and where its checkpoint was.

use crate::layout::members::{claim_members, empty_checkpoint, empty_run, metrics_of, note_non_finite};
use crate::layout::{Files, resume};
use crate::model::{Checkpoint, Finding, Role, Run, Value};

const NAME: &str = "results.jsonl";

/// The runs of folders with such a file; what each line tells has no files here.
pub(super) fn runs(files: &mut Files<'_>, layout: &str) -> Vec<Run> {
    let ours: Vec<&str> = files.folders().into_iter().filter(|folder| !lines(files, folder).is_empty()).collect();
    ours.into_iter().map(|folder| run(files, layout, folder)).collect()
}

fn lines<'a>(files: &'a Files<'_>, folder: &str) -> Vec<&'a Value> {
    let items = files.child_document(folder, NAME).and_then(Value::items).unwrap_or_default();
    items.iter().filter(|line| name(line).is_some() && line.get("metrics").is_some()).collect()
}

fn name(line: &Value) -> Option<&str> {
    line.get("experiment_name")?.text().filter(|name| !name.is_empty() && !name.contains('/'))
}

fn run(files: &mut Files<'_>, layout: &str, folder: &str) -> Run {
    let mut run = empty_run(layout, folder, "results.jsonl with experiment_name and metrics");
    let index = files.child(folder, NAME);
    let path = index.map_or("", |index| files.path(index));
    for line in lines(files, folder) {
        let checkpoint = checkpoint(files, folder, line, path);
        note_non_finite(&checkpoint, &mut run.findings);
        run.checkpoints.push(checkpoint);
    }
    let message = "tells of experiments whose files are not here: only their metrics can be compared";
    run.findings.push(Finding::note("results-only", message).in_file(path));
    let own: Vec<usize> = index.into_iter().collect();
    run.files = claim_members(files, &own, |_, _| Role::Metrics);
    run
}

fn checkpoint(files: &Files<'_>, folder: &str, line: &Value, path: &str) -> Checkpoint {
    let name = name(line).unwrap_or_default();
    let mut checkpoint =
        empty_checkpoint(&if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") });
    checkpoint.metrics = line.get("metrics").map(metrics_of).unwrap_or_default();
    checkpoint.metrics_from = (!checkpoint.metrics.is_empty()).then(|| path.to_owned());
    checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "step"]);
    checkpoint
}
