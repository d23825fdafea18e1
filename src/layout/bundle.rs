//! Folders that are one model or checkpoint each, known by the files in them: the folder and all below it belong
//! together. Signatures from the frameworks' documentation; tensors are told where the containers in them are read.

use std::collections::BTreeMap;

use super::framework::{Framework, How};
use super::markers;
use super::members::{checkpoint_order, claim_members, empty_checkpoint, empty_run};
use super::{Files, numbers, resume, role_of_name};
use crate::model::{Checkpoint, Role, Run, Value, base_name, order_by, parent};

/// A framework whose checkpoints are such folders.
pub struct Bundle {
    /// Files that must be there, all of one of the sets; relative to the folder.
    marks: &'static [&'static [&'static str]],
    /// Where a document tells the step: its name, and the key in it.
    step: Option<(&'static str, &'static str)>,
}

/// diffusers pipelines.
pub(super) static DIFFUSERS: Framework<Bundle> = Framework {
    id: "diffusers",
    name: "diffusers pipeline",
    signature: "`model_index.json` above its components",
    how: Bundle { marks: &[&["model_index.json"]], step: None },
};
/// sentence-transformers models.
pub(super) static SENTENCE_TRANSFORMERS: Framework<Bundle> = Framework {
    id: "sentence_transformers",
    name: "sentence-transformers model",
    signature: "`modules.json` beside `config_sentence_transformers.json`",
    how: Bundle {
        marks: &[&["modules.json", "config_sentence_transformers.json"], &["modules.json", "1_Pooling/config.json"]],
        step: None,
    },
};
/// TensorFlow SavedModel.
pub(super) static SAVED_MODEL: Framework<Bundle> = Framework {
    id: "tf_saved_model",
    name: "TensorFlow SavedModel",
    signature: "`saved_model.pb` above `variables/`",
    how: Bundle { marks: &[&["saved_model.pb", "variables/variables.index"], &["saved_model.pb"]], step: None },
};
/// Stable-Baselines3 policies, which are zip files.
pub(super) static STABLE_BASELINES: Framework<Bundle> = Framework {
    id: "stable_baselines3",
    name: "Stable-Baselines3 policy",
    signature: "a zip with `data`, `policy.pth` and `_stable_baselines3_version`",
    how: Bundle {
        marks: &[&["data", "policy.pth"], &["data", "_stable_baselines3_version"]],
        step: Some(("data", "num_timesteps")),
    },
};
/// NeMo archives and folders.
pub(super) static NEMO: Framework<Bundle> = Framework {
    id: "nemo",
    name: "NeMo model",
    signature: "a `.nemo` tar with `model_config.yaml`, or `context/` beside `weights/`",
    how: Bundle {
        marks: &[
            &["model_config.yaml", "model_weights.ckpt"],
            &["model_config.yaml", "model_weights/metadata.json"],
            &["context/model.yaml", "weights/metadata.json"],
            &["context/io.json", "weights/metadata.json"],
        ],
        step: None,
    },
};

impl How for Bundle {
    fn find(framework: &Framework<Self>, files: &mut Files<'_>) -> Vec<Run> {
        let mut found: BTreeMap<String, &[&str]> = BTreeMap::new();
        for marks in framework.how.marks {
            let Some((first, rest)) = marks.split_first() else { continue };
            let depth = first.matches('/').count();
            for folder in files.folders() {
                let home = (0..depth).fold(folder, |folder, _| parent(folder));
                let has = |mark: &&&str| {
                    let path = format!("{home}/{mark}");
                    files.find(&path).is_some_and(|at| !files.is_claimed(at))
                };
                if !home.is_empty() && has(&first) && rest.iter().all(|mark| has(&mark)) {
                    found.entry(home.to_owned()).or_insert(marks);
                }
            }
        }
        let mut homes: BTreeMap<String, Vec<(String, &[&str])>> = BTreeMap::new();
        for (folder, marks) in found {
            homes.entry(parent(&folder).to_owned()).or_default().push((folder, marks));
        }
        homes.into_iter().map(|(home, folders)| framework.run(files, &home, &folders)).collect()
    }
}

impl Framework<Bundle> {
    fn run(&self, files: &mut Files<'_>, home: &str, folders: &[(String, &[&str])]) -> Run {
        let evidence =
            folders.first().map(|(folder, marks)| format!("{} in {}", marks.join(" and "), base_name(folder)));
        let mut run = empty_run(self.id, home, evidence.unwrap_or_default());
        for (folder, _) in folders {
            let checkpoint = self.checkpoint(files, folder);
            run.checkpoints.push(checkpoint);
        }
        order_by(&mut run.checkpoints, checkpoint_order);
        run.markers = markers::derived_last(&run.checkpoints).into_iter().collect();
        run
    }

