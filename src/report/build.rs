//! Gathers the report.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::pickle::of_file;
use super::{
    App, CheckpointPart, Epoch, FileRow, MarkerRow, Named, NotExamined, PickleRow, Report, RunPart, SCHEMA, SourceRow,
    TensorRow, TensorTotals,
};
use crate::diff::{Comparison, RunSheet};
use crate::model::{
    Algorithm, Checkpoint, Contents, Entry, EntryKind, Finding, Integrity, Marker, Member, Opened, Real, Run,
    Signature, SourceId, Stated, keyed, natural_cmp, order_by, order_by_key,
};
use crate::retention::Plan;

/// Everything a report is made of.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReportInput<'a> {
    /// Version of the program.
    pub app_version: &'a str,
    /// Every pick that is still open.
    pub opened: &'a [&'a Opened],
    /// The last verification.
    pub integrity: Option<&'a Integrity>,
    /// The signatures of what is open.
    pub signatures: &'a [Signature],
    /// The last comparison.
    pub comparison: Option<&'a Comparison>,
    /// The last retention plan.
    pub retention: Option<&'a Plan>,
    /// The sheet of the run that the pages are about.
    pub run_sheet: Option<&'a RunSheet>,
    /// Findings of tasks (verification, statistics …); `file` is set.
    pub extra_findings: &'a [Finding],
}

/// The report of everything in `input`.
pub fn build<'a>(input: &ReportInput<'a>) -> Report<'a> {
    let digests = digests(input.integrity);
    let mut runs: Vec<RunPart<'a>> = input
        .opened
        .iter()
        .flat_map(|opened| {
            let files = Files::of(opened, &digests);
            opened.runs.iter().map(move |run| files.run(run)).collect::<Vec<_>>()
        })
        .collect();
    order_by(&mut runs, |a, b| natural_cmp(a.path, b.path));
    let mut seen: Vec<Seen<'a>> = input.opened.iter().flat_map(|opened| entries(opened)).collect();
    order_by(&mut seen, |(a, _), (b, _)| natural_cmp(&a.path, &b.path));
    Report {
        schema: SCHEMA,
        app: App { name: "weighbridge", version: input.app_version },
        sources: sources(input.opened),
        runs,
        tensors: tensors(&seen),
        pickles: pickles(&seen),
        integrity: input.integrity,
        signatures: input.signatures,
        findings: findings(input),
        not_examined: not_examined(&seen),
        comparison: input.comparison,
        retention: input.retention,
        run_sheet: input.run_sheet,
    }
}

/// An entry, and what it holds if it was looked at.
type Seen<'a> = (&'a Entry, Option<&'a Contents>);

fn entries(opened: &Opened) -> impl Iterator<Item = Seen<'_>> {
    opened.entries.iter().enumerate().map(|(index, entry)| (entry, opened.contents_at(index)))
}

/// SHA-256 by path, as far as a verification computed it.
fn digests(integrity: Option<&Integrity>) -> BTreeMap<&str, &str> {
    let checks = integrity.iter().flat_map(|integrity| &integrity.entries);
    let checks = checks.filter(|check| check.algorithm == Algorithm::Sha256);
    keyed(checks.filter_map(|check| Some((check.path.as_str(), check.actual.as_deref()?))))
}

fn sources<'a>(opened: &[&'a Opened]) -> Vec<SourceRow<'a>> {
    let mut sources: Vec<_> = opened.iter().flat_map(|opened| &opened.sources).collect();
    order_by_key(&mut sources, |source| source.id);
    let row = |source: &'a crate::model::OpenedSource| SourceRow {
        id: source_id(source.id),
        name: &source.name,
        kind: source.kind,
        size_bytes: source.size_bytes,
        bytes_read: source.bytes_read,
    };
    sources.into_iter().map(row).collect()
}

fn source_id(id: SourceId) -> String {
    format!("s{}", id.0)
}

fn tensors<'a>(seen: &[Seen<'a>]) -> Vec<TensorRow<'a>> {
    let row = |entry: &'a Entry, contents: &'a Contents| {
        contents.tensors.iter().map(|tensor| TensorRow {
            file: &entry.path,
            name: &tensor.name,
            role: tensor.role,
            dtype: tensor.dtype.name(),
            shape: &tensor.shape,
            size_bytes: tensor.size_bytes,
        })
    };
    seen.iter().filter_map(|(entry, contents)| Some((*entry, (*contents)?))).flat_map(|(e, c)| row(e, c)).collect()
}

fn pickles(seen: &[Seen<'_>]) -> Vec<PickleRow> {
    seen.iter()
        .flat_map(|(entry, contents)| contents.map(|contents| of_file(&entry.path, contents)))
        .flatten()
        .collect()
}

fn not_examined<'a>(seen: &[Seen<'a>]) -> Vec<NotExamined<'a>> {
    let reason = |entry: &Entry, contents: Option<&'a Contents>| match contents {
        Some(contents) => contents.not_examined.as_deref(),
        None => (entry.kind == EntryKind::File).then_some("not looked at yet"),
    };
    seen.iter()
        .filter_map(|(entry, contents)| Some(NotExamined { path: &entry.path, reason: reason(entry, *contents)? }))
        .collect()
}

