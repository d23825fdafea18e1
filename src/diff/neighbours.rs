//! What changed from each checkpoint of a run to the next, by what is known of their files.

use std::collections::BTreeSet;

use super::pair::{Document, same_document};
use super::{Changes, ConfigRow, StructureRow, align, compare_configs, compare_structures};
use crate::limits;
use crate::model::{Checkpoint, Contents, Opened, Tensor, Value, distinct, keyed};

/// What changed from one checkpoint to the next.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Neighbours {
    /// In the configuration; `None` when one of both has none.
    pub config: Option<Changes<ConfigRow>>,
    /// In names, types and shapes of tensors; `None` when one of both lists none.
    pub structure: Option<Changes<StructureRow>>,
}

/// What is known of a checkpoint's files.
struct Known<'a> {
    tensors: Vec<&'a Tensor>,
    configs: Vec<Document<'a>>,
}

/// One for each checkpoint but the first; all empty when there is more to compare than anybody waits for unasked
/// ([`limits::SHEET_WORK`]).
pub fn compare_neighbours(opened: &Opened, checkpoints: &[Checkpoint]) -> Vec<Neighbours> {
    let all = known(opened, checkpoints);
    let pairs = all.iter().zip(all.iter().skip(1));
    if work(&all) > limits::SHEET_WORK {
        return pairs.map(|_| Neighbours::default()).collect();
    }
    pairs.map(|(a, b)| Neighbours { config: configs(a, b), structure: structures(a, b) }).collect()
}

/// One pass over the entries for all of them: there may be a million.
fn known<'a>(opened: &'a Opened, checkpoints: &'a [Checkpoint]) -> Vec<Known<'a>> {
    let files = checkpoints.iter().flat_map(|checkpoint| &checkpoint.files).map(|member| &member.path);
    let wanted = distinct(files.chain(checkpoints.iter().flat_map(|checkpoint| &checkpoint.config)));
    let entries = opened.entries.iter().zip(&opened.contents).enumerate();
    let entries = entries.filter(|(_, (entry, _))| wanted.contains(&entry.path));
    let found =
        keyed(entries.filter_map(|(at, (entry, contents))| Some((entry.path.as_str(), (at, contents.as_ref()?)))));
    let of = |checkpoint: &'a Checkpoint| {
        let files = checkpoint.files.iter().filter_map(|member| found.get(member.path.as_str()));
        let in_order = keyed(files.copied()).into_values();
        let document = |path: &'a String| -> Option<Document<'a>> {
            let contents: &'a Contents = found.get(path.as_str())?.1;
            Some((path.as_str(), contents.document.as_ref()?))
        };
        Known {
            tensors: in_order.flat_map(|contents| &contents.tensors).collect(),
            configs: checkpoint.config.iter().filter_map(document).collect(),
        }
    };
    checkpoints.iter().map(of).collect()
}

/// Tensors and values of configurations.
fn work(all: &[Known<'_>]) -> usize {
    all.iter().fold(0, |sum: usize, known| {
        let documents = known.configs.iter().map(|(_, document)| leaves(document, limits::SHEET_WORK));
        documents.fold(sum.saturating_add(known.tensors.len()), usize::saturating_add)
    })
}

/// Values in a document, counted up to `most`.
fn leaves(value: &Value, most: usize) -> usize {
    let mut count = 0_usize;
    let mut waiting = vec![value];
    while let Some(value) = waiting.pop().filter(|_| count < most) {
        count = count.saturating_add(1);
        waiting.extend(value.items().unwrap_or_default());
        waiting.extend(value.pairs().unwrap_or_default().iter().map(|(_, value)| value));
    }
    count
}

fn configs(a: &Known<'_>, b: &Known<'_>) -> Option<Changes<ConfigRow>> {
    let ((_, a), (_, b)) = same_document(&a.configs, &b.configs)?;
    let (rows, more) = compare_configs(a, b);
    Some(Changes::new(rows, more))
}

fn structures(a: &Known<'_>, b: &Known<'_>) -> Option<Changes<StructureRow>> {
    if a.tensors.is_empty() || b.tensors.is_empty() {
        return None;
    }
    let alignment = align(&a.tensors, &b.tensors, &BTreeSet::new());
    Some(Changes::new(compare_structures(&a.tensors, &b.tensors, &alignment), 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::testing::{checkpoint, opened};

    #[test]
    fn each_checkpoint_is_held_against_the_one_before() {
        let files = [
            ("1/config.json", Ok(r#"{"step": 1, "x": 1}"#)),
            ("1/w", Err(1)),
            ("2/config.json", Ok(r#"{"step": 2, "x": 1.0}"#)),
            ("2/w", Err(1)),
            ("3/w", Err(2)),
        ];
        let run = |at: u32| checkpoint(&at.to_string(), &[&format!("{at}/w")], &[&format!("{at}/config.json")]);
        let found = compare_neighbours(&opened(&files), &[run(1), run(2), run(3)]);
        let counts = |of: &Neighbours| {
            (of.config.as_ref().map(|changes| changes.count), of.structure.as_ref().map(|changes| changes.count))
        };
        assert_eq!(found.iter().map(counts).collect::<Vec<_>>(), [(Some(1), Some(0)), (None, Some(1))]);
        let row = &found[0].config.as_ref().unwrap().rows[0];
        assert_eq!(serde_json::to_string(row).unwrap(), r#"{"path":"step","change":"changed","a":1,"b":2}"#);
        assert_eq!(compare_neighbours(&opened(&files), &[run(1)]), []);
    }

    #[test]
    fn what_would_take_long_is_not_done_unasked() {
        let long = format!("[{}1]", "1,".repeat(limits::SHEET_WORK));
        let opened = opened(&[("1/c", Ok(&long)), ("2/c", Ok("[]")), ("1/w", Err(1)), ("2/w", Err(2))]);
        let run = |at: u32| checkpoint(&at.to_string(), &[&format!("{at}/w")], &[&format!("{at}/c")]);
        assert_eq!(compare_neighbours(&opened, &[run(1), run(2)]), [Neighbours::default()]);
    }

    #[test]
    fn many_changes_are_counted_and_some_told() {
        let changes = Changes::new((0..1000).collect(), 5);
        assert_eq!((changes.count, changes.rows.len() as u64 + changes.untold()), (1005, 1005));
        assert_eq!(changes.rows.len(), limits::SHEET_ROWS);
    }
}
