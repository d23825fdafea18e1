//! Keras models (3.15): `.keras` files, which open as folders, `.weights.h5`, and the older `.h5`.
//!
//! `ModelCheckpoint` puts numbers into names by a pattern of the user's; `{epoch:02d}-{val_loss:.4f}` is the documented one.

use std::collections::BTreeMap;

use super::markers;
use super::members::{checkpoint_order, claim_members, empty_checkpoint, empty_run};
use super::{Files, Layout, hf_model, numbers, resume};
use crate::model::{Checkpoint, Finding, Role, Run, base_name, order_by, parent};

/// The layout.
pub struct Keras;

/// What is in a `.keras` file.
const PARTS: &[&str] = &["metadata.json", "config.json", "model.weights.h5"];

impl Layout for Keras {
    fn id(&self) -> &'static str {
        "keras"
    }

    fn name(&self) -> &'static str {
        "Keras models"
    }

    fn signature(&self) -> &'static str {
        "`.keras` files, `.weights.h5`, or HDF5 with Keras' attributes"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let mut homes: BTreeMap<&str, Vec<Model<'_>>> = BTreeMap::new();
        for folder in files.folders() {
            if !folder.is_empty() && PARTS.iter().all(|part| files.child(folder, part).is_some()) {
                homes.entry(parent(folder)).or_default().push(Model::Folder(folder));
                continue;
            }
            let own =
                files.in_folder(folder).iter().copied().filter(|&at| !files.is_claimed(at) && is_keras(files, at));
            let own: Vec<usize> = own.collect();
            homes.entry(folder).or_default().extend(own.into_iter().map(Model::File));
        }
        homes.retain(|_, models| !models.is_empty());
        homes.into_iter().map(|(home, models)| run(files, self.id(), home, &models)).collect()
    }
}

/// A model: a `.keras` file, or an HDF5 file.
enum Model<'a> {
    Folder(&'a str),
    File(usize),
}

fn is_keras(files: &Files<'_>, at: usize) -> bool {
    let Some(contents) = files.contents(at).filter(|contents| contents.format == "hdf5") else { return false };
    let has = |key: &str| contents.document.as_ref().is_some_and(|document| document.get(key).is_some());
    let is_tree = || contents.tensors.iter().any(|tensor| tensor.name.contains("/vars/"));
    files.name(at).ends_with(".weights.h5") || has("keras_version") || has("layer_names") || is_tree()
}

fn run(files: &mut Files<'_>, layout: &str, home: &str, models: &[Model<'_>]) -> Run {
    let mut run = empty_run(layout, home, "");
    for model in models {
        let checkpoint = match model {
            Model::Folder(folder) => folder_checkpoint(files, folder, &mut run.findings),
            Model::File(at) => file_checkpoint(files, *at),
        };
        run.checkpoints.push(checkpoint);
    }
    order_by(&mut run.checkpoints, checkpoint_order);
    run.evidence = run.checkpoints.first().map(|checkpoint| evidence(files, checkpoint)).unwrap_or_default();
    run.markers = markers::derived_last(&run.checkpoints).into_iter().collect();
    run.rule = Some("ModelCheckpoint keeps every save; with save_best_only each that is strictly better".to_owned());
    run
}

fn evidence(files: &Files<'_>, first: &Checkpoint) -> String {
    let version = first.files.iter().find_map(|member| {
        let document = files.document(files.find(&member.path)?)?;
        Some(document.get("keras_version")?.text()?.to_owned())
    });
    match version {
        Some(version) => format!("{}, written by Keras {version}", first.name),
        None => format!("{} with Keras' variables", first.name),
    }
}

fn folder_checkpoint(files: &mut Files<'_>, folder: &str, findings: &mut Vec<Finding>) -> Checkpoint {
    let checkpoint = hf_model::folder(files, folder, findings);
    named(files, checkpoint, folder)
}

fn file_checkpoint(files: &mut Files<'_>, at: usize) -> Checkpoint {
    let path = files.path(at);
    let mut checkpoint = empty_checkpoint(path);
    checkpoint.files = claim_members(files, &[at], |_, _| Role::Model);
    let has_config = files.document(at).is_some_and(|document| document.get("model_config").is_some());
    checkpoint.config = has_config.then(|| path.to_owned()).into_iter().collect();
    named(files, checkpoint, path)
}

/// With the numbers of its name.
fn named(files: &Files<'_>, mut checkpoint: Checkpoint, path: &str) -> Checkpoint {
    let name = base_name(path);
    let told = numbers(name);
    let (epoch, value) = pattern(name);
    checkpoint.step = told.step;
    checkpoint.epoch = told.epoch.or(epoch).map(|epoch| epoch as f64);
    checkpoint.metrics = told.metric.or_else(|| Some(("metric".to_owned(), value?))).into_iter().collect();
    checkpoint.metrics_from = (!checkpoint.metrics.is_empty()).then(|| path.to_owned());
    checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "config"]);
    checkpoint
}

/// `weights.01-0.8748.keras`: epoch 1, a metric of 0.8748.
fn pattern(name: &str) -> (Option<u64>, Option<f64>) {
    let stem = [".keras", ".weights.h5", ".h5", ".hdf5"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(name);
    let Some((left, right)) = stem.split_once('-') else { return (None, None) };
    let digits = left.trim_start_matches(|c: char| !c.is_ascii_digit());
    let is_decimal = right.contains('.') && right.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (digits.parse().ok(), right.parse().ok().filter(|_| is_decimal))
}

#[cfg(test)]
mod tests {
    use super::pattern;
    use crate::layout::testing::{Pick, roles};
    use crate::model::Contents;

    #[test]
    fn names_follow_the_documented_pattern() {
        assert_eq!(pattern("01-0.8748.keras"), (Some(1), Some(0.8748)));
        assert_eq!(pattern("weights.12-0.5.weights.h5"), (Some(12), Some(0.5)));
        assert_eq!((pattern("model.keras"), pattern("resnet50-imagenet.h5")), ((None, None), (Some(50), None)));
    }

    #[test]
    fn a_file_with_three_parts_is_one_checkpoint() {
        let mut pick = Pick::default();
        for name in ["02-0.5.keras", "01-0.75.keras"] {
            pick = pick
                .archive(&format!("d/{name}"))
                .json(&format!("d/{name}/metadata.json"), r#"{"keras_version": "3.15.1"}"#)
                .json(&format!("d/{name}/config.json"), "{}")
                .tensors(&format!("d/{name}/model.weights.h5"), "hdf5", &[("layers/dense/vars/0", &[2, 3])]);
        }
        let old = Contents { ..Contents::new("hdf5", "") };
        let run = pick.file("d/final.weights.h5", old).run();
        assert_eq!((run.layout.as_str(), run.path.as_str()), ("keras", "d"));
        let told: Vec<_> = run.checkpoints.iter().map(|c| (c.name.as_str(), c.epoch, c.metrics.len())).collect();
        assert_eq!(
            told,
            [("01-0.75.keras", Some(1.0), 1), ("02-0.5.keras", Some(2.0), 1), ("final.weights.h5", None, 0)]
        );
        assert_eq!(roles(&run.checkpoints[0].files), "config.json=config metadata.json=other model.weights.h5=model");
        assert_eq!(run.evidence, "01-0.75.keras, written by Keras 3.15.1");
        assert_eq!(run.markers[0].checkpoint.as_deref(), Some("02-0.5.keras"));
    }
}
