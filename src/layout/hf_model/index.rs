//! A shard index (`weight_map`: tensor → file, `metadata`: totals) against the shards.

use std::collections::{BTreeMap, HashMap};

use super::weights::{Weights, shard};
use crate::layout::Files;
use crate::layout::members::{counted, is_readable, listed};
use crate::limits;
use crate::model::{Finding, Tensor, TensorRole, Value, distinct, keyed};

/// What the index and the shards say of each other.
struct Index<'a> {
    /// Where each tensor should be.
    shard_of: HashMap<&'a str, &'a str>,
    /// What each shard should hold.
    tensors_of: BTreeMap<&'a str, Vec<&'a str>>,
    /// Shards that are there.
    there: BTreeMap<&'a str, usize>,
    /// What the shards hold, by tensor; unreadable shards left out.
    held: HashMap<&'a str, &'a str>,
    /// Every shard of the index is there and was read.
    is_whole: bool,
}

/// What is wrong.
pub(super) fn check(files: &Files<'_>, folder: &str, index: usize, weights: &Weights) -> Vec<Finding> {
    let Some(document) = files.document(index) else { return Vec::new() };
    let map = document.get("weight_map").and_then(Value::pairs).unwrap_or_default();
    let path = files.path(index);
    let (mut findings, judged) = (escapes(map), Index::new(files, map, weights));
    findings.extend(missing_shards(&judged));
    findings.extend(extra_shards(files, folder, &judged));
    findings.extend(differences(files, &judged));
    if judged.is_whole {
        findings.extend(totals(files, document, weights));
    }
    findings.truncate(limits::FINDINGS);
    let place = |finding: Finding| if finding.file.is_empty() { finding.in_file(path) } else { finding };
    findings.into_iter().map(place).collect()
}

impl<'a> Index<'a> {
    fn new(files: &'a Files<'_>, map: &'a [(String, Value)], weights: &Weights) -> Self {
        let claims = || map.iter().filter_map(|(tensor, shard)| Some((tensor.as_str(), shard.text()?)));
        let mut tensors_of: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (tensor, shard) in claims() {
            tensors_of.entry(shard).or_default().push(tensor);
        }
        let there = keyed(weights.files.iter().map(|&at| (files.name(at), at)));
        let readable = || there.iter().filter(|(_, at)| was_read(files, **at));
        let held =
            readable().flat_map(|(name, at)| tensors(files, *at).map(move |tensor| (tensor.name.as_str(), *name)));
        let is_whole = tensors_of.keys().all(|name| there.get(name).is_some_and(|&at| was_read(files, at)));
        Self { shard_of: claims().collect(), held: held.collect(), tensors_of, there, is_whole }
    }
}

/// A pickled shard is read without its tensors, a damaged one only in part.
fn was_read(files: &Files<'_>, at: usize) -> bool {
    let is_listed = files.contents(at).is_some_and(|c| c.format == "safetensors" || !c.tensors.is_empty());
    is_listed && is_readable(files, at)
}

fn tensors<'a>(files: &'a Files<'_>, at: usize) -> impl Iterator<Item = &'a Tensor> {
    files.contents(at).into_iter().flat_map(|contents| &contents.tensors)
}

/// Shards are looked for in the folder of the index and nowhere else.
fn escapes(map: &[(String, Value)]) -> Vec<Finding> {
    let names = map.iter().filter_map(|(_, shard)| shard.text());
    let outside = distinct(names.filter(|name| name.contains(['/', '\\']) || *name == ".."));
    let finding = |name| Finding::warning("shard-path-escape", format!("the index names {name}: not followed"));
    outside.into_iter().take(limits::FINDINGS).map(finding).collect()
}

