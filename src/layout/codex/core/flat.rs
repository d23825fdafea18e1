//! All saves in one folder.

use super::ranking::Ranking;
use super::{digests, facts, index, parent_index, weights};
use crate::layout::codex::parts::{claim_named, run_of};
use crate::layout::markers;
use crate::layout::members::{claim_members, empty_checkpoint, same_content};
use crate::layout::{Files, resume, role_of_name};
use crate::model::{Checkpoint, Finding, Role, Run, parent};

/// Files of the folder that are about all of it.
const SHARED: &[(&str, Role)] = &[
    ("index.json", Role::Manifest),
    ("best_index.json", Role::Marker),
    ("state.sha256", Role::Manifest),
    ("metadata.json", Role::Metrics),
    ("run_manifest.json", Role::Environment),
];

pub(super) fn run(files: &mut Files<'_>, layout: &str, folder: &str) -> Run {
    let mut found = weights(files, folder);
    let state = files.child(folder, "state.pt");
    // The first save may have been pruned since: then its copy is the only one of it.
    let copied = state.and_then(|state| found.iter().copied().find(|&at| same_content(files, state, at)));
    found.extend(state.filter(|_| copied.is_none()));
    let has_metadata = files.child(folder, "metadata.json").is_some();
    let evidence = if has_metadata {
        "index.json with entries and metric_key beside ckpt-<time>-<number>.pt; the canonical core"
    } else {
        "index.json with entries and metric_key beside ckpt-<time>-<number>.pt; an early core, without metadata.json"
    };
    let mut explained = Vec::new();
    digests::explain(files, folder, &mut explained);
    explained.extend(stale(files, folder, has_metadata));
    let twin = state.filter(|_| copied.is_some());
    let read = |files: &mut Files<'_>, at: usize, _: &mut Vec<Finding>| {
        checkpoint(files, at, twin.filter(|_| copied == Some(at)))
    };
    let mut run = run_of(files, (layout, folder, evidence), &found, &read);
    run.findings.extend(explained);
    if let Some(ranking) = Ranking::point(files, folder, &mut run) {
        run.rule = Some(ranking.rule());
    }
    run.markers.extend(markers::derived_last(&run.checkpoints));
    run.files = claim_named(files, folder, SHARED);
    parent_index::warn(files, folder, &mut run);
    run
}

fn checkpoint(files: &mut Files<'_>, at: usize, copy: Option<usize>) -> Checkpoint {
    let (path, folder) = (files.path(at), parent(files.path(at)));
    let mut checkpoint = empty_checkpoint(path);
    let record = path.strip_suffix(".pt").and_then(|stem| files.find(&format!("{stem}.meta.json")));
    checkpoint.step = record.and_then(|record| files.document(record)?.get("step")?.count());
    facts::numbers(files, at, &mut checkpoint);
    if let Some((metrics, from)) = facts::metrics(files, at, record, index(files, folder)) {
        (checkpoint.metrics, checkpoint.metrics_from) = (metrics, Some(from));
    }
    if digests::newest(files, folder) == Some(at)
        && let Some(metadata) = files.child_document(folder, "metadata.json")
    {
        checkpoint.epoch = checkpoint.epoch.or_else(|| metadata.get("epoch")?.number());
    }
    let sidecar = files.find(&format!("{path}.sha256"));
    let own: Vec<usize> = [Some(at), sidecar, record, copy].into_iter().flatten().collect();
    checkpoint.files = claim_members(files, &own, |index, name| match name {
        _ if index == at => Role::Model,
        _ if Some(index) == copy => Role::Extra,
        _ if Some(index) == record => Role::Metrics,
        _ => role_of_name(name),
    });
    if let Some(copy) = copy {
        crate::layout::members::set_roles(files, copy, |_| crate::model::TensorRole::Other);
    }
    checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "rng", "step"]);
    checkpoint
}

/// `metadata.json` is written anew with each save.
fn stale(files: &Files<'_>, folder: &str, has_metadata: bool) -> Option<Finding> {
    if !has_metadata || digests::newest(files, folder).is_some() {
        return None;
    }
    let metadata = files.child(folder, "metadata.json")?;
    let epoch = files.document(metadata)?.get("epoch").and_then(crate::model::Value::count);
    let which = epoch.map_or_else(String::new, |epoch| format!(", epoch {epoch}"));
    let message = format!("is about the newest save{which}, which is not there: the writer keeps the best only");
    Some(Finding::note("metadata-of-pruned", message).in_file(files.path(metadata)))
}
