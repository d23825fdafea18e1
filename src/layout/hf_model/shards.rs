//! Shards without an index: their names say how many there should be.

use super::weights::{Weights, shard};
use crate::layout::Files;
use crate::layout::members::counted;
use crate::model::{Finding, distinct};

/// Most shard numbers spelled out in one finding.
const SHOWN: usize = 5;

/// What is missing of a set of shards.
pub(super) fn check(files: &Files<'_>, weights: &Weights) -> Vec<Finding> {
    let Some(first) = shard(files.name(weights.main)) else { return Vec::new() };
    let path = files.path(weights.main);
    let there = distinct(weights.files.iter().filter_map(|&at| Some(shard(files.name(at))?.number)));
    let absent = |number: &u64| !there.contains(number);
    let inside = there.iter().filter(|number| (1..=first.of).contains(*number)).count() as u64;
    let missing = first.of.saturating_sub(inside);
    let mut findings = vec![Finding::warning("index-missing", "the shards come without an index").in_file(path)];
    if missing > 0 {
        let shown: Vec<String> = (1..=first.of).filter(absent).take(SHOWN).map(|number| number.to_string()).collect();
        let dots = if missing > shown.len() as u64 { " …" } else { "" };
        let message =
            format!("{missing} of {} not there: number {}{dots}", counted(first.of, "shard"), shown.join(", "));
        findings.push(Finding::error("shard-missing", message).in_file(path));
    }
    findings
}
