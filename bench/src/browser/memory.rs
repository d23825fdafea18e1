//! How much memory the browser's processes hold.

use std::collections::BTreeSet;
use std::fs;

/// What all processes below this one hold, in bytes: shared pages by their share, the cache of files not at all.
pub fn tree_bytes() -> f64 {
    let parents: Vec<(u32, u32)> = numbers().filter_map(|id| Some((id, parent(id)?))).collect();
    let mut tree = BTreeSet::from([std::process::id()]);
    while let Some(&(child, _)) = parents.iter().find(|(child, above)| tree.contains(above) && !tree.contains(child)) {
        tree.insert(child);
    }
    tree.remove(&std::process::id());
    tree.into_iter().filter_map(held).sum::<f64>() * 1024.0
}

fn numbers() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

fn parent(id: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The name may have spaces; it ends with the last bracket.
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

/// Kilobytes.
fn held(id: u32) -> Option<f64> {
    let said = fs::read_to_string(format!("/proc/{id}/smaps_rollup")).ok()?;
    let line = said.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.split_whitespace().next()?.parse().ok()
}
