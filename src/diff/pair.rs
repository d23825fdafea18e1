//! Two checkpoints, compared by everything that is known of their files.

use std::collections::{BTreeMap, BTreeSet};

use super::config::CONFIG_ROWS;
use super::{Comparison, Tolerance, compare_configs, compare_metrics, compare_structures};
use crate::model::{Checkpoint, Contents, Direction, Finding, Opened, Tensor, Value, base_name};

/// One checkpoint and the pick it came with.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// Holds the checkpoint's files.
    pub opened: &'a Opened,
    /// The checkpoint.
    pub checkpoint: &'a Checkpoint,
}

impl<'a> Side<'a> {
    /// The tensors of all its files.
    pub fn tensors(self) -> impl Iterator<Item = &'a Tensor> {
        let paths: BTreeSet<&str> = self.checkpoint.files.iter().map(|member| member.path.as_str()).collect();
        self.contents_of(paths).into_iter().flat_map(|(_, contents)| &contents.tensors)
    }

    /// Its configuration documents that were parsed, most specific first.
    fn configs(self) -> Vec<Document<'a>> {
        let paths: BTreeSet<&str> = self.checkpoint.config.iter().map(String::as_str).collect();
        let found: BTreeMap<_, _> = self.contents_of(paths).into_iter().collect();
        let document = |path: &'a String| Some((path.as_str(), found.get(path.as_str())?.document.as_ref()?));
        self.checkpoint.config.iter().filter_map(document).collect()
    }

    /// One pass over the entries: a pick may have a million.
    fn contents_of(self, paths: BTreeSet<&str>) -> Vec<(&'a str, &'a Contents)> {
        let entries = self.opened.entries.iter().zip(&self.opened.contents);
        entries
            .filter(|(entry, _)| paths.contains(entry.path.as_str()))
            .filter_map(|(entry, contents)| Some((entry.path.as_str(), contents.as_ref()?)))
            .collect()
    }
}

type Document<'a> = (&'a str, &'a Value);

/// Metrics, configuration and structure of b against a; `direction` says of a metric whether lower is better.
pub fn compare(a: Side<'_>, b: Side<'_>, direction: impl Fn(&str) -> Direction, tolerance: Tolerance) -> Comparison {
    let mut comparison = Comparison {
        a: a.checkpoint.path.clone(),
        b: b.checkpoint.path.clone(),
        metrics: compare_metrics(&a.checkpoint.metrics, &b.checkpoint.metrics, direction, tolerance),
        config: None,
        structure: None,
        weights: None,
        findings: Vec::new(),
    };
    configs(a, b, &mut comparison);
    structures(a, b, &mut comparison);
    comparison
}

fn configs(a: Side<'_>, b: Side<'_>, comparison: &mut Comparison) {
    let (of_a, of_b) = (a.configs(), b.configs());
    let Some((in_a, in_b)) = same_document(&of_a, &of_b) else {
        note_absent(a, b, (of_a.is_empty(), of_b.is_empty()), "configuration", comparison);
        return;
    };
    let (rows, more) = compare_configs(in_a.1, in_b.1);
    comparison.config = Some(rows);
    if more > 0 {
        let message = format!("{more} more differences in the configuration, {} told", CONFIG_ROWS);
        comparison.findings.push(Finding::note("config-rows-cut", message).in_file(in_b.0));
    }
}

/// The first document of a that b has by the same file name; else the first of each.
fn same_document<'a>(a: &[Document<'a>], b: &[Document<'a>]) -> Option<(Document<'a>, Document<'a>)> {
    let namesake = |path: &str| b.iter().find(|(other, _)| base_name(other) == base_name(path));
    let by_name = a.iter().find_map(|document| Some((*document, *namesake(document.0)?)));
    by_name.or_else(|| Some((*a.first()?, *b.first()?)))
}

fn structures(a: Side<'_>, b: Side<'_>, comparison: &mut Comparison) {
    let (of_a, of_b): (Vec<_>, Vec<_>) = (a.tensors().collect(), b.tensors().collect());
    if of_a.is_empty() || of_b.is_empty() {
        note_absent(a, b, (of_a.is_empty(), of_b.is_empty()), "list of tensors", comparison);
    } else {
        comparison.structure = Some(compare_structures(of_a, of_b));
    }
}

/// Says which side has nothing to compare; when neither has, there was nothing to ask.
fn note_absent(a: Side<'_>, b: Side<'_>, absent: (bool, bool), what: &str, comparison: &mut Comparison) {
    let path = match absent {
        (true, false) => &a.checkpoint.path,
        (false, true) => &b.checkpoint.path,
        _ => return,
    };
    comparison.findings.push(Finding::note("not-compared", format!("no {what} to compare")).in_file(path));
}
