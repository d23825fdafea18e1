//! One checkpoint folder.

use super::series::{Folder, Saved};
use super::{optimizer, structure};
use crate::layout::Files;
use crate::layout::members::{claim_members, empty_checkpoint, is_readable, metrics_of, note_non_finite, set_roles};
use crate::layout::{resume, role_of_name};
use crate::model::{Checkpoint, Finding, Resume, ResumePart, ResumeState, Role, TensorRole, Value, base_name};

/// Reads the checkpoint in `folder` and claims its files.
pub(super) fn read(files: &mut Files<'_>, folder: &Folder<'_>, findings: &mut Vec<Finding>) -> Checkpoint {
    let child = |name: &str| files.child(folder.path, name);
    let (model, optimizer) = (child("model.npz"), child("optimizer.npz"));
    let optimizer_meta = child("optimizer_meta.pkl");
    // Loose files have no folder of their own: the model stands for the checkpoint.
    let path = if folder.path.is_empty() { model.map_or("", |index| files.path(index)) } else { folder.path };
    let mut checkpoint = empty_checkpoint(path);
    checkpoint.step = step(files, folder, findings);
    (checkpoint.metrics, checkpoint.metrics_from) = metrics(files, folder.path);
    note_non_finite(&checkpoint, findings);
    check_files(files, folder, [model, optimizer, optimizer_meta], findings);
    findings.extend(structure::check(files, folder.path));
    findings.extend(optimizer::name_arrays(files, folder.path));
    if let Some(index) = model {
        set_roles(files, index, tensor_role);
    }
    let config = ["config.json", "extra.json"].iter().filter_map(|name| files.child(folder.path, name));
    checkpoint.config = config.map(|index| files.path(index).to_owned()).collect();
    let indexes = members(files, folder.path);
    checkpoint.files = claim_members(files, &indexes, |_, name| role(name));
    checkpoint.resume = resume(files, &checkpoint, optimizer.is_some() == optimizer_meta.is_some());
    checkpoint
}

/// The files of the folder; of loose files only those the writer writes.
fn members(files: &Files<'_>, folder: &str) -> Vec<usize> {
    let all = files.in_folder(folder).iter().copied();
    all.filter(|&index| !folder.is_empty() || role(files.name(index)) != Role::Other).collect()
}

fn role(name: &str) -> Role {
    if name == "model.npz" { Role::Model } else { role_of_name(name) }
}

/// `blocks.0.attn.rope.cos_cached` is a cache, `blocks.0.attn.rngs.default.count` a random generator's counter.
fn tensor_role(name: &str) -> TensorRole {
    let mut parts = name.split('.');
    if name.ends_with("_cached") && parts.any(|part| part == "rope") {
        return TensorRole::Other;
    }
    if name.split('.').any(|part| part == "rngs") { TensorRole::Rng } else { TensorRole::Model }
}

/// The step that the files say, else the one that the name says.
fn step(files: &Files<'_>, folder: &Folder<'_>, findings: &mut Vec<Finding>) -> Option<u64> {
    let inside = ["meta.json", "config.json"].iter().filter_map(|name| {
        let index = files.child(folder.path, name)?;
        Some((files.path(index), files.document(index)?.get("step")?.count()?))
    });
    let inside: Vec<(&str, u64)> = inside.collect();
    let named = match folder.saved {
        Saved::Step(step) | Saved::Prefix(step) => Some(step),
        Saved::Temporary | Saved::Alone => None,
    };
    let Some(&(path, step)) = inside.first() else { return named };
    for &(other, says) in inside.iter().skip(1).filter(|(_, says)| *says != step) {
        let message = format!("{} says step {step}, {} says step {says}", base_name(path), base_name(other));
        findings.push(Finding::warning("step-disagrees", message).in_file(path));
    }
    if let Some(named) = named.filter(|named| *named != step) {
        let name = base_name(folder.path);
        let message = format!("{} says step {step}, the folder is called {name} (step {named})", base_name(path));
        findings.push(Finding::warning("step-disagrees", message).in_file(path));
    }
    Some(step)
}

