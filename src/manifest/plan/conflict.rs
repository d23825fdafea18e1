//! Manifests that say different things of one file.

use std::collections::BTreeMap;

use super::PlannedCheck;
use crate::limits;
use crate::model::{Algorithm, Finding};

type What = ((usize, usize), Algorithm, Option<(u64, u64)>);

/// A finding for each file whose digest two manifests name differently.
pub(super) fn findings(checks: &[PlannedCheck]) -> Vec<Finding> {
    let mut first: BTreeMap<What, &PlannedCheck> = BTreeMap::new();
    let mut found = Vec::new();
    for check in checks.iter().filter(|check| check.is_checkable && check.pieces.is_empty()) {
        let Some(place) = check.place.filter(|_| check.expected.is_some()) else { continue };
        let earlier = *first.entry((place, check.algorithm, check.range)).or_insert(check);
        if earlier.expected == check.expected || earlier.manifest == check.manifest || found.len() >= limits::FINDINGS {
            continue;
        }
        let name = |check: &PlannedCheck| check.manifest.clone().unwrap_or_default();
        let says = |check: &PlannedCheck| check.expected.clone().unwrap_or_default();
        let (one, other, word) = (name(earlier), name(check), check.algorithm.name());
        let message = format!("{word}: {one} says {}, {other} says {}", says(earlier), says(check));
        found.push(Finding::error("manifest-conflict", message).in_file(&check.path));
    }
    found
}
