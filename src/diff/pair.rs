//! Two checkpoints, compared by everything that is known of their files.

use std::collections::BTreeSet;

use super::history::{Told, align_histories, told};
use super::{
    Comparison, Scaling, Tolerance, align, compare_configs, compare_metrics, compare_modules, compare_structures,
    config_patch, judge_metrics,
};
use crate::limits;
use crate::model::{
    Checkpoint, Contents, Direction, Finding, Member, Opened, Tensor, Value, base_name, distinct, keyed,
};

/// One checkpoint and the pick it came with.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// Holds the checkpoint's files.
    pub opened: &'a Opened,
    /// The checkpoint.
    pub checkpoint: &'a Checkpoint,
    /// The files of its run that belong to no checkpoint.
    pub shared: &'a [Member],
}

impl<'a> Side<'a> {
    /// The tensors of all its files.
    pub fn tensors(self) -> impl Iterator<Item = &'a Tensor> {
        let paths = distinct(self.checkpoint.files.iter().map(|member| member.path.as_str()));
        self.contents_of(paths).into_iter().flat_map(|(_, contents)| &contents.tensors)
    }

    /// What its configuration says an adapter's products are multiplied with, and the file that says it.
    pub fn scaling(self) -> Option<(&'a str, Scaling)> {
        self.configs().into_iter().find_map(|(path, document)| Some((path, Scaling::of(document)?)))
    }

    /// Its configuration documents that were parsed, most specific first.
    fn configs(self) -> Vec<Document<'a>> {
        let paths = distinct(self.checkpoint.config.iter().map(String::as_str));
        let found = keyed(self.contents_of(paths).into_iter());
        let document = |path: &'a String| Some((path.as_str(), found.get(path.as_str())?.document.as_ref()?));
        self.checkpoint.config.iter().filter_map(document).collect()
    }

    /// What its files tell of the way to it, the file that its metrics are from first.
    fn history(self) -> Told {
        let own = self.checkpoint.files.iter().chain(self.shared).map(|member| member.path.as_str());
        let paths: Vec<&str> = self.checkpoint.metrics_from.as_deref().into_iter().chain(own).collect();
        let found = keyed(self.contents_of(distinct(paths.iter().copied())).into_iter());
        let mut all = Told::new();
        for path in paths {
            let document = found.get(path).and_then(|contents| contents.document.as_ref());
            let is_config = self.checkpoint.config.iter().any(|config| config == path);
            let Some(document) = document.filter(|_| !is_config) else { continue };
            for (metric, points) in told(document, self.checkpoint.step, self.checkpoint.epoch) {
                all.entry(metric).or_insert(points);
            }
        }
        all
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

/// A document and its path.
pub(super) type Document<'a> = (&'a str, &'a Value);

/// Metrics, configuration and structure of b against a; `direction` says of a metric whether lower is better, `rejected`
/// are tensors of b that are not to be held for renamed ones of a.
pub fn compare(
    a: Side<'_>,
    b: Side<'_>,
    direction: impl Fn(&str) -> Direction,
    tolerance: Tolerance,
    rejected: &BTreeSet<String>,
) -> Comparison {
    let metrics = compare_metrics(&a.checkpoint.metrics, &b.checkpoint.metrics, direction, tolerance);
    let mut comparison = Comparison {
        a: a.checkpoint.path.clone(),
        b: b.checkpoint.path.clone(),
        verdict: judge_metrics(&metrics),
        metrics,
        history: align_histories(&a.history(), &b.history()),
        config: None,
        structure: None,
        modules: None,
        weights: None,
        lora: None,
        optimizer: None,
        findings: Vec::new(),
    };
    configs(a, b, &mut comparison);
    structures(a, b, rejected, &mut comparison);
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
        let message = format!("{more} more differences in the configuration, {} told", limits::CONFIG_ROWS);
        comparison.findings.push(Finding::note("config-rows-cut", message).in_file(in_b.0));
    }
}

