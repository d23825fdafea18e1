//! `utils/checkpoint_core.py`, "Schema v2" (the integer 2): `epoch-N/` folders of `state.pt`, `metadata.json`,
//! `state.sha256` and `state.pt.sha256` (both of the file), with `manifest.json` and `best_index.json` beside them.
//!
//! `manifest.json` keeps the lines of pruned epochs. Best is always the lowest; of equal ones the order in which the
//! file system lists the folders decides.

use super::parts::{
    claim_folder, claim_named, dangling, digest_at, documents, grouped, line, lone_digest, metrics_in, number_in,
    path_of, place_of, ranked, run_of, set_claims,
};
use crate::layout::markers::{self, Tie};
use crate::layout::members::{empty_checkpoint, settled};
use crate::layout::{Files, Layout, numbers, resume, role_of_name};
use crate::model::{Checkpoint, Direction, Finding, MarkerKind, Role, Run, base_name};

/// The layout.
pub struct CodexSchema2;

impl Layout for CodexSchema2 {
    fn id(&self) -> &'static str {
        "codex_schema2"
    }

    fn name(&self) -> &'static str {
        "codex_ml schema 2 run"
    }

    fn signature(&self) -> &'static str {
        "`metadata.json` with `schema_version` 2 beside `state.pt`, in `epoch-3` folders"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let homes = grouped(files, |files, folder| {
            let metadata = files.child_document(folder, "metadata.json");
            let version = metadata.and_then(|metadata| metadata.get("schema_version")?.count());
            version == Some(2) && files.child(folder, "state.pt").is_some()
        });
        homes.into_iter().map(|(home, folders)| run(files, self.id(), home, &folders)).collect()
    }
}

fn run(files: &mut Files<'_>, layout: &str, home: &str, folders: &[&str]) -> Run {
    let evidence = "metadata.json with schema_version 2 beside state.pt; a legacy surface";
    let mut run = run_of(files, (layout, home, evidence), folders, &checkpoint);
    let index = files.child(home, "best_index.json");
    if let Some((index, document)) = index.and_then(|index| Some((index, files.document(index)?))) {
        let (entries, file) = (ranked(document), files.path(index));
        let metric = entries.first().and_then(|entry| entry.get("metric_name")?.text()).unwrap_or("val_loss");
        let value = |c: &Checkpoint| markers::metric(c, metric);
        let best = markers::best_of(&run.checkpoints, value, Direction::Lower, Tie::Older);
        if let Some(says) = entries.first().and_then(|entry| path_of(entry)) {
            let named = markers::named(&run.checkpoints, says);
            // Any of several equal ones is right: which is first depends on the file system.
            let is_equal = named.and_then(value).is_some_and(|own| best.and_then(value) == Some(own));
            let expected = if is_equal { named } else { best };
            let marker = markers::pointer(MarkerKind::Best, (file, says), &run.checkpoints, expected);
            run.findings.extend(markers::check(&marker, expected, "by the lowest value"));
            run.markers.push(marker);
        }
        run.findings.extend(dangling(&entries, &run.checkpoints, file));
        run.directions = vec![(metric.to_owned(), Direction::Lower)];
        run.best_metric = Some(metric.to_owned());
    }
    forget_pruned(files, home, &mut run.findings);
    run.markers.extend(markers::derived_last(&run.checkpoints));
    run.rule = Some(
        "keeps the N newest, the K with the lowest metric, and every folder that is not called epoch-<number>; of equal \
         ones the first that the file system lists"
            .to_owned(),
    );
    run.files = claim_named(files, home, &[("best_index.json", Role::Marker), ("manifest.json", Role::Manifest)]);
    run
}

fn checkpoint(files: &mut Files<'_>, folder: &str, findings: &mut Vec<Finding>) -> Checkpoint {
    let mut checkpoint = empty_checkpoint(place_of(files, folder, &["state.pt"]));
    let name = base_name(folder);
    checkpoint.epoch =
        settled("epoch", number_in(files, folder, "metadata.json", "epoch"), numbers(name).epoch, name, findings);
    if let Some((metrics, from)) = metrics_in(files, folder, "metadata.json", &["metrics"]) {
        (checkpoint.metrics, checkpoint.metrics_from) = (metrics, Some(from));
    }
    checkpoint.config = documents(files, folder, &["config.yaml", "config.json"]);
    claim_digests(files, folder, findings);
    checkpoint.files = claim_folder(files, folder, &|name| match name {
        "state.pt" => Role::Model,
        "metadata.json" => Role::Metrics,
        _ => role_of_name(name),
    });
    checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "rng", "step"]);
    checkpoint
}

/// The writer never takes the lines of pruned epochs out of `manifest.json`: a folder that is gone as a whole is no loss.
fn forget_pruned(files: &mut Files<'_>, home: &str, findings: &mut Vec<Finding>) {
    let Some(index) = files.child(home, "manifest.json") else { return };
    let is_there = |folder: &str| {
        let path = if home.is_empty() { folder.to_owned() } else { format!("{home}/{folder}") };
        !files.in_folder(&path).is_empty()
    };
    let lines = files.contents(index).and_then(|contents| contents.manifest.as_ref()).map(|manifest| &manifest.lines);
    let pruned: Vec<String> = lines
        .into_iter()
        .flatten()
        .filter(|line| {
            line.path.split_once('/').is_some_and(|(folder, _)| folder.starts_with("epoch-") && !is_there(folder))
        })
        .map(|line| line.path.clone())
        .collect();
    for path in &pruned {
        let message = format!("{path} is not there any more: the writer prunes folders and keeps their lines");
        findings.push(Finding::note("manifest-orphan", message).in_file(files.path(index)));
    }
    let manifest = files.contents_mut(index).and_then(|contents| contents.manifest.as_mut());
    if let Some(manifest) = manifest.filter(|_| !pruned.is_empty()) {
        manifest.lines.retain(|line| !pruned.contains(&line.path));
    }
}

/// `state.sha256` is the digest of the file, and `digest_sha256` of the metadata says it once more.
fn claim_digests(files: &mut Files<'_>, folder: &str, findings: &mut Vec<Finding>) {
    let Some(index) = files.child(folder, "state.sha256") else { return };
    let Some(digest) = lone_digest(files, index) else { return };
    let told = files.child_document(folder, "metadata.json").and_then(|metadata| digest_at(metadata, "digest_sha256"));
    if told.is_some_and(|told| told != digest) {
        let message = "digest_sha256 of metadata.json is not the digest in state.sha256";
        findings.push(Finding::warning("digest-disagrees", message).in_file(files.path(index)));
    }
    set_claims(files, index, "codex_state", vec![line("state.pt", digest, None)]);
}
