//! Distributed checkpoints of PyTorch (`torch.distributed.checkpoint`, 2.15; FSDP): a folder with `.metadata`, a pickle
//! of names, types and shapes, and pieces `__<rank>_<n>.distcp`, which are not read and are said to be so.

use std::collections::BTreeMap;

use super::bundle::{below, claim_all};
use super::markers;
use super::members::{checkpoint_order, empty_checkpoint, empty_run, listed};
use super::{Files, Layout, numbers, resume};
use crate::limits;
use crate::model::{
    Checkpoint, DType, Finding, Role, Run, Tensor, TensorRole, Value, base_name, distinct, elements, order_by, parent,
};

/// The layout.
pub struct TorchDcp;

const METADATA: &str = ".metadata";

impl Layout for TorchDcp {
    fn id(&self) -> &'static str {
        "torch_dcp"
    }

    fn name(&self) -> &'static str {
        "PyTorch distributed checkpoints"
    }

    fn signature(&self) -> &'static str {
        "`.metadata` beside `__0_0.distcp`"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let mut homes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for folder in files.folders().into_iter().filter(|folder| !folder.is_empty()) {
            let has_pieces = files.in_folder(folder).iter().any(|&at| files.name(at).ends_with(".distcp"));
            let is_told =
                files.child_document(folder, METADATA).is_some_and(|m| m.get("state_dict_metadata").is_some());
            if files.child(folder, METADATA).is_some() && (has_pieces || is_told) {
                homes.entry(parent(folder)).or_default().push(folder);
            }
        }
        homes.into_iter().map(|(home, folders)| run(files, self.id(), home, &folders)).collect()
    }
}

fn run(files: &mut Files<'_>, layout: &str, home: &str, folders: &[&str]) -> Run {
    let first = folders.first().map_or("", |folder| base_name(folder));
    let mut run = empty_run(layout, home, format!("{METADATA} beside .distcp files in {first}"));
    for folder in folders {
        let checkpoint = checkpoint(files, folder, &mut run.findings);
        run.checkpoints.push(checkpoint);
    }
    order_by(&mut run.checkpoints, checkpoint_order);
    run.markers = markers::derived_last(&run.checkpoints).into_iter().collect();
    run
}

fn checkpoint(files: &mut Files<'_>, folder: &str, findings: &mut Vec<Finding>) -> Checkpoint {
    let mut checkpoint = empty_checkpoint(folder);
    let named = numbers(base_name(folder));
    (checkpoint.step, checkpoint.epoch) = (named.step, named.epoch.map(|epoch| epoch as f64));
    if let Some(at) = files.child(folder, METADATA) {
        findings.extend(lost(files, folder, at));
        let message = "names, types and shapes are told; the values in the .distcp files are not read";
        findings.push(Finding::note("dcp-data", message).in_file(files.path(at)));
        let tensors = tensors(files.document(at));
        if let Some(contents) = files.contents_mut(at) {
            contents.tensors = tensors;
        }
    }
    let all = below(files, folder);
    checkpoint.files = claim_all(files, &all);
    for member in &mut checkpoint.files {
        if base_name(&member.path) == METADATA {
            member.role = Role::Model;
        }
    }
    checkpoint.resume = resume::judge(files, &checkpoint, &["model", "optimizer", "step"]);
    checkpoint
}

fn tensors(metadata: Option<&Value>) -> Vec<Tensor> {
    let entries = metadata.and_then(|metadata| metadata.get("state_dict_metadata")?.pairs()).unwrap_or_default();
    let limit = usize::try_from(limits::TENSORS).unwrap_or(usize::MAX);
    entries.iter().take(limit).filter_map(|(name, entry)| tensor(name, entry)).collect()
}

/// The tensor of an entry; plain values are kept as bytes, of which nothing is told.
fn tensor(name: &str, entry: &Value) -> Option<Tensor> {
    let shape: Vec<u64> = entry.get("size")?.items()?.iter().filter_map(Value::count).collect();
    let properties = entry.get("properties");
    let told = properties.and_then(|p| p.get("dtype").or_else(|| p.get("state")?.items()?.first()));
    let dtype = match told {
        Some(Value::Opaque(name) | Value::Text(name)) => DType::from_numpy(name.trim_start_matches("torch.")),
        _ => DType::Other("?".into(), 0),
    };
    let size_bytes = elements(&shape).and_then(|count| dtype.bytes_for(count)).unwrap_or(0);
    let role = if name.starts_with("optim") { TensorRole::Optimizer } else { TensorRole::Model };
    Some(Tensor { name: name.to_owned(), dtype, shape, size_bytes, role, place: None })
}

/// Pieces that the metadata names and that are not there.
fn lost(files: &Files<'_>, folder: &str, at: usize) -> Option<Finding> {
    let stored = files.document(at)?.get("storage_data")?.pairs()?;
    let named = distinct(stored.iter().filter_map(|(_, info)| info.get("relative_path")?.text()));
    let is_lost = |name: &&str| !name.contains(['/', '\\']) && files.find(&format!("{folder}/{name}")).is_none();
    let lost: Vec<&str> = named.into_iter().filter(is_lost).collect();
    let message = format!("not there: {}", listed(&lost));
    (!lost.is_empty()).then(|| Finding::error("shard-missing", message).in_file(files.path(at)))
}

#[cfg(test)]
mod tests {
    use crate::layout::testing::{Pick, steps, told, value};
    use crate::model::{Contents, TensorRole};

    #[test]
    fn names_and_shapes_come_from_the_metadata() {
        let entry = |size: &[u64]| serde_json::json!({"size": size, "properties": {"state": ["torch.bfloat16"]}});
        let document = value(serde_json::json!({
            "state_dict_metadata": {"model.w": entry(&[2, 4]), "optim.state.w.exp_avg": entry(&[2, 4]), "step": {}},
            "storage_data": {"a": {"relative_path": "__0_0.distcp"}, "b": {"relative_path": "__1_0.distcp"}},
        }));
        let mut pick = Pick::default()
            .file("r/step_10/.metadata", Contents { document: Some(document), ..Contents::new("pickle", "") })
            .other("r/step_10/__0_0.distcp");
        let run = pick.run();
        assert_eq!((run.layout.as_str(), run.path.as_str()), ("torch_dcp", "r"));
        assert_eq!(steps(&run), [("step_10", Some(10))]);
        assert_eq!(told(&run.findings), ["shard-missing r/step_10/.metadata", "dcp-data r/step_10/.metadata"]);
        let tensors = &pick.contents[pick.at("r/step_10/.metadata")].as_ref().unwrap().tensors;
        let facts: Vec<_> = tensors.iter().map(|t| (t.name.as_str(), t.dtype.name(), t.size_bytes, t.role)).collect();
        let expected =
            [("model.w", "BF16", 16, TensorRole::Model), ("optim.state.w.exp_avg", "BF16", 16, TensorRole::Optimizer)];
        assert_eq!(facts, expected);
    }
}
