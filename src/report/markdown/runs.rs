//! Runs and their checkpoints.

use super::text::{escaped, or_dash, word};
use super::{Page, Table};
use crate::limits::MARKDOWN_RUNS as RUNS;
use crate::model::ResumeVerdict;
use crate::report::{CheckpointPart, Report, RunPart};
use crate::words;

/// Metrics that get a column: more do not fit beside each other.
const COLUMNS: usize = 6;

pub(super) fn runs(report: &Report<'_>, page: &mut Page) {
    for run in report.runs.iter().take(RUNS) {
        let path = if run.path.is_empty() { "Files without a folder".to_owned() } else { escaped(run.path) };
        page.heading(2, &format!("Run {path}"));
        page.paragraph(&format!("Layout {}: {}.", escaped(run.layout), escaped(run.layout_evidence)));
        if let Some(rule) = run.rule {
            page.paragraph(&format!("Its writer's rule: {}.", escaped(rule)));
        }
        checkpoints(run, page);
        markers(run, page);
        files(run, page);
    }
    if let Some(more) = report.runs.len().checked_sub(RUNS).filter(|more| *more > 0) {
        page.paragraph(&format!("… and {more} more runs (see the JSON report)"));
    }
}

fn checkpoints(run: &RunPart<'_>, page: &mut Page) {
    let mut metrics: Vec<&str> = Vec::new();
    for (name, _) in run.checkpoints.iter().flat_map(|checkpoint| &checkpoint.metrics.0) {
        if metrics.len() < COLUMNS && !metrics.contains(name) {
            metrics.push(name);
        }
    }
    let titles: Vec<String> = metrics.iter().map(|name| escaped(name)).collect();
    let mut right = vec!["Step", "Epoch"];
    right.extend(titles.iter().map(String::as_str));
    right.extend(["Parameters", "Tensors", "Size"]);
    let mut table = Table::new(&["Checkpoint", "Can resume"], &right);
    for checkpoint in &run.checkpoints {
        table.row(|| cells(checkpoint, &metrics));
    }
    page.table(table);
}

fn cells(checkpoint: &CheckpointPart<'_>, metrics: &[&str]) -> Vec<String> {
    let step = or_dash(checkpoint.step.map(words::count));
    let epoch = or_dash(checkpoint.epoch.map(|epoch| words::metric(epoch.0)));
    let mut cells = vec![escaped(checkpoint.name), resume(checkpoint), step, epoch];
    cells.extend(metrics.iter().map(|metric| {
        let found = checkpoint.metrics.0.iter().find(|(name, _)| name == metric);
        or_dash(found.map(|(_, value)| words::metric(value.0)))
    }));
    let totals = &checkpoint.tensors;
    cells.extend([words::count(totals.parameters), words::count(totals.count), words::size(checkpoint.size_bytes)]);
    cells
}

fn resume(checkpoint: &CheckpointPart<'_>) -> String {
    let missing = || escaped(&checkpoint.resume.missing.join(", "));
    match checkpoint.resume.verdict() {
        ResumeVerdict::Yes => "yes".to_owned(),
        ResumeVerdict::NotExactly => format!("not exactly: {} missing", missing()),
        ResumeVerdict::No => format!("no: {} missing", missing()),
        ResumeVerdict::Unknown => "not known".to_owned(),
    }
}

fn markers(run: &RunPart<'_>, page: &mut Page) {
    let mut table = Table::new(&["Pointer", "File", "Says", "Checkpoint", "Agrees with the metrics"], &[]);
    for marker in &run.markers {
        table.row(|| {
            let agrees = match marker.agrees {
                Some(true) => "yes",
                Some(false) => "no",
                None => "not decidable",
            };
            let file = marker.file.map_or_else(|| "derived".to_owned(), escaped);
            let target = marker.checkpoint.map_or_else(|| "not found".to_owned(), escaped);
            [word(&marker.kind), file, escaped(marker.says), target, agrees.to_owned()]
        });
    }
    page.table(table);
}

fn files(run: &RunPart<'_>, page: &mut Page) {
    let mut table = Table::new(&["File", "Role", "Format", "SHA-256"], &["Size"]);
    for file in run.checkpoints.iter().flat_map(|checkpoint| &checkpoint.files).chain(&run.files) {
        table.row(|| {
            let (digest, size) = (or_dash(file.sha256.map(escaped)), words::size(file.size_bytes));
            [escaped(file.path), word(&file.role), escaped(file.format), digest, size]
        });
    }
    page.table(table);
}
