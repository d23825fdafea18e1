//! The payload of a bag against the sum its writer noted (RFC 8493, 2.2.2): `Payload-Oxum: bytes.files` in `bag-info.txt`.

use std::collections::BTreeMap;

use super::tree::{Tree, ancestors};
use crate::limits;
use crate::model::{EntryKind, Finding, base_name, parent};

/// Bytes and files.
type Sum = (u64, u64);

/// A finding for each bag whose payload has other bytes or files than noted.
pub(super) fn findings(tree: &Tree<'_>) -> Vec<Finding> {
    let infos = || tree.texts().filter(|(place, _)| base_name(tree.path(*place)) == "bag-info.txt");
    let folders = infos().map(|(place, _)| ((place.0, parent(tree.path(place))), (0, 0)));
    let mut payloads: BTreeMap<(usize, &str), Sum> = folders.collect();
    if payloads.is_empty() {
        return Vec::new();
    }
    for ((pick, _), entry) in tree.entries().filter(|(_, entry)| entry.kind == EntryKind::File) {
        for data in ancestors(&entry.path).filter(|folder| base_name(folder) == "data") {
            if let Some((bytes, files)) = payloads.get_mut(&(pick, parent(data))) {
                *bytes = bytes.saturating_add(entry.size);
                *files = files.saturating_add(1);
            }
        }
    }
    let differs = infos().filter_map(|(place, text)| {
        let path = tree.path(place);
        let (bytes, files) = noted(text)?;
        let &(there, count) = payloads.get(&(place.0, parent(path))).filter(|found| **found != (bytes, files))?;
        let message = format!("the payload should have {bytes} bytes in {files} files, it has {there} in {count}");
        Some(Finding::error("bagit-oxum", message).in_file(path))
    });
    differs.take(limits::FINDINGS).collect()
}

fn noted(text: &str) -> Option<Sum> {
    let (bytes, files) = text.lines().find_map(|line| line.strip_prefix("Payload-Oxum:"))?.trim().split_once('.')?;
    Some((bytes.parse().ok()?, files.parse().ok()?))
}