    fn checkpoint(&self, files: &mut Files<'_>, folder: &str) -> Checkpoint {
        let mut checkpoint = empty_checkpoint(folder);
        let named = numbers(base_name(folder));
        let told =
            self.how.step.and_then(|(name, key)| files.child_document(folder, name)?.get(key).and_then(Value::count));
        checkpoint.step = told.or(named.step);
        checkpoint.epoch = named.epoch.map(|epoch| epoch as f64);
        checkpoint.metrics_from = named.metric.is_some().then(|| folder.to_owned());
        checkpoint.metrics = named.metric.into_iter().collect();
        let all = below(files, folder);
        let is_config = |at: &usize| {
            let is_named = role_of_name(files.name(*at)) == Role::Config || files.name(*at).ends_with("_index.json");
            is_named && files.document(*at).is_some() && parent(files.path(*at)) == folder
        };
        checkpoint.config = all.iter().filter(|at| is_config(at)).map(|&at| files.path(at).to_owned()).collect();
        checkpoint.files = claim_all(files, &all);
        checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "rng", "step"]);
        checkpoint
    }
}

/// Indexes of the unclaimed files in `folder` and below, in order.
pub(super) fn below(files: &Files<'_>, folder: &str) -> Vec<usize> {
    let is_inside =
        |other: &&str| other.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let folders: Vec<&str> = files.folders().into_iter().filter(is_inside).collect();
    let all = folders.iter().flat_map(|folder| files.in_folder(folder).iter().copied());
    all.filter(|&at| !files.is_claimed(at)).collect()
}

/// Claims files by what their names say; of the others, those with tensors, or made for them, are the model.
pub(super) fn claim_all(files: &mut Files<'_>, all: &[usize]) -> Vec<crate::model::Member> {
    let holds = |at: usize| {
        let name = files.name(at);
        let is_variables = name.starts_with("variables.data-") || name.ends_with(".distcp");
        is_variables || files.contents(at).is_some_and(|contents| !contents.tensors.is_empty())
    };
    let weights: Vec<usize> = all.iter().copied().filter(|&at| holds(at)).collect();
    claim_members(files, all, |index, name| match role_of_name(name) {
        _ if name.ends_with("_optim_states.pt") || name.contains("optimizer.pth") || name == "distrib_optim.pt" => {
            Role::Optimizer
        }
        _ if name == "scheduler_config.json" => Role::Config,
        Role::Other if weights.binary_search(&index).is_ok() => Role::Model,
        told => told,
    })
}

#[cfg(test)]
mod tests {
    use crate::layout::testing::{Pick, roles, steps, torch};

    #[test]
    fn a_pipeline_is_one_checkpoint_with_its_components() {
        let run = Pick::default()
            .json("m/sd/model_index.json", "{}")
            .json("m/sd/unet/config.json", "{}")
            .tensors("m/sd/unet/diffusion_pytorch_model.safetensors", "safetensors", &[("w", &[2])])
            .json("m/sd/scheduler/scheduler_config.json", "{}")
            .run();
        assert_eq!((run.layout.as_str(), run.path.as_str()), ("diffusers", "m"));
        assert_eq!(run.evidence, "model_index.json in sd");
        assert_eq!(
            roles(&run.checkpoints[0].files),
            "model_index.json=other scheduler_config.json=config config.json=config diffusion_pytorch_model.safetensors=model"
        );
        assert_eq!(run.checkpoints[0].config, ["m/sd/model_index.json"]);
    }

    #[test]
    fn a_policy_tells_its_step() {
        let run = Pick::default()
            .archive("logs/rl_model_5000_steps.zip")
            .json("logs/rl_model_5000_steps.zip/data", r#"{"num_timesteps": 5000}"#)
            .file("logs/rl_model_5000_steps.zip/policy.pth", torch(r#"{"w": "tensor"}"#))
            .file("logs/rl_model_5000_steps.zip/policy.optimizer.pth", torch(r#"{"state": {"0": "tensor"}}"#))
            .other("logs/rl_model_5000_steps.zip/_stable_baselines3_version")
            .run();
        assert_eq!(run.layout, "stable_baselines3");
        assert_eq!(steps(&run), [("rl_model_5000_steps.zip", Some(5000))]);
        assert_eq!(
            roles(&run.checkpoints[0].files),
            "_stable_baselines3_version=other data=other policy.optimizer.pth=optimizer policy.pth=model"
        );
    }

    #[test]
    fn others_are_known_by_their_files() {
        for (files, layout) in [
            (["m/modules.json", "m/1_Pooling/config.json"], "sentence_transformers"),
            (["m/saved_model.pb", "m/variables/variables.index"], "tf_saved_model"),
            (["m/x.nemo/model_config.yaml", "m/x.nemo/model_weights.ckpt"], "nemo"),
            (["m/x/context/model.yaml", "m/x/weights/metadata.json"], "nemo"),
        ] {
            let run = Pick::default().other(files[0]).other(files[1]).run();
            assert_eq!(run.layout, layout, "{files:?}");
            assert_eq!(run.checkpoints[0].files.len(), 2);
        }
    }
}
