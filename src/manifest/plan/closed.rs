//! Manifests that allow nothing beside what they list: those of a bag (RFC 8493, 3: every payload file is in every payload
//! manifest) and signed models (`model-signing` refuses a folder with further files).

use std::collections::BTreeMap;
use std::iter::once;

use super::PlannedCheck;
use super::place::Base;
use super::tree::ancestors;
use crate::limits;
use crate::manifest::{BagIt, ModelSigning};
use crate::model::{Finding, Manifest, base_name};

/// A folder in which everything must be listed.
pub(super) struct Closed {
    pick: usize,
    /// Empty for the top.
    folder: String,
    manifest: String,
}

/// The folder that `manifest`, at `path`, closes.
pub(super) fn folder(path: &str, manifest: &Manifest, base: Option<&Base>) -> Option<Closed> {
    let base = base?;
    let folder = match manifest.kind.as_str() {
        BagIt::ID if base_name(path).starts_with("manifest-") && base.folder.is_empty() => "data".to_owned(),
        BagIt::ID if base_name(path).starts_with("manifest-") => format!("{}/data", base.folder),
        ModelSigning::ID => base.folder.clone(),
        _ => return None,
    };
    Some(Closed { pick: base.pick, folder, manifest: path.to_owned() })
}

/// A finding for each of `checks` that is of a file no manifest names, in a folder that is closed. What Git keeps for
/// itself does not count.
pub(super) fn findings(closed: &[Closed], checks: &[PlannedCheck]) -> Vec<Finding> {
    let by_folder: BTreeMap<(usize, &str), &Closed> =
        closed.iter().map(|closed| ((closed.pick, closed.folder.as_str()), closed)).collect();
    let unlisted = checks.iter().filter(|check| check.manifest.is_none()).filter_map(|check| {
        let (pick, _) = check.place?;
        let closed = once("").chain(ancestors(&check.path)).find_map(|folder| {
            let rest = check.path.get(folder.len()..)?.trim_start_matches('/');
            by_folder.get(&(pick, folder)).filter(|_| !rest.starts_with(".git"))
        })?;
        let message = format!("{} does not list it, and its kind allows no further files", closed.manifest);
        Some(Finding::error("manifest-unlisted", message).in_file(&check.path))
    });
    unlisted.take(limits::FINDINGS).collect()
}
