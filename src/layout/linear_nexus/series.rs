//! Which folders the writer takes for checkpoints of one run, and what it gets wrong about them.

use std::collections::{BTreeMap, HashSet};

use crate::layout::Files;
use crate::layout::name::split_digits;
use crate::model::{Checkpoint, Finding, base_name, parent};

/// One folder of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Folder<'a> {
    pub(super) path: &'a str,
    pub(super) saved: Saved,
    /// What tells that it is a checkpoint; empty when only its neighbours do.
    pub(super) evidence: &'static str,
}

/// One folder of a run, read.
pub(super) struct Found {
    pub(super) saved: Saved,
    pub(super) checkpoint: Checkpoint,
}

/// Folders by the folder they are in, and by themselves when they stand alone.
pub(super) type Groups<'a> = BTreeMap<(&'a str, Option<&'a str>), Vec<Folder<'a>>>;

/// How a folder got its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Saved {
    /// `step_200`: by the writer's manager.
    Step(u64),
    /// `step_7_backup`: taken for step 7, since the writer looks at the start of the name only.
    Prefix(u64),
    /// `tmpab12cd34`: a save that was killed before its folder was renamed.
    Temporary,
    /// Any other name: saved by hand.
    Alone,
}

/// How the folder at `path` got its name.
pub(super) fn saved_as(files: &Files<'_>, path: &str) -> Saved {
    let name = base_name(path);
    if let Some(random) = name.strip_prefix("tmp") {
        let made_by_mkdtemp =
            random.len() == 8 && random.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        return if made_by_mkdtemp { Saved::Temporary } else { Saved::Alone };
    }
    let numbered = name.match_indices('_').find_map(|(at, _)| {
        let (digits, tail) = split_digits(name.get(at.saturating_add(1)..)?);
        Some((name.get(..at)?, digits.parse().ok()?, tail))
    });
    let Some((prefix, step, tail)) = numbered else { return Saved::Alone };
    // The prefix can be chosen; without the usual one the folder must know its step.
    if prefix != "step" && files.child_document(path, "config.json").and_then(|config| config.get("step")).is_none() {
        return Saved::Alone;
    }
    if tail.is_empty() { Saved::Step(step) } else { Saved::Prefix(step) }
}

/// Adds folders that their neighbours make a checkpoint: `step_400` without its `model.npz`.
pub(super) fn add_broken<'a>(files: &Files<'a>, groups: &mut Groups<'a>) {
    let known: HashSet<&str> = groups.values().flatten().map(|folder| folder.path).collect();
    for path in files.folders().into_iter().filter(|path| !known.contains(path)) {
        let Some(group) = groups.get_mut(&(parent(path), None)) else { continue };
        let saved = saved_as(files, path);
        let ours = ["model.npz", "structure.json", "config.json", "metrics.json", "optimizer.npz"];
        if saved != Saved::Alone && ours.iter().any(|name| files.child(path, name).is_some()) {
            group.push(Folder { path, saved, evidence: "" });
        }
    }
}

/// What is wrong with the set of folders: interrupted saves, names taken for others, one step twice.
pub(super) fn judge(found: &[Found]) -> Vec<Finding> {
    let steps: HashSet<u64> =
        found.iter().filter(|f| matches!(f.saved, Saved::Step(_))).filter_map(|f| f.checkpoint.step).collect();
    let mut findings: Vec<Finding> = found.iter().filter_map(|found| judge_one(found, &steps)).collect();
    findings.extend(repeated(found));
    findings
}

fn judge_one(found: &Found, steps: &HashSet<u64>) -> Option<Finding> {
    let name = &found.checkpoint.name;
    let finding = match found.saved {
        Saved::Temporary => Finding::warning("interrupted-save", interrupted(found.checkpoint.step, steps)),
        Saved::Prefix(step) => {
            let message = format!("the writer takes {name} for step {step}: it looks at the start of the name only");
            Finding::warning("ambiguous-step", message)
        }
        Saved::Step(_) | Saved::Alone => return None,
    };
    Some(finding.in_file(&found.checkpoint.path))
}

fn interrupted(step: Option<u64>, steps: &HashSet<u64>) -> String {
    let Some(step) = step else {
        return "a save that was stopped before it was complete; it does not say of which step".to_owned();
    };
    let twin = if steps.contains(&step) { "that step is there as well" } else { "no other checkpoint holds that step" };
    format!("a save of step {step} that was stopped before its folder was renamed; {twin}")
}

/// Checkpoints that hold the same step; what the folder's name tells already is not told again.
fn repeated(found: &[Found]) -> Vec<Finding> {
    let mut first: BTreeMap<u64, &Checkpoint> = BTreeMap::new();
    let mut findings = Vec::new();
    for Found { checkpoint, .. } in found.iter().filter(|f| matches!(f.saved, Saved::Step(_) | Saved::Alone)) {
        let Some(step) = checkpoint.step else { continue };
        let earlier = *first.entry(step).or_insert(checkpoint);
        if earlier.path != checkpoint.path {
            let message = format!("{} and {} both hold step {step}", earlier.name, checkpoint.name);
            findings.push(Finding::warning("duplicate-step", message).in_file(&checkpoint.path));
        }
    }
    findings
}
