//! What nobody recognises: listed all the same, with what was seen.

use std::collections::BTreeMap;

use super::members::{claim_members, counted, empty_run};
use super::{Files, Layout, role_of_name};
use crate::model::{Run, SourceId, order_by_key, parent};

/// The layout.
pub struct Unknown;

/// Formats named in the evidence.
const SHOWN: usize = 4;

impl Layout for Unknown {
    fn id(&self) -> &'static str {
        "unknown"
    }

    fn name(&self) -> &'static str {
        "Not recognised"
    }

    fn signature(&self) -> &'static str {
        "none of the others"
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        let mut sources: BTreeMap<SourceId, Vec<usize>> = BTreeMap::new();
        for index in files.all() {
            if let Some(entry) = files.entry(index) {
                sources.entry(entry.source).or_default().push(index);
            }
        }
        let claimed: Vec<usize> = sources.values().flatten().copied().filter(|&at| files.is_claimed(at)).collect();
        let is_loose = |index: usize| parent(files.path(index)).is_empty();
        let has_loose_run = claimed.iter().any(|&index| is_loose(index));
        let is_manifest = |index: usize| files.contents(index).is_some_and(|contents| contents.manifest.is_some());
        // A manifest or a note dropped beside a recognised file belongs to that, and is no riddle of its own.
        let belongs = |indexes: &[usize]| match indexes {
            [only] => is_loose(*only) && (has_loose_run || (is_manifest(*only) && !claimed.is_empty())),
            _ => false,
        };
        let is_riddle = |indexes: &[usize]| indexes.iter().all(|&at| !files.is_claimed(at)) && !belongs(indexes);
        let riddles: Vec<Vec<usize>> = sources.into_values().filter(|indexes| is_riddle(indexes)).collect();
        riddles.iter().map(|indexes| run(files, self.id(), indexes)).collect()
    }
}

fn run(files: &mut Files<'_>, layout: &str, indexes: &[usize]) -> Run {
    let first = indexes.first().map_or("", |&index| files.path(index));
    let top = first.split_once('/').map_or("", |(top, _)| top);
    let mut run = empty_run(layout, top, evidence(files, indexes));
    run.files = claim_members(files, indexes, |_, name| role_of_name(name));
    run
}

/// `3 files, of which nothing is known: 2 json, 1 text`.
fn evidence(files: &Files<'_>, indexes: &[usize]) -> String {
    let mut formats: BTreeMap<&str, u64> = BTreeMap::new();
    for &index in indexes {
        let format = files.contents(index).map_or("unread", |contents| contents.format.as_str());
        let count = formats.entry(format).or_insert(0);
        *count = count.saturating_add(1);
    }
    let mut formats: Vec<(&str, u64)> = formats.into_iter().collect();
    order_by_key(&mut formats, |(_, count)| std::cmp::Reverse(*count));
    let shown: Vec<String> = formats.iter().take(SHOWN).map(|(format, count)| format!("{count} {format}")).collect();
    let dots = if formats.len() > SHOWN { " …" } else { "" };
    format!("no known layout in {}: {}{dots}", counted(indexes.len() as u64, "file"), shown.join(", "))
}
