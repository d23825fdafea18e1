//! Distributed checkpoints of PyTorch (`torch.distributed.checkpoint`, 2.15; FSDP): a folder with `.metadata`, a pickle
//! of names, types, shapes and places, and pieces `__<rank>_<n>.distcp`. A tensor that is in one piece is told where it
//! lies; of one that was split among processes the pieces are, and the whole by name alone.

use std::collections::{BTreeMap, BTreeSet};

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
        let mut tensors = tensors(files.document(at));
        let whole = name_pieces(files, folder, at);
        tensors.retain(|tensor| !whole.contains(&tensor.name));
        if !tensors.is_empty() {
            let message = format!("{} of its tensors lie in several pieces, or in none that was read", tensors.len());
            findings.push(Finding::note("dcp-split", message).in_file(files.path(at)));
        }
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

/// A piece: which file it is in, where, and of which tensor.
struct Piece {
    entry: usize,
    offset: u64,
    /// The name of the tensor; of one that begins inside it, with where: `w at [512, 0]`.
    key: String,
}

/// Every piece that the metadata at `at` knows of in the files of `folder`.
fn pieces(files: &Files<'_>, folder: &str, at: usize) -> Vec<Piece> {
    let stored = files.document(at).and_then(|metadata| metadata.get("storage_data")?.pairs()).unwrap_or_default();
    let piece = |(key, info): &(String, Value)| {
        let entry = files.find(&format!("{folder}/{}", info.get("relative_path")?.text()?))?;
        Some(Piece { entry, offset: info.get("offset")?.count()?, key: key.clone() })
    };
    stored.iter().filter_map(piece).collect()
}

/// Gives the pieces the names that the metadata at `at` has for them; answers with those of tensors in one piece.
fn name_pieces(files: &mut Files<'_>, folder: &str, at: usize) -> BTreeSet<String> {
    let mut by_entry: BTreeMap<usize, BTreeMap<String, String>> = BTreeMap::new();
    let mut times: BTreeMap<String, u64> = BTreeMap::new();
    for Piece { entry, offset, key } in pieces(files, folder, at) {
        let name = key.split_once(" at [").map_or(key.as_str(), |(name, _)| name);
        let count = times.entry(name.to_owned()).or_default();
        *count = count.saturating_add(1);
        by_entry.entry(entry).or_default().insert(format!("@{offset}"), key);
    }
    let mut whole = BTreeSet::new();
    for (entry, names) in by_entry {
        let Some(contents) = files.contents_mut(entry) else { continue };
        for tensor in &mut contents.tensors {
            let Some(key) = names.get(&tensor.name) else { continue };
            tensor.name.clone_from(key);
            if times.get(key) == Some(&1) {
                tensor.role = role(key);
                whole.insert(key.clone());
            }
        }
    }
    whole
}

fn role(name: &str) -> TensorRole {
    if name.starts_with("optim") { TensorRole::Optimizer } else { TensorRole::Model }
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
    Some(Tensor { name: name.to_owned(), dtype, shape, size_bytes, role: role(name), place: None })
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
        assert_eq!(told(&run.findings), ["shard-missing r/step_10/.metadata", "dcp-split r/step_10/.metadata"]);
        let tensors = &pick.contents[pick.at("r/step_10/.metadata")].as_ref().unwrap().tensors;
        let facts: Vec<_> = tensors.iter().map(|t| (t.name.as_str(), t.dtype.name(), t.size_bytes, t.role)).collect();
        let expected =
            [("model.w", "BF16", 16, TensorRole::Model), ("optim.state.w.exp_avg", "BF16", 16, TensorRole::Optimizer)];
        assert_eq!(facts, expected);
    }

    /// Two processes: one tensor in a piece of its own, one split among both.
    #[test]
    fn pieces_are_called_as_the_metadata_calls_them() {
        let entry = |size: &[u64]| serde_json::json!({"size": size, "properties": {"state": ["torch.float32"]}});
        let stored = |file: &str, offset: u64| serde_json::json!({"relative_path": file, "offset": offset});
        let document = value(serde_json::json!({
            "state_dict_metadata": {"w": entry(&[4, 4]), "optim.b": entry(&[4])},
            "storage_data": {
                "w": stored("__0_0.distcp", 0), "optim.b": stored("__0_0.distcp", 700),
                "w at [2, 0]": stored("__1_0.distcp", 0),
            },
        }));
        let mut pick = Pick::default()
            .file("r/step_10/.metadata", Contents { document: Some(document), ..Contents::new("pickle", "") })
            .tensors("r/step_10/__0_0.distcp", "torch_pieces", &[("@0", &[2, 4]), ("@700", &[4])])
            .tensors("r/step_10/__1_0.distcp", "torch_pieces", &[("@0", &[2, 4]), ("@900", &[4])]);
        let run = pick.run();
        assert_eq!(told(&run.findings), ["dcp-split r/step_10/.metadata"]);
        let facts = |name: &str| {
            let tensors = &pick.contents[pick.at(name)].as_ref().unwrap().tensors;
            tensors.iter().map(|t| (t.name.clone(), t.role)).collect::<Vec<_>>()
        };
        assert_eq!(facts("r/step_10/.metadata"), [("w".to_owned(), TensorRole::Model)]);
        let first = facts("r/step_10/__0_0.distcp");
        assert_eq!(first[0].0, "w");
        assert_eq!(first[1], ("optim.b".to_owned(), TensorRole::Optimizer));
        let second = facts("r/step_10/__1_0.distcp").into_iter().map(|(name, _)| name);
        assert_eq!(second.collect::<Vec<_>>(), ["w at [2, 0]", "@900"]);
    }
}
