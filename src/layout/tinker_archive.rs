//! Checkpoints of Tinker as its clients download them: an uncompressed tar of `adapter_config.json`,
//! `adapter_model.safetensors` and the empty `checkpoint_complete`, or the folder it was extracted to, which is called by
//! the checkpoint's path with `/` as `_` (and may hold colons). SkyRL serves the same gzipped and without the last file.
//!
//! No step, no metrics, no checksum. The numbers in names are those of checkpoints, and of no step.

use std::collections::BTreeMap;

use super::members::{claim_members, empty_checkpoint, empty_run};
use super::{Files, Layout, resume, role_of_name};
use crate::model::{Checkpoint, Finding, Role, Run, Value, natural_cmp, order_by, parent};

/// The layout.
pub struct TinkerArchive;

const WEIGHTS: &[&str] = &["adapter_model.safetensors", "adapter_model.bin"];
const COMPLETE: &str = "checkpoint_complete";

impl Layout for TinkerArchive {
    fn id(&self) -> &'static str {
        "tinker_archive"
    }

    fn name(&self) -> &'static str {
        "Tinker checkpoint archive"
    }

    fn signature(&self) -> &'static str {
        "`checkpoint_complete` beside `adapter_config.json` and `adapter_model.safetensors`, or a tar of the last two"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let mut homes: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
        for folder in files.folders().into_iter().filter(|folder| is_ours(files, folder)) {
            let top = top(files, folder);
            homes.entry(parent(top)).or_default().push((top, folder));
        }
        homes.into_iter().map(|(home, found)| run(files, self.id(), home, &found)).collect()
    }
}

fn weights(files: &Files<'_>, folder: &str) -> Option<usize> {
    WEIGHTS.iter().find_map(|name| files.child(folder, name))
}

fn is_ours(files: &Files<'_>, folder: &str) -> bool {
    if files.child(folder, "adapter_config.json").is_none() || weights(files, folder).is_none() {
        return false;
    }
    let is_called =
        |part: &str| part == "sampler_weights" || part.contains("_sampler_weights_") || part.contains(":train:");
    let is_tar = || files.is_archive(folder) && !folder.ends_with(".zip");
    files.child(folder, COMPLETE).is_some() || is_tar() || folder.split('/').any(is_called)
}

/// The outermost archive that holds nothing but `folder`: a tar, or a gzip file with a tar in it.
fn top<'a>(files: &Files<'_>, folder: &'a str) -> &'a str {
    let mut top = folder;
    while files.is_archive(top) && files.is_archive(parent(top)) {
        top = parent(top);
    }
    top
}

fn run(files: &mut Files<'_>, layout: &str, home: &str, found: &[(&str, &str)]) -> Run {
    let evidence = found.first().map(|(_, folder)| evidence(files, folder)).unwrap_or_default();
    let mut run = empty_run(layout, home, evidence);
    for (top, folder) in found {
        let checkpoint = checkpoint(files, top, folder, &mut run.findings);
        run.checkpoints.push(checkpoint);
    }
    order_by(&mut run.checkpoints, |a, b| natural_cmp(&a.path, &b.path));
    run
}

/// `adapter_config.json (LORA, r 4, alpha 32) beside adapter_model.safetensors and checkpoint_complete`.
fn evidence(files: &Files<'_>, folder: &str) -> String {
    let config = files.child_document(folder, "adapter_config.json");
    let word = |key: &str| config.and_then(|config| config.get(key));
    let kind = word("peft_type").and_then(Value::text).map(str::to_owned);
    let number = |key: &str, name: &str| Some(format!("{name} {}", word(key)?.number()?));
    let told: Vec<String> = [kind, number("r", "r"), number("lora_alpha", "alpha")].into_iter().flatten().collect();
    let told = if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) };
    let name = weights(files, folder).map_or("", |at| files.name(at));
    let complete = if files.child(folder, COMPLETE).is_some() { " and checkpoint_complete" } else { "" };
    format!("adapter_config.json{told} beside {name}{complete}")
}

fn checkpoint(files: &mut Files<'_>, top: &str, folder: &str, findings: &mut Vec<Finding>) -> Checkpoint {
    let weights = weights(files, folder);
    // Loose files have no folder of their own.
    let path = if top.is_empty() { weights.map_or("", |at| files.path(at)) } else { top };
    let mut checkpoint = empty_checkpoint(path);
    let place = if top.is_empty() { path } else { top };
    if files.child(folder, COMPLETE).is_none() {
        let message = "there is no checkpoint_complete: Tinker's clients take it for incomplete and do not publish it; \
                       SkyRL never writes one";
        findings.push(Finding::warning("checkpoint-incomplete", message).in_file(place));
    }
    findings.extend(judge_config(files, folder, weights));
    let config = files.child(folder, "adapter_config.json");
    checkpoint.config = config.map(|at| files.path(at).to_owned()).into_iter().collect();
    let all = files.in_folder(folder).to_vec();
    let own: Vec<usize> =
        all.into_iter().filter(|&at| !folder.is_empty() || role(files.name(at)) != Role::Other).collect();
    checkpoint.files = claim_members(files, &own, |_, name| role(name));
    checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "step"]);
    checkpoint
}

