//! `structure.json` (name → shape) against the arrays that `model.npz` holds.

use std::collections::{HashMap, HashSet};

use crate::layout::Files;
use crate::layout::members::{counted, is_readable};
use crate::limits;
use crate::model::{Finding, Value};

/// What differs. Nothing when one of the two is absent or could not be read.
pub(super) fn check(files: &Files<'_>, folder: &str) -> Vec<Finding> {
    let found = || {
        let structure = files.child(folder, "structure.json")?;
        let model = files.child(folder, "model.npz").filter(|&model| is_readable(files, model))?;
        Some((structure, files.document(structure)?.pairs()?, model))
    };
    let Some((structure, claims, model)) = found() else { return Vec::new() };
    let tensors = files.contents(model).map(|contents| contents.tensors.as_slice()).unwrap_or_default();
    let shapes: HashMap<&str, &[u64]> = tensors.iter().map(|t| (t.name.as_str(), t.shape.as_slice())).collect();
    let mut findings: Vec<Finding> =
        claims.iter().filter_map(|(name, claim)| check_one(name, claim, shapes.get(name.as_str()).copied())).collect();
    let claimed: HashSet<&str> = claims.iter().map(|(name, _)| name.as_str()).collect();
    findings.extend(tensors.iter().filter(|tensor| !claimed.contains(tensor.name.as_str())).map(|tensor| {
        let message = format!("{} is in model.npz, structure.json does not list it", tensor.name);
        Finding::warning("structure-unlisted", message).in_entry(&tensor.name)
    }));
    let more = findings.len().saturating_sub(limits::FINDINGS);
    findings.truncate(limits::FINDINGS);
    if more > 0 {
        let message = format!("{} more between structure.json and model.npz", counted(more as u64, "difference"));
        findings.push(Finding::error("structure-differs", message));
    }
    let path = files.path(structure);
    findings.into_iter().map(|finding| finding.in_file(path)).collect()
}

fn check_one(name: &str, claim: &Value, shape: Option<&[u64]>) -> Option<Finding> {
    let Some(shape) = shape else {
        let message = format!("structure.json lists {name}, model.npz does not hold it");
        return Some(Finding::error("structure-missing", message).in_entry(name));
    };
    // The writer puts the name of a type here when the value has no shape.
    let expected = claim.items()?;
    let same = expected.len() == shape.len()
        && expected.iter().zip(shape).all(|(expected, &length)| expected.count() == Some(length));
    let expected: Vec<String> = expected.iter().map(length_text).collect();
    let message = || format!("structure.json gives {name} the shape [{}], model.npz {shape:?}", expected.join(", "));
    (!same).then(|| Finding::error("structure-shape", message()).in_entry(name))
}

fn length_text(value: &Value) -> String {
    value.count().map_or_else(|| "?".to_owned(), |length| length.to_string())
}
