//! `utils/checkpointing.py`, `CheckpointManager.save`: `epoch-N/` folders of `state.pt`, `meta.json` and
//! `checksums.json`, with `last` (a text file) and `best.json` beside them.
//!
//! `checksums.json` covers the state alone. `last` holds a path from where the writer was started, which it does not find
//! itself when started elsewhere. Versions before autumn 2025 write no `schema_version`; the oldest write
//! `checksum.sha256`, one digest over names and bytes of all files.

use super::parts::{
    claim_folder, claim_named, dangling, digest_at, documents, folder_line, grouped, line, lone_digest, metrics_in,
    number_in, path_of, place_of, ranked, run_of, set_claims,
};
use crate::layout::markers::{self, Tie, last_part};
use crate::layout::members::{empty_checkpoint, settled};
use crate::layout::{Files, Layout, numbers, resume, role_of_name};
use crate::model::{Checkpoint, Direction, Finding, MarkerKind, Role, Run, Value, base_name, order_by, parent};

/// The layout.
pub struct CodexManager;

const STATES: &[&str] = &["state.pt", "state.pkl"];

impl Layout for CodexManager {
    fn id(&self) -> &'static str {
        "codex_manager"
    }

    fn name(&self) -> &'static str {
        "codex_ml manager run"
    }

    fn signature(&self) -> &'static str {
        "`meta.json` with `epoch` and `metrics` beside `checksums.json`, in `epoch-3` folders"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let homes = grouped(files, |files, folder| is_ours(files, folder));
        homes.into_iter().map(|(home, folders)| run(files, self.id(), home, &folders)).collect()
    }
}

fn is_ours(files: &Files<'_>, folder: &str) -> bool {
    let Some(meta) = files.child_document(folder, "meta.json") else { return false };
    let sums = files.child_document(folder, "checksums.json");
    let is_summed = sums.is_some_and(|sums| sums.get("file").is_some() && digest_at(sums, "sha256").is_some());
    let is_oldest = || files.child(folder, "checksum.sha256").is_some();
    meta.get("epoch").is_some() && meta.get("metrics").is_some() && (is_summed || is_oldest())
}

fn run(files: &mut Files<'_>, layout: &str, home: &str, folders: &[&str]) -> Run {
    let is_canonical = folders.iter().all(|folder| {
        files.child_document(folder, "meta.json").is_some_and(|meta| meta.get("schema_version").is_some())
    });
    let evidence = if is_canonical {
        "meta.json with epoch and metrics beside checksums.json; schema 1.0, the canonical surface"
    } else {
        "meta.json with epoch and metrics beside checksums.json; no schema version, the surface before autumn 2025"
    };
    let mut run = run_of(files, (layout, home, evidence), folders, &checkpoint);
    run.findings.extend(unnumbered(files, home));
    run.best_metric = ["val_loss", "score"].iter().find(|name| has(&run.checkpoints, name)).map(|name| (*name).into());
    run.directions = vec![("val_loss".to_owned(), Direction::Lower), ("score".to_owned(), Direction::Higher)];
    run.rule = Some(
        "keeps the N newest and every checkpoint in best.json; best is the lowest val_loss, without one the highest \
         score, without either the newest; of equal ones the older"
            .to_owned(),
    );
    point(files, home, &mut run);
    run.files = claim_named(files, home, &[("best.json", Role::Marker), ("last", Role::Marker)]);
    run
}

fn checkpoint(files: &mut Files<'_>, folder: &str, findings: &mut Vec<Finding>) -> Checkpoint {
    let mut checkpoint = empty_checkpoint(place_of(files, folder, STATES));
    let name = base_name(folder);
    checkpoint.epoch =
        settled("epoch", number_in(files, folder, "meta.json", "epoch"), numbers(name).epoch, name, findings);
    if let Some((metrics, from)) = metrics_in(files, folder, "meta.json", &["metrics"]) {
        (checkpoint.metrics, checkpoint.metrics_from) = (metrics, Some(from));
    }
    checkpoint.config = documents(files, folder, &["config.yaml", "config.json"]);
    explain_digest(files, folder);
    checkpoint.files = claim_folder(files, folder, &|name| match name {
        "state.pt" | "state.pkl" => Role::Model,
        "checksums.json" | "checksum.sha256" => Role::Manifest,
        "tokenizer.pkl" => Role::Tokenizer,
        _ => role_of_name(name),
    });
    checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "scheduler", "rng", "step"]);
    checkpoint
}