/// `metrics.json`, or the `metrics` of the `meta.json` that `save_checkpoint()` writes.
fn metrics(files: &Files<'_>, folder: &str) -> (Vec<(String, f64)>, Option<String>) {
    let own = |name: &str| files.child(folder, name).and_then(|index| Some((index, files.document(index)?)));
    let meta = || own("meta.json").and_then(|(index, value)| Some((index, value.get("metrics")?)));
    let Some((index, value)) = own("metrics.json").or_else(meta) else { return (Vec::new(), None) };
    (metrics_of(value), matches!(value, Value::Map(_)).then(|| files.path(index).to_owned()))
}

fn check_files(
    files: &Files<'_>,
    folder: &Folder<'_>,
    [model, optimizer, meta]: [Option<usize>; 3],
    findings: &mut Vec<Finding>,
) {
    if model.is_none() {
        findings.push(Finding::error("model-missing", "there is no model.npz").in_file(folder.path));
    }
    let lone = match (optimizer, meta) {
        (Some(index), None) => Some((index, "optimizer_meta.pkl")),
        (None, Some(index)) => Some((index, "optimizer.npz")),
        _ => None,
    };
    if let Some((index, missing)) = lone {
        let message = format!("there is no {missing}: the writer's loader then starts with a fresh optimizer");
        findings.push(Finding::warning("optimizer-incomplete", message).in_file(files.path(index)));
    }
    for index in [model, optimizer].into_iter().flatten().filter(|&index| has_bfloat16(files, index)) {
        let message = "bfloat16 arrays: NumPy reads them back as two-byte voids, which the writer's loader refuses";
        findings.push(Finding::warning("bfloat16-unloadable", message).in_file(files.path(index)));
    }
    let empty = optimizer.filter(|&index| is_readable(files, index) && has_no_tensors(files, index));
    if let Some(index) = empty {
        let message = "no arrays: right for an optimizer without state, like plain gradient descent";
        findings.push(Finding::note("optimizer-empty", message).in_file(files.path(index)));
    }
}

fn has_bfloat16(files: &Files<'_>, index: usize) -> bool {
    let mut findings = files.contents(index).into_iter().flat_map(|contents| &contents.findings);
    findings.any(|finding| finding.code == "npy-void2-bfloat16")
}

fn has_no_tensors(files: &Files<'_>, index: usize) -> bool {
    files.contents(index).is_some_and(|contents| contents.tensors.is_empty())
}

/// What cannot be read is missing too: each part has a file of its own. Generator keys are never written, whatever the
/// writer's guide says (counters among the model's arrays are no state); without a configuration its loader has no model
/// to load into.
fn resume(files: &Files<'_>, checkpoint: &Checkpoint, is_optimizer_whole: bool) -> Resume {
    let needed = ["model", "optimizer", "rng", "step", "config"];
    let mut details = resume::judge(files, checkpoint, &needed).details;
    let has_config =
        checkpoint.config.first().is_some_and(|path| base_name(path) == "config.json" && is_document(files, path));
    for part in &mut details {
        let told = match part.what.as_str() {
            "optimizer" if !is_optimizer_whole => "optimizer.npz and optimizer_meta.pkl are of use only together",
            "rng" => "this writer leaves generator keys out",
            "config" if !has_config => "there is no config.json that can be read",
            _ => continue,
        };
        (part.state, part.reason) = (ResumeState::Absent, told.to_owned());
    }
    let mut resume = Resume::of(details, &needed);
    let lost = |part: &&ResumePart| part.state != ResumeState::Present && needed.contains(&part.what.as_str());
    resume.missing = resume.details.iter().filter(lost).map(|part| part.what.clone()).collect();
    resume
}

fn is_document(files: &Files<'_>, path: &str) -> bool {
    files.find(path).is_some_and(|index| files.document(index).is_some())
}
