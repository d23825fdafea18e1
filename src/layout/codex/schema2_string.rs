//! `checkpointing/checkpoint_core.py`, "2.0" (a text): folders of `weights.pt` and `metadata.json`, both with
//! `_schema_version`.

use super::parts::{claim_folder, documents, grouped, metrics_in, number_in, place_of, run_of};
use crate::layout::members::{empty_checkpoint, settled};
use crate::layout::{Files, Layout, markers, numbers, resume, role_of_name};
use crate::model::{Checkpoint, Finding, Role, Run, base_name};

/// The layout.
pub struct CodexSchema2String;

impl Layout for CodexSchema2String {
    fn id(&self) -> &'static str {
        "codex_schema2_string"
    }

    fn name(&self) -> &'static str {
        "codex_ml schema \"2.0\" folders"
    }

    fn signature(&self) -> &'static str {
        "`metadata.json` with `_schema_version` beside `weights.pt`"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let homes = grouped(files, |files, folder| {
            let metadata = files.child_document(folder, "metadata.json");
            let is_versioned = metadata.is_some_and(|metadata| metadata.get("_schema_version").is_some());
            is_versioned && files.child(folder, "weights.pt").is_some()
        });
        homes.into_iter().map(|(home, folders)| run(files, self.id(), home, &folders)).collect()
    }
}

fn run(files: &mut Files<'_>, layout: &str, home: &str, folders: &[&str]) -> Run {
    let evidence = "metadata.json with _schema_version beside weights.pt; a legacy surface";
    let mut run = run_of(files, (layout, home, evidence), folders, &checkpoint);
    run.markers.extend(markers::derived_last(&run.checkpoints));
    run
}

fn checkpoint(files: &mut Files<'_>, folder: &str, findings: &mut Vec<Finding>) -> Checkpoint {
    let mut checkpoint = empty_checkpoint(place_of(files, folder, &["weights.pt"]));
    let name = base_name(folder);
    let named = numbers(name);
    let epoch = number_in(files, folder, "metadata.json", "epoch");
    checkpoint.epoch = settled("epoch", epoch, named.epoch, name, findings);
    let metadata = files.child_document(folder, "metadata.json");
    checkpoint.step = metadata.and_then(|metadata| metadata.get("step")?.count()).or(named.step);
    if let Some((metrics, from)) = metrics_in(files, folder, "metadata.json", &["metrics"]) {
        (checkpoint.metrics, checkpoint.metrics_from) = (metrics, Some(from));
    }
    checkpoint.config = documents(files, folder, &["config.yaml", "config.json"]);
    checkpoint.files = claim_folder(files, folder, &|name| match name {
        "weights.pt" => Role::Model,
        "metadata.json" => Role::Metrics,
        _ => role_of_name(name),
    });
    checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "step"]);
    checkpoint
}
