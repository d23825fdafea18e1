//! Files with tensors that no convention claims: each is a checkpoint, those of one folder are a run.

use super::members::{
    checkpoint_order, claim_members, counted, empty_checkpoint, empty_run, last_by_step, note_non_finite,
};
use super::name::split_digits;
use super::{Files, Layout, numbers, resume, role_of_name};
use crate::model::{Checkpoint, Role, Run, order_by};

/// The layout.
pub struct SingleFile;

/// Formats that are for tensors, even when a file holds none.
const FORMATS: &[&str] = &["npz", "npy", "safetensors", "torch_zip", "torch_legacy", "torch_tar", "gguf", "hdf5"];

impl Layout for SingleFile {
    fn id(&self) -> &'static str {
        "single_file"
    }

    fn name(&self) -> &'static str {
        "Single files"
    }

    fn signature(&self) -> &'static str {
        "a file with tensors"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let mut found = Vec::new();
        for folder in files.folders() {
            let tensors = tensor_files(files, folder);
            if let Some(&first) = tensors.first() {
                let evidence = match tensors.len() as u64 {
                    1 => files.contents(first).map(|contents| contents.evidence.clone()).unwrap_or_default(),
                    several => format!("{} with tensors", counted(several, "file")),
                };
                found.extend(runs(files, self.id(), folder, &tensors, &evidence));
            }
        }
        found
    }
}

/// Unclaimed files of `folder` that hold tensors.
pub(super) fn tensor_files(files: &Files<'_>, folder: &str) -> Vec<usize> {
    let holds = |index: &usize| {
        let contents = files.contents(*index).filter(|_| !files.is_claimed(*index));
        contents.is_some_and(|c| !c.tensors.is_empty() || FORMATS.contains(&c.format.as_str()))
    };
    files.in_folder(folder).iter().copied().filter(holds).collect()
}

/// One run of the files at `indexes`; loose ones were dropped each for itself.
pub(super) fn runs(files: &mut Files<'_>, layout: &str, folder: &str, indexes: &[usize], evidence: &str) -> Vec<Run> {
    if folder.is_empty() {
        return indexes.iter().map(|&index| run(files, layout, folder, &[index], evidence)).collect();
    }
    vec![run(files, layout, folder, indexes, evidence)]
}

fn run(files: &mut Files<'_>, layout: &str, folder: &str, indexes: &[usize], evidence: &str) -> Run {
    let mut run = empty_run(layout, folder, evidence);
    // An optimizer beside one model is part of it, and no checkpoint of its own.
    let is_state = |index: &usize| is_state(role_of_name(files.name(*index)));
    let (states, models): (Vec<usize>, Vec<usize>) = indexes.iter().partition(|index| is_state(index));
    let groups: Vec<Vec<usize>> = match models.as_slice() {
        [model] => vec![[vec![*model], states].concat()],
        _ => indexes.iter().map(|&index| vec![index]).collect(),
    };
    let is_only = groups.len() == 1;
    for group in groups {
        let mut read = checkpoint(files, &group);
        if is_only && !folder.is_empty() {
            read.config = configs(files, folder);
        }
        note_non_finite(&read, &mut run.findings);
        run.checkpoints.push(read);
    }
    order_by(&mut run.checkpoints, checkpoint_order);
    let checkpoints: Vec<&Checkpoint> = run.checkpoints.iter().collect();
    run.markers = last_by_step(&checkpoints).into_iter().collect();
    run
}

fn is_state(role: Role) -> bool {
    matches!(role, Role::Optimizer | Role::Scheduler | Role::Rng)
}

fn checkpoint(files: &mut Files<'_>, group: &[usize]) -> Checkpoint {
    let Some(&main) = group.first() else { return empty_checkpoint("") };
    let mut checkpoint = empty_checkpoint(files.path(main));
    let name = numbers(files.name(main));
    checkpoint.step = name.step.or_else(|| leading_step(files.name(main)));
    checkpoint.epoch = name.epoch.map(|epoch| epoch as f64);
    checkpoint.metrics_from = name.metric.is_some().then(|| checkpoint.path.clone());
    checkpoint.metrics = name.metric.into_iter().collect();
    checkpoint.files = claim_members(files, group, |_, name| {
        let role = role_of_name(name);
        if is_state(role) { role } else { Role::Model }
    });
    checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "rng", "step"]);
    checkpoint
}

/// `0000100_adapters.safetensors`, as `mlx-lm` names them.
fn leading_step(name: &str) -> Option<u64> {
    const PADDED: usize = 7;
    let (digits, rest) = split_digits(name);
    if digits.len() == PADDED && rest.starts_with('_') { digits.parse().ok() } else { None }
}

fn configs(files: &Files<'_>, folder: &str) -> Vec<String> {
    let beside = files.in_folder(folder).iter().copied();
    let configs = beside.filter(|&index| role_of_name(files.name(index)) == Role::Config);
    configs.filter(|&index| files.document(index).is_some()).map(|index| files.path(index).to_owned()).collect()
}