fn role(name: &str) -> Role {
    match name {
        COMPLETE => Role::Marker,
        _ if WEIGHTS.contains(&name) => Role::Model,
        _ => role_of_name(name),
    }
}

/// What is odd about an adapter's configuration, given the file of its weights.
pub(super) fn judge_config(files: &Files<'_>, folder: &str, weights: Option<usize>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let Some(index) = files.child(folder, "adapter_config.json") else { return findings };
    let Some(config) = files.document(index) else { return findings };
    if config.get("base_model_name_or_path").is_some_and(|base| *base == Value::Null) {
        let message = "base_model_name_or_path is null: which model it adapts is for the reader to say";
        findings.push(Finding::note("base-model-unknown", message).in_file(files.path(index)));
    }
    let has_pattern = config.get("rank_pattern").and_then(Value::pairs).is_some_and(|pairs| !pairs.is_empty());
    let rank = config.get("r").and_then(Value::count).filter(|_| !has_pattern);
    let tensors = weights.and_then(|at| files.contents(at)).map(|contents| contents.tensors.as_slice());
    let other = tensors.unwrap_or_default().iter().find_map(|tensor| {
        let own = tensor.name.contains(".lora_A.").then(|| tensor.shape.iter().rev().nth(1).copied()).flatten()?;
        (Some(own) != rank).then_some((tensor.name.as_str(), own))
    });
    if let Some((rank, (name, own))) = rank.zip(other) {
        let message = format!("gives the rank {rank}, {name} has {own}");
        findings.push(Finding::warning("adapter-rank", message).in_file(files.path(index)));
    }
    findings
}

#[cfg(test)]
mod tests {
    use crate::layout::testing::{Pick, roles, told};

    const CONFIG: &str = r#"{"peft_type": "LORA", "r": 4, "lora_alpha": 32, "base_model_name_or_path": null}"#;

    fn archive(pick: Pick, path: &str, rank: u64) -> Pick {
        let name = "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight";
        pick.archive(path).json(&format!("{path}/adapter_config.json"), CONFIG).tensors(
            &format!("{path}/adapter_model.safetensors"),
            "safetensors",
            &[(name, &[rank, 16])],
        )
    }

    #[test]
    fn a_tar_and_a_folder_are_the_same() {
        let mut pick =
            archive(Pick::default(), "d/run_weights_0002.tar", 4).other("d/run_weights_0002.tar/checkpoint_complete");
        pick = archive(pick, "d/run_weights_0010.tar", 8);
        let run = pick.run();
        assert_eq!((run.layout.as_str(), run.path.as_str()), ("tinker_archive", "d"));
        assert_eq!(
            run.evidence,
            "adapter_config.json (LORA, r 4, alpha 32) beside adapter_model.safetensors and checkpoint_complete"
        );
        let paths: Vec<_> = run.checkpoints.iter().map(|checkpoint| checkpoint.path.as_str()).collect();
        assert_eq!(paths, ["d/run_weights_0002.tar", "d/run_weights_0010.tar"]);
        assert_eq!(
            told(&run.findings),
            [
                "base-model-unknown d/run_weights_0002.tar/adapter_config.json",
                "checkpoint-incomplete d/run_weights_0010.tar",
                "base-model-unknown d/run_weights_0010.tar/adapter_config.json",
                "adapter-rank d/run_weights_0010.tar/adapter_config.json",
            ]
        );
        assert_eq!(
            roles(&run.checkpoints[0].files),
            "adapter_config.json=config adapter_model.safetensors=model checkpoint_complete=marker"
        );
        assert_eq!(run.checkpoints[0].resume.missing, ["optimizer", "step"]);
    }

    #[test]
    fn a_gzipped_tar_stands_for_the_tar_in_it() {
        let run = archive(
            Pick::default().archive("s/sampler_weights/0001.tar.gz"),
            "s/sampler_weights/0001.tar.gz/0001.tar",
            4,
        )
        .run();
        assert_eq!((run.path.as_str(), run.checkpoints[0].name.as_str()), ("s/sampler_weights", "0001.tar.gz"));
    }
}
