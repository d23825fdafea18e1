//! The report for people, as Markdown.

use super::Report;

/// The report as Markdown.
pub fn to_markdown(report: &Report<'_>) -> String {
    format!("# Weighbridge report\n\n{} sources\n", report.sources.len())
}