/// Every finding of `input`: by severity, then natural order of files, then offset.
pub fn findings(input: &ReportInput<'_>) -> Vec<Finding> {
    let mut all = Vec::new();
    for opened in input.opened {
        all.extend(opened.findings.iter().cloned());
        all.extend(opened.runs.iter().flat_map(|run| &run.findings).cloned());
        for (entry, contents) in entries(opened) {
            let found = contents.iter().flat_map(|contents| &contents.findings);
            all.extend(found.map(|finding| finding.clone().in_file(&entry.path)));
        }
    }
    // Once it was checked, nothing is said of its not being checked.
    let is_checked =
        |path: &str| input.signatures.iter().any(|row| row.path == path && row.signature != Stated::NotChecked);
    all.retain(|finding| finding.code != "signature-unchecked" || !is_checked(&finding.file));
    all.extend(input.comparison.iter().flat_map(|comparison| &comparison.findings).cloned());
    all.extend(input.extra_findings.iter().cloned());
    order_by(&mut all, order);
    all.dedup();
    all
}

/// By severity, natural order of files and of entries inside them, then offset; code and words only to be the same in
/// every report.
fn order(a: &Finding, b: &Finding) -> Ordering {
    let entry = |finding: &Finding| finding.entry.clone().unwrap_or_default();
    a.severity
        .cmp(&b.severity)
        .then_with(|| natural_cmp(&a.file, &b.file))
        .then_with(|| natural_cmp(&entry(a), &entry(b)))
        .then_with(|| a.offset.cmp(&b.offset))
        .then_with(|| (&a.code, &a.message).cmp(&(&b.code, &b.message)))
}

/// The files of one pick by path.
struct Files<'a, 'd> {
    opened: &'a Opened,
    by_path: BTreeMap<&'a str, Seen<'a>>,
    digests: &'d BTreeMap<&'a str, &'a str>,
}

impl<'a, 'd> Files<'a, 'd> {
    fn of(opened: &'a Opened, digests: &'d BTreeMap<&'a str, &'a str>) -> Self {
        let by_path = entries(opened).map(|(entry, contents)| (entry.path.as_str(), (entry, contents))).collect();
        Self { opened, by_path, digests }
    }

    fn run(&self, run: &'a Run) -> RunPart<'a> {
        RunPart {
            source: self.source(run).map(source_id).unwrap_or_default(),
            path: &run.path,
            layout: &run.layout,
            layout_evidence: &run.evidence,
            rule: run.rule.as_deref(),
            best_metric: run.best_metric.as_deref(),
            markers: run.markers.iter().map(marker).collect(),
            checkpoints: run.checkpoints.iter().map(|checkpoint| self.checkpoint(checkpoint)).collect(),
            files: self.files(&run.files),
        }
    }

    /// The source of the run's first file; without one, that whose name its path starts with.
    fn source(&self, run: &Run) -> Option<SourceId> {
        let members = run.checkpoints.iter().flat_map(|checkpoint| &checkpoint.files).chain(&run.files);
        let of_file =
            members.filter_map(|member| self.by_path.get(member.path.as_str())).map(|(entry, _)| entry.source).next();
        let top = run.path.split('/').next();
        of_file.or_else(|| {
            let sources = &self.opened.sources;
            sources.iter().find(|source| Some(source.name.as_str()) == top).or(sources.first()).map(|source| source.id)
        })
    }

    fn checkpoint(&self, checkpoint: &'a Checkpoint) -> CheckpointPart<'a> {
        let files = self.files(&checkpoint.files);
        let contents = checkpoint.files.iter().filter_map(|member| self.by_path.get(member.path.as_str())?.1);
        CheckpointPart {
            name: &checkpoint.name,
            path: &checkpoint.path,
            step: checkpoint.step,
            epoch: checkpoint.epoch.map(Epoch),
            metrics: metrics(&checkpoint.metrics),
            metrics_from: checkpoint.metrics_from.as_deref(),
            size_bytes: files.iter().fold(0, |sum, file| sum.saturating_add(file.size_bytes)),
            files,
            tensors: TensorTotals::of(contents.flat_map(|contents| &contents.tensors)),
            resume: &checkpoint.resume,
        }
    }

    fn files(&self, members: &'a [Member]) -> Vec<FileRow<'a>> {
        let mut rows: Vec<_> = members.iter().map(|member| self.file(member)).collect();
        order_by(&mut rows, |a, b| natural_cmp(a.path, b.path));
        rows
    }

    fn file(&self, member: &'a Member) -> FileRow<'a> {
        let known = self.by_path.get(member.path.as_str());
        FileRow {
            path: &member.path,
            role: member.role,
            format: known.and_then(|(_, contents)| *contents).map_or("unknown", |contents| contents.format.as_str()),
            size_bytes: known.map_or(0, |(entry, _)| entry.size),
            sha256: self.digests.get(member.path.as_str()).copied(),
        }
    }
}

/// Of a repeated name the last value counts.
fn metrics(pairs: &[(String, f64)]) -> Named<'_, Real> {
    let mut seen = BTreeSet::new();
    let last = pairs.iter().rev().filter(|(name, _)| seen.insert(name.as_str()));
    let mut named: Vec<_> = last.map(|(name, value)| (name.as_str(), Real(*value))).collect();
    named.reverse();
    Named(named)
}

fn marker(marker: &Marker) -> MarkerRow<'_> {
    MarkerRow {
        kind: marker.kind,
        file: marker.file.as_deref(),
        says: &marker.says,
        checkpoint: marker.checkpoint.as_deref(),
        agrees: marker.agrees,
    }
}