/// The oldest digest is over names and bytes of every file of the folder in turn, sorted, but of itself, which was not
/// there yet.
fn explain_digest(files: &mut Files<'_>, folder: &str) {
    let Some(index) = files.child(folder, "checksum.sha256") else { return };
    let Some(digest) = lone_digest(files, index) else { return };
    let mut names: Vec<&str> = files.in_folder(folder).iter().map(|&at| files.name(at)).collect();
    order_by(&mut names, Ord::cmp);
    names.retain(|name| *name != "checksum.sha256");
    let below = format!("{folder}/");
    let claim = if files.folders().iter().any(|other| other.starts_with(&below)) {
        line(".", digest, Some("one digest over the files of the folder and those below it, in the writer's own order"))
    } else {
        folder_line(files, folder, &names, "", digest)
    };
    set_claims(files, index, "codex_folder", vec![claim]);
}

/// The writer's own order: smaller is better.
fn rank(metrics: &[(String, f64)], epoch: Option<f64>) -> Option<(u8, f64)> {
    let value = |name: &str| metrics.iter().rev().find(|(known, _)| known == name).map(|(_, value)| *value);
    let by_loss = value("val_loss").map(|loss| (0, loss));
    by_loss.or_else(|| Some((1, -value("score")?))).or_else(|| Some((2, -epoch?)))
}

fn has(checkpoints: &[Checkpoint], name: &str) -> bool {
    checkpoints.iter().any(|checkpoint| markers::metric(checkpoint, name).is_some())
}

/// Saves without metrics never become best.
fn best(checkpoints: &[Checkpoint]) -> Option<&Checkpoint> {
    let ranked = |tier: u8| {
        let value = move |c: &Checkpoint| {
            let rank = rank(&c.metrics, c.epoch).filter(|_| !c.metrics.is_empty())?;
            (rank.0 == tier).then_some(rank.1)
        };
        markers::best_of(checkpoints, value, Direction::Lower, Tie::Older)
    };
    ranked(0).or_else(|| ranked(1)).or_else(|| ranked(2))
}

fn point(files: &Files<'_>, home: &str, run: &mut Run) {
    if let Some(index) = files.child(home, "best.json")
        && let Some(document) = files.document(index)
    {
        let (items, file) = (ranked(document), files.path(index));
        let expected = best(&run.checkpoints);
        if let Some(says) = items.first().and_then(|item| path_of(item)) {
            let marker = markers::pointer(MarkerKind::Best, (file, says), &run.checkpoints, expected);
            run.findings.extend(markers::check(&marker, expected, "by the writer's own rule"));
            run.markers.push(marker);
        }
        run.findings.extend(dangling(&items, &run.checkpoints, file));
        run.findings.extend(repeated(&items, file));
    }
    if let Some((file, says)) = markers::said(files, home, "last") {
        let expected = markers::newest(&run.checkpoints);
        let marker = markers::pointer(MarkerKind::Last, (&file, &says), &run.checkpoints, expected);
        run.findings.extend(markers::check(&marker, expected, "by epoch"));
        run.markers.push(marker);
    }
}

/// Saving an epoch again adds it again, which can push a real one out.
fn repeated(items: &[&Value], file: &str) -> Option<Finding> {
    let names: Vec<&str> = items.iter().filter_map(|item| path_of(item)).map(last_part).collect();
    let twice = names.iter().enumerate().find(|(at, name)| names.iter().take(*at).any(|earlier| earlier == *name))?;
    let message = format!("lists {} twice: saving an epoch again can push another out of the best", twice.1);
    Some(Finding::warning("best-duplicate", message).in_file(file))
}

/// The writer's retention takes the number behind the last dash of every `epoch-…` folder, and stops at one without.
fn unnumbered(files: &Files<'_>, home: &str) -> Option<Finding> {
    let beside = files.folders().into_iter().filter(|folder| !home.is_empty() && parent(folder) == home);
    let mut odd = beside.filter(|folder| {
        let number = base_name(folder).strip_prefix("epoch-").and_then(|rest| rest.rsplit('-').next());
        number.is_some_and(|number| number.parse::<u64>().is_err())
    });
    let folder = odd.next()?;
    let message =
        format!("{} has no epoch number: the writer's retention stops at it with an error", base_name(folder));
    Some(Finding::warning("retention-stops", message).in_file(folder))
}
