//! A model as `transformers` saves it: `config.json` beside `model.safetensors`, or shards with an index.

mod index;
mod shards;
mod weights;

use std::collections::BTreeMap;

use super::members::{
    checkpoint_order, claim_members, counted, empty_checkpoint, empty_run, last_by_step, metrics_of, note_non_finite,
    set_roles,
};
use super::{Files, Layout, numbers, resume, role_of_name};
use crate::model::{Checkpoint, Finding, Role, Run, TensorRole, Value, base_name, order_by, parent};

use weights::Weights;

/// The layout.
pub struct HfModel;

impl Layout for HfModel {
    fn id(&self) -> &'static str {
        "hf_model"
    }

    fn name(&self) -> &'static str {
        "Hugging Face model"
    }

    fn signature(&self) -> &'static str {
        "`config.json` beside `model.safetensors`, or `model.safetensors.index.json` with its shards"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        runs(files, self.id(), |_, _| true)
    }
}

/// The runs of model folders of which `is_ours` says so; folders numbered by step (`checkpoint-10`) are one run.
pub(super) fn runs(files: &mut Files<'_>, layout: &str, is_ours: impl Fn(&Files<'_>, &[usize]) -> bool) -> Vec<Run> {
    let mut groups: BTreeMap<_, Vec<(&str, Weights)>> = BTreeMap::new();
    for folder in files.folders() {
        let Some(weights) = weights::find(files, folder).filter(|weights| is_ours(files, &weights.files)) else {
            continue;
        };
        let own = numbers(base_name(folder)).step.is_none().then_some(folder);
        groups.entry((parent(folder), own)).or_default().push((folder, weights));
    }
    groups.into_iter().map(|((home, _), models)| run(files, layout, home, &models)).collect()
}

fn run(files: &mut Files<'_>, layout: &str, home: &str, models: &[(&str, Weights)]) -> Run {
    let evidence = models.first().map(|(folder, weights)| evidence(files, folder, weights));
    let mut run = empty_run(layout, home, evidence.unwrap_or_default());
    for (folder, weights) in models {
        let read = checkpoint(files, folder, weights, &mut run.findings);
        run.checkpoints.push(read);
    }
    order_by(&mut run.checkpoints, checkpoint_order);
    let checkpoints: Vec<&Checkpoint> = run.checkpoints.iter().collect();
    run.markers = last_by_step(&checkpoints).into_iter().collect();
    run
}

/// `config.json (gpt2, GPT2LMHeadModel) beside model.safetensors`.
fn evidence(files: &Files<'_>, folder: &str, weights: &Weights) -> String {
    let main = files.name(weights.main);
    if files.child(folder, "config.json").is_none() {
        return if weights.index.is_some() {
            format!("{main} with a weight_map")
        } else {
            format!("shards like {main}")
        };
    }
    let config = files.child_document(folder, "config.json");
    let kind = config.and_then(|config| config.get("model_type")?.text());
    let architectures = config.and_then(|config| config.get("architectures")?.items()).unwrap_or_default();
    let told: Vec<&str> = kind.into_iter().chain(architectures.iter().filter_map(Value::text)).collect();
    let told = if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) };
    format!("config.json{told} beside {main}")
}

/// A checkpoint that is the folder at `folder`, of any framework: weights kept as `transformers` does are held against
/// their index, else whatever has tensors and no purpose by its name is the model.
pub(super) fn folder(files: &mut Files<'_>, folder: &str, findings: &mut Vec<Finding>) -> Checkpoint {
    if let Some(weights) = weights::find(files, folder) {
        return checkpoint(files, folder, &weights, findings);
    }
    let mut checkpoint = empty_checkpoint(folder);
    let from_name = numbers(base_name(folder));
    (checkpoint.step, checkpoint.epoch) = (from_name.step, from_name.epoch.map(|epoch| epoch as f64));
    let all = files.in_folder(folder).to_vec();
    let has_tensors = |at: usize| files.contents(at).is_some_and(|contents| !contents.tensors.is_empty());
    let weights: Vec<usize> = all.iter().copied().filter(|&at| has_tensors(at)).collect();
    let is_config = |at: &usize| role_of_name(files.name(*at)) == Role::Config && files.document(*at).is_some();
    checkpoint.config = all.iter().filter(|at| is_config(at)).map(|&at| files.path(at).to_owned()).collect();
    checkpoint.files = claim_members(files, &all, |index, name| match role_of_name(name) {
        Role::Other if weights.binary_search(&index).is_ok() => Role::Model,
        told => told,
    });
    checkpoint
}

fn checkpoint(files: &mut Files<'_>, folder: &str, weights: &Weights, findings: &mut Vec<Finding>) -> Checkpoint {
    // Loose files have no folder of their own: the file that is opened first stands for the checkpoint.
    let mut checkpoint = empty_checkpoint(if folder.is_empty() { files.path(weights.main) } else { folder });
    let from_name = numbers(base_name(folder));
    (checkpoint.step, checkpoint.epoch) = (from_name.step, from_name.epoch.map(|epoch| epoch as f64));
    (checkpoint.metrics, checkpoint.metrics_from) = metrics(files, folder);
    note_non_finite(&checkpoint, findings);
    findings.extend(match weights.index {
        Some(index) => index::check(files, folder, index, weights),
        None => shards::check(files, weights),
    });
    findings.extend(passed_over(files, weights));
    for &index in &weights.others {
        set_roles(files, index, |_| TensorRole::Other);
    }
    let config = ["config.json", "generation_config.json"].iter().filter_map(|name| files.child(folder, name));
    checkpoint.config = config.map(|index| files.path(index).to_owned()).collect();
    checkpoint.files = claim_members(files, &members(files, folder, weights), |index, name| role(weights, index, name));
    checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "scheduler", "rng", "step"]);
    checkpoint
}

fn role(weights: &Weights, index: usize, name: &str) -> Role {
    match role_of_name(name) {
        _ if weights.files.binary_search(&index).is_ok() => Role::Model,
        _ if weights.others.binary_search(&index).is_ok() => Role::Extra,
        told => told,
    }
}

/// Every file of the folder; of loose files those that belong to a model.
fn members(files: &Files<'_>, folder: &str, weights: &Weights) -> Vec<usize> {
    let all = files.in_folder(folder).iter().copied();
    all.filter(|&index| !folder.is_empty() || role(weights, index, files.name(index)) != Role::Other).collect()
}

fn metrics(files: &Files<'_>, folder: &str) -> (Vec<(String, f64)>, Option<String>) {
    let names = ["all_results.json", "eval_results.json", "metrics.json", "train_results.json"];
    let found =
        names.iter().find_map(|name| files.child(folder, name).filter(|&index| files.document(index).is_some()));
    let document = found.and_then(|index| files.document(index));
    (document.map(metrics_of).unwrap_or_default(), found.map(|index| files.path(index).to_owned()))
}

/// Files that hold the model a second time would be counted twice.
fn passed_over(files: &Files<'_>, weights: &Weights) -> Option<Finding> {
    let first = *weights.others.first()?;
    let main = files.name(weights.main);
    let more = match weights.others.len().saturating_sub(1) as u64 {
        0 => String::new(),
        more => format!(" and {}", counted(more, "other file")),
    };
    let message = format!("{}{more} may hold the model once more: a loader takes {main}", files.name(first));
    Some(Finding::note("weights-passed-over", message).in_file(files.path(first)))
}

#[cfg(test)]
mod tests;