/// What makes b's configuration of a's, as a JSON Patch; `None` when one has none, or the patch would be too long.
pub fn patch_of_configs(a: Side<'_>, b: Side<'_>) -> Option<String> {
    let (of_a, of_b) = (a.configs(), b.configs());
    let (in_a, in_b) = same_document(&of_a, &of_b)?;
    config_patch(in_a.1, in_b.1)
}

/// The first document of a that b has by the same file name; else the first of each.
pub(super) fn same_document<'a>(a: &[Document<'a>], b: &[Document<'a>]) -> Option<(Document<'a>, Document<'a>)> {
    let namesake = |path: &str| b.iter().find(|(other, _)| base_name(other) == base_name(path));
    let by_name = a.iter().find_map(|document| Some((*document, *namesake(document.0)?)));
    by_name.or_else(|| Some((*a.first()?, *b.first()?)))
}

fn structures(a: Side<'_>, b: Side<'_>, rejected: &BTreeSet<String>, comparison: &mut Comparison) {
    let (of_a, of_b): (Vec<_>, Vec<_>) = (a.tensors().collect(), b.tensors().collect());
    if of_a.is_empty() || of_b.is_empty() {
        note_absent(a, b, (of_a.is_empty(), of_b.is_empty()), "list of tensors", comparison);
    } else {
        let alignment = align(&of_a, &of_b, rejected);
        comparison.structure = Some(compare_structures(&of_a, &of_b, &alignment));
        comparison.modules = Some(compare_modules(&of_a, &of_b));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::testing::{checkpoint, opened};

    fn compared(opened: &Opened, a: &Checkpoint, b: &Checkpoint) -> Comparison {
        let side = |checkpoint| Side { opened, checkpoint, shared: &[] };
        compare(side(a), side(b), |_| Direction::Lower, Tolerance::default(), &BTreeSet::new())
    }

    #[test]
    fn the_namesakes_are_compared_before_the_first() {
        let opened = opened(&[
            ("a/args.json", Ok(r#"{"x": 1}"#)),
            ("a/config.json", Ok(r#"{"x": 2}"#)),
            ("b/config.json", Ok(r#"{"x": 3}"#)),
            ("a/w", Err(1)),
            ("b/w", Err(2)),
        ]);
        let a = checkpoint("a", &["a/w"], &["a/args.json", "a/config.json"]);
        let b = checkpoint("b", &["b/w"], &["b/missing.json", "b/config.json"]);
        let comparison = compared(&opened, &a, &b);
        let rows = comparison.config.unwrap();
        assert_eq!(serde_json::to_string(&rows).unwrap(), r#"[{"path":"x","change":"changed","a":2,"b":3}]"#);
        assert_eq!(comparison.structure.unwrap().len(), 1);
        assert_eq!((comparison.metrics.len(), comparison.weights, comparison.findings.len()), (1, None, 0));
    }

    #[test]
    fn what_one_side_lacks_is_not_compared_and_said() {
        let opened = opened(&[("a/config.json", Ok("{}")), ("b/w", Err(2))]);
        let a = checkpoint("a", &["a/config.json"], &["a/config.json"]);
        let b = checkpoint("b", &["b/w"], &[]);
        let comparison = compared(&opened, &a, &b);
        assert_eq!((comparison.config, comparison.structure), (None, None));
        let told: Vec<_> =
            comparison.findings.iter().map(|found| format!("{}: {}", found.file, found.message)).collect();
        assert_eq!(told, ["b: no configuration to compare", "a: no list of tensors to compare"]);
    }

    #[test]
    fn what_neither_side_has_is_not_worth_a_word() {
        let opened = Opened::default();
        let comparison = compared(&opened, &checkpoint("a", &[], &[]), &checkpoint("b", &[], &[]));
        assert_eq!((comparison.config, comparison.findings), (None, Vec::new()));
    }
}
