//! Findings, tensors, pickles, and what was not looked at.

use super::text::{escaped, or_dash, shape, word};
use super::{Page, Table};
use crate::report::Report;
use crate::words;

pub(super) fn findings(report: &Report<'_>, page: &mut Page) {
    page.heading(2, "Findings");
    if report.findings.is_empty() {
        page.paragraph("None.");
    }
    let mut table = Table::new(&["Severity", "File", "What", "Code"], &["Byte"]);
    for finding in &report.findings {
        table.row(|| {
            let file = match &finding.entry {
                Some(entry) => format!("{} › {}", escaped(&finding.file), escaped(entry)),
                None => escaped(&finding.file),
            };
            let (what, code) = (escaped(&finding.message), escaped(&finding.code));
            [word(&finding.severity), file, what, code, or_dash(finding.offset.map(words::count))]
        });
    }
    page.table(table);
}

pub(super) fn tensors(report: &Report<'_>, page: &mut Page) {
    if report.tensors.is_empty() {
        return;
    }
    page.heading(2, "Tensors");
    let mut table = Table::new(&["File", "Name", "Role", "Type", "Shape"], &["Size"]);
    for tensor in &report.tensors {
        table.row(|| {
            let (file, name, dtype) = (escaped(tensor.file), escaped(tensor.name), escaped(tensor.dtype));
            [file, name, word(&tensor.role), dtype, shape(tensor.shape), words::size(tensor.size_bytes)]
        });
    }
    page.table(table);
}

pub(super) fn pickles(report: &Report<'_>, page: &mut Page) {
    if report.pickles.is_empty() {
        return;
    }
    page.heading(2, "Pickles");
    let mut table = Table::new(&["File", "Verdict", "Why", "Loads with weights_only", "Imports"], &[]);
    for pickle in &report.pickles {
        table.row(|| {
            let names = pickle.imports.iter().map(|import| format!("{}.{}", import.module, import.name));
            let imports = escaped(&names.collect::<Vec<_>>().join(", "));
            let loads = match (&pickle.stops_at, &pickle.not_loadable) {
                _ if pickle.weights_only_loads => "yes".to_owned(),
                (_, Some(reason)) => format!("no: {}", escaped(reason)),
                (Some(stop), None) => {
                    format!("no: {} at byte {}: {}", stop.opcode, words::count(stop.offset), escaped(&stop.reason))
                }
                (None, None) => "no: another pickle of the file is refused".to_owned(),
            };
            let file = match &pickle.entry {
                Some(entry) => format!("{} › {}", escaped(&pickle.file), escaped(entry)),
                None => escaped(&pickle.file),
            };
            let why = pickle.rule.as_deref().map(escaped).unwrap_or_default();
            [file, word(&pickle.verdict), why, loads, imports]
        });
    }
    page.table(table);
}

pub(super) fn not_examined(report: &Report<'_>, page: &mut Page) {
    page.heading(2, "Not examined");
    if report.not_examined.is_empty() {
        page.paragraph("Nothing: every file was looked into.");
    }
    let mut table = Table::new(&["File", "Why"], &[]);
    for file in &report.not_examined {
        table.row(|| [escaped(file.path), escaped(file.reason)]);
    }
    page.table(table);
}
