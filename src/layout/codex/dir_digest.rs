//! `utils/checkpoint.py` under `train_loop.py`: `epoch-NNNN/` folders of `model.pt`, `optimizer.pt`, `scheduler.pt`,
//! `rng.json`, `rng.pt` and `metadata.json` (version 3), with `index.json` (a list), `latest.json` and
//! `config.snapshot.json` beside them.
//!
//! `checkpoint.sha256` is one digest over names and bytes of the components, taken before `metadata.json` was there;
//! the writer's own strict check includes that and always fails. Pruning can delete the epoch just saved.

use super::parts::{
    claim_folder, claim_named, dangling, digest_at, documents, folder_line, grouped, lone_digest, metrics_in,
    number_in, path_of, place_of, ranked, run_of, set_claims,
};
use crate::layout::markers::{self, Tie, last_part};
use crate::layout::members::{empty_checkpoint, settled};
use crate::layout::{Files, Layout, numbers, resume, role_of_name};
use crate::model::{Checkpoint, Direction, Finding, MarkerKind, Role, Run, base_name};

/// The layout.
pub struct CodexDirDigest;

/// What the digest is over, in this order. The writer's list has `metadata.json` too, which is not there yet when it
/// writes and there when it checks.
const COMPONENTS: &[&str] = &["model.pt", "optimizer.pt", "rng.json", "rng.pt", "scheduler.pt"];

impl Layout for CodexDirDigest {
    fn id(&self) -> &'static str {
        "codex_dir_digest"
    }

    fn name(&self) -> &'static str {
        "codex_ml training loop run"
    }

    fn signature(&self) -> &'static str {
        "`checkpoint.sha256` beside `model.pt` and `metadata.json`, in `epoch-0003` folders"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let homes = grouped(files, |files, folder| {
            let there = |name| files.child(folder, name).is_some();
            there("checkpoint.sha256") && there("model.pt") && there("metadata.json")
        });
        homes.into_iter().map(|(home, folders)| run(files, self.id(), home, &folders)).collect()
    }
}

fn run(files: &mut Files<'_>, layout: &str, home: &str, folders: &[&str]) -> Run {
    let evidence = "checkpoint.sha256 beside model.pt and metadata.json; a legacy surface";
    let snapshot = documents(files, home, &["config.snapshot.json"]);
    let read = |files: &mut Files<'_>, folder: &str, findings: &mut Vec<Finding>| {
        let mut read = checkpoint(files, folder, findings);
        read.config.extend(snapshot.iter().cloned());
        read.resume = resume::judge(files, &read, &["model", "optimizer", "scheduler", "rng", "step"]);
        read
    };
    let mut run = run_of(files, (layout, home, evidence), folders, &read);
    point_best(files, home, &mut run);
    point_last(files, home, &mut run);
    run.rule = Some(
        "keeps the K with the lowest metric, of equal ones the older; not the last: an epoch that is not among them is \
         deleted right after it was saved"
            .to_owned(),
    );
    let own = [
        ("index.json", Role::Marker),
        ("latest.json", Role::Marker),
        ("config.snapshot.json", Role::Config),
        ("metrics.json", Role::Metrics),
        ("metrics.ndjson", Role::Metrics),
    ];
    run.files = claim_named(files, home, &own);
    run
}

fn checkpoint(files: &mut Files<'_>, folder: &str, findings: &mut Vec<Finding>) -> Checkpoint {
    let mut checkpoint = empty_checkpoint(place_of(files, folder, &["model.pt"]));
    let name = base_name(folder);
    checkpoint.epoch =
        settled("epoch", number_in(files, folder, "metadata.json", "epoch"), numbers(name).epoch, name, findings);
    let metadata = files.child_document(folder, "metadata.json");
    checkpoint.step = metadata.and_then(|metadata| metadata.get("optimizer_steps_total")?.count());
    if let Some((metrics, from)) = metrics_in(files, folder, "metadata.json", &["metrics"]) {
        (checkpoint.metrics, checkpoint.metrics_from) = (metrics, Some(from));
    }
    explain_digest(files, folder, findings);
    checkpoint.files = claim_folder(files, folder, &|name| match name {
        "model.pt" => Role::Model,
        "metadata.json" => Role::Metrics,
        "rng.pt" => Role::Rng,
        "checkpoint.sha256" => Role::Manifest,
        _ => role_of_name(name),
    });
    checkpoint
}

fn explain_digest(files: &mut Files<'_>, folder: &str, findings: &mut Vec<Finding>) {
    let Some(index) = files.child(folder, "checkpoint.sha256") else { return };
    let Some(digest) = lone_digest(files, index) else { return };
    let told = files.child_document(folder, "metadata.json").and_then(|it| digest_at(it, "checkpoint_sha256"));
    if told.is_some_and(|told| told != digest) {
        let message = "checkpoint_sha256 of metadata.json is not the digest in checkpoint.sha256";
        findings.push(Finding::warning("digest-disagrees", message).in_file(files.path(index)));
    }
    let claim = folder_line(files, folder, COMPONENTS, "\0", digest);
    set_claims(files, index, "codex_folder", vec![claim]);
}

fn point_best(files: &Files<'_>, home: &str, run: &mut Run) {
    let Some(index) = files.child(home, "index.json") else { return };
    let Some(document) = files.document(index) else { return };
    let (entries, file) = (ranked(document), files.path(index));
    let metric = entries.first().and_then(|entry| entry.get("metric_name")?.text()).unwrap_or("avg_loss");
    let value = |c: &Checkpoint| markers::metric(c, metric);
    let best = markers::best_of(&run.checkpoints, value, Direction::Lower, Tie::Older);
    if let Some(says) = entries.first().and_then(|entry| path_of(entry)) {
        let marker = markers::pointer(MarkerKind::Best, (file, says), &run.checkpoints, best);
        run.findings.extend(markers::check(&marker, best, "by the lowest value"));
        run.markers.push(marker);
    }
    run.findings.extend(dangling(&entries, &run.checkpoints, file));
    for entry in &entries {
        let folder = format!("{home}/{}", path_of(entry).map(last_part).unwrap_or_default());
        let own = files.find(&format!("{folder}/checkpoint.sha256")).and_then(|at| lone_digest(files, at));
        if own.is_some() && own != digest_at(entry, "checksum") {
            let message = format!("the checksum of {} is not the one in its checkpoint.sha256", base_name(&folder));
            run.findings.push(Finding::warning("digest-disagrees", message).in_file(file));
        }
    }
    run.directions = vec![(metric.to_owned(), Direction::Lower)];
    run.best_metric = Some(metric.to_owned());
}

fn point_last(files: &Files<'_>, home: &str, run: &mut Run) {
    let Some(index) = files.child(home, "latest.json") else { return };
    let Some(says) = files.document(index).and_then(|latest| latest.get("path")?.text()) else { return };
    let newest = markers::newest(&run.checkpoints);
    let marker = markers::pointer(MarkerKind::Last, (files.path(index), says), &run.checkpoints, newest);
    run.findings.extend(markers::check(&marker, newest, "by epoch"));
    run.markers.push(marker);
}