fn missing_shards(index: &Index<'_>) -> Vec<Finding> {
    let missing = index.tensors_of.iter().filter(|(name, _)| !index.there.contains_key(*name));
    let finding = |(name, lost): (&&str, &Vec<&str>)| {
        let lost = match lost.len() as u64 {
            1 => "1 tensor is".to_owned(),
            count => format!("{count} tensors are"),
        };
        let message = format!("{name} is not there: {lost} lost of {}", counted(index.shard_of.len() as u64, "tensor"));
        Finding::error("shard-missing", message)
    };
    missing.take(limits::FINDINGS).map(finding).collect()
}

/// Files named like the shards that the index does not name.
fn extra_shards(files: &Files<'_>, folder: &str, index: &Index<'_>) -> Vec<Finding> {
    let listed = |name: &str| index.tensors_of.contains_key(name);
    let Some(first) = index.tensors_of.keys().find_map(|name| shard(name)) else { return Vec::new() };
    let beside = files.in_folder(folder).iter().filter(|&&at| {
        let name = files.name(at);
        !listed(name) && shard(name).is_some_and(|other| other.is_like(&first))
    });
    let finding = |&at: &usize| {
        let message = format!("{} is there, the index does not name it", files.name(at));
        Finding::warning("shard-extra", message).in_file(files.path(at))
    };
    beside.map(finding).collect()
}

/// Tensors that are not where the index says, and tensors it does not name.
fn differences(files: &Files<'_>, index: &Index<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, &at) in index.there.iter().filter(|(_, at)| was_read(files, **at)) {
        let claimed = index.tensors_of.get(name).map(Vec::as_slice).unwrap_or_default();
        let lost: Vec<&str> = claimed.iter().copied().filter(|tensor| !index.held.contains_key(tensor)).collect();
        let path = files.path(at);
        if !lost.is_empty() {
            let message = format!("the index places {} here that no shard holds: {}", count(&lost), listed(&lost));
            // A tensor may still be in a shard that could not be read.
            let finding = if index.is_whole { Finding::error } else { Finding::warning };
            findings.push(finding("shard-tensor-missing", message).in_file(path));
        }
        let elsewhere = tensors(files, at).filter_map(|tensor| {
            let place = index.shard_of.get(tensor.name.as_str()).copied();
            (place != Some(name)).then_some((place, tensor.name.as_str()))
        });
        let (placed, unnamed): (Vec<_>, Vec<_>) = elsewhere.partition(|(place, _)| place.is_some());
        for (code, found, says) in [
            ("shard-tensor-misplaced", placed, "that the index places in another shard"),
            ("shard-tensor-unlisted", unnamed, "that the index does not name"),
        ] {
            let names: Vec<&str> = found.into_iter().map(|(_, tensor)| tensor).collect();
            if !names.is_empty() {
                let message = format!("holds {} {says}: {}", count(&names), listed(&names));
                findings.push(Finding::warning(code, message).in_file(path));
            }
        }
    }
    findings
}

fn count(names: &[&str]) -> String {
    counted(names.len() as u64, "tensor")
}

/// `metadata.total_size` and `metadata.total_parameters` against what the shards hold.
fn totals(files: &Files<'_>, document: &Value, weights: &Weights) -> Vec<Finding> {
    let all = || weights.files.iter().flat_map(|&at| tensors(files, at));
    let bytes = all().fold(0, |sum: u64, tensor| sum.saturating_add(tensor.size_bytes));
    let model = all().filter(|tensor| tensor.role == TensorRole::Model);
    let parameters = model.fold(0, |sum: u64, tensor| sum.saturating_add(tensor.elements()));
    let differs = |key: &str, found: u64| {
        let claimed = document.at(&["metadata", key])?.count().filter(|claimed| *claimed != found)?;
        Some(format!("the index gives {key} {claimed}, the shards hold {found}"))
    };
    let size = differs("total_size", bytes).map(|message| Finding::warning("index-total-size", message));
    // Tied and packed weights are counted differently by the writer.
    let count = differs("total_parameters", parameters).map(|message| Finding::note("index-total-parameters", message));
    size.into_iter().chain(count).collect()
}
