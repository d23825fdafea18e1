//! Each save in a folder of its own.

use super::ranking::Ranking;
use super::{digests, facts, index, parent_index, weights};
use crate::layout::codex::parts::{claim_folder, claim_named, documents, metrics_in, number_in, run_of};
use crate::layout::markers;
use crate::layout::members::{empty_checkpoint, set_roles, settled};
use crate::layout::{Files, numbers, resume, role_of_name};
use crate::model::{Checkpoint, Finding, Role, Run, TensorRole, Value, base_name};

pub(super) fn run(files: &mut Files<'_>, layout: &str, home: &str, folders: &[&str]) -> Run {
    let evidence = "index.json with entries and metric_key beside ckpt-<time>-<number>.pt, in a folder for each save; \
                    the canonical core";
    let mut run = run_of(files, (layout, home, evidence), folders, &checkpoint);
    Ranking::point(files, home, &mut run);
    run.markers.extend(markers::derived_last(&run.checkpoints));
    run.rule = Some(
        "keeps the N newest folders, less those that fall out of the best K; best is not exempt from the first, the last \
         not from the second; of equal ones the older"
            .to_owned(),
    );
    run.files = claim_named(files, home, parent_index::NAMES);
    run
}

fn checkpoint(files: &mut Files<'_>, folder: &str, findings: &mut Vec<Finding>) -> Checkpoint {
    let Some(&at) = weights(files, folder).first() else { return empty_checkpoint(folder) };
    let mut checkpoint = empty_checkpoint(if folder.is_empty() { files.path(at) } else { folder });
    let stem = files.name(at).strip_suffix(".pt").unwrap_or_default();
    let record = files.child(folder, &format!("{stem}.meta.json"));
    let name = base_name(folder);
    // Folders of `save_now` are called epoch and counted in steps; those of unified training are counted in epochs.
    let step = record.and_then(|record| Some((files.document(record)?.get("step")?.number()?, files.path(record))));
    let named = numbers(name).epoch;
    checkpoint.step =
        settled("step", step, None, name, findings).and_then(|_| files.document(record?)?.get("step")?.count());
    if let Some((step, path)) = step.filter(|(step, _)| named.is_some_and(|named| named as f64 != *step)) {
        let message = format!("says step {step}, the folder is called {name}");
        findings.push(Finding::warning("step-disagrees", message).in_file(path));
    }
    let epoch = number_in(files, folder, "metadata.json", "epoch");
    checkpoint.epoch = settled("epoch", epoch, named.filter(|_| step.is_none()), name, findings);
    facts::numbers(files, at, &mut checkpoint);
    let told = facts::metrics(files, at, record, index(files, folder));
    if let Some((metrics, from)) = metrics_in(files, folder, "metadata.json", &["metrics"]).or(told) {
        (checkpoint.metrics, checkpoint.metrics_from) = (metrics, Some(from));
    }
    if checkpoint.metrics.is_empty()
        && let Some(index) = files.child(folder, "metadata.json")
        && let Some(told) = files.document(index).and_then(|metadata| metadata.get("checkpoint"))
        && let Some(metric) = told.get("metric_key").and_then(Value::text)
        && let Some(value) = told.get("metric_value").and_then(Value::number)
    {
        checkpoint.metrics = vec![(metric.to_owned(), value)];
        checkpoint.metrics_from = Some(files.path(index).to_owned());
    }
    checkpoint.config = documents(files, folder, &["config.json", "config.yaml", "config.snapshot.json"]);
    digests::explain(files, folder, findings);
    checkpoint.files = claim_folder(files, folder, &|name| match name {
        "state.pt" => Role::Extra,
        "index.json" => Role::Manifest,
        "best_index.json" => Role::Marker,
        "metadata.json" => Role::Metrics,
        "run_manifest.json" => Role::Environment,
        _ if super::is_weights(name) => Role::Model,
        _ if name.ends_with(".meta.json") => Role::Metrics,
        _ => role_of_name(name),
    });
    // The copy would count the model twice.
    if let Some(copy) = files.find(&format!("{folder}/state.pt")) {
        set_roles(files, copy, |_| TensorRole::Other);
    }
    checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "step"]);
    checkpoint
}
