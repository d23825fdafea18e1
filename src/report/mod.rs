//! The report: everything known of what was opened, as data. [`build`] gathers it, [`to_json`],
//! [`to_markdown`] and [`to_sarif`] write it.
//!
//! The types are the public interface `weighbridge.report/1` (`docs/report.schema.json` is generated from them): a key
//! may be added, none renamed or dropped. They borrow from what was opened, since a report may list 100,000 tensors.

mod build;
mod csv;
mod html;
mod json;
mod markdown;
mod named;
mod pickle;
mod run;
mod sarif;
mod sheet;
mod tensor;

use serde::Serialize;

pub use build::{ReportInput, build, findings};
pub use csv::{CsvTable, to_csv};
pub use html::to_html;
pub use json::to_json;
pub use markdown::to_markdown;
pub use named::{Epoch, Named};
pub use pickle::{PickleImport, PickleLine, PickleRow, pickles};
pub use run::{CheckpointPart, FileRow, MarkerRow, RunPart};
pub use sarif::to_sarif;
pub use sheet::sheet_csv;
pub use tensor::{TensorRow, TensorTotals};

use crate::diff::{Comparison, RunSheet};
use crate::model::{Finding, Integrity, Signature, SourceKind};
use crate::retention::Plan;

/// Version of the interface.
pub const SCHEMA: &str = "weighbridge.report/1";

/// The whole report.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report<'a> {
    /// Version of this interface: `weighbridge.report/1`.
    #[cfg_attr(feature = "schema", schemars(extend("const" = SCHEMA)))]
    pub schema: &'static str,
    /// Who wrote the report.
    pub app: App<'a>,
    /// What was opened, in the order it was.
    pub sources: Vec<SourceRow<'a>>,
    /// The runs recognised in it, in natural order of paths.
    pub runs: Vec<RunPart<'a>>,
    /// Every tensor of every file, in natural order of files, then in file order.
    pub tensors: Vec<TensorRow<'a>>,
    /// Every pickle that was analysed.
    pub pickles: Vec<PickleRow>,
    /// What the last verification found; `null` when nothing was verified.
    pub integrity: Option<&'a Integrity>,
    /// The signatures of signed manifests, and what was checked of each.
    pub signatures: &'a [Signature],
    /// What is wrong or worth knowing: by severity, then natural order of files, then offset.
    pub findings: Vec<Finding>,
    /// Files nobody looked into, and why.
    pub not_examined: Vec<NotExamined<'a>>,
    /// The last comparison; `null` when nothing was compared.
    pub comparison: Option<&'a Comparison>,
    /// The last retention plan; `null` when none was asked for.
    pub retention: Option<&'a Plan>,
    /// The run that was selected, checkpoint by checkpoint; `null` when it has less than two.
    pub run_sheet: Option<&'a RunSheet>,
}

/// The program that wrote the report.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct App<'a> {
    /// `weighbridge`.
    pub name: &'static str,
    /// Its version.
    pub version: &'a str,
}

/// One opened file, folder or address.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SourceRow<'a> {
    /// `s1`, `s2` …
    pub id: String,
    /// Its name; paths start with it.
    pub name: &'a str,
    /// How it came.
    pub kind: SourceKind,
    /// Bytes of all its files.
    pub size_bytes: u64,
    /// Bytes of them that were actually read so far.
    pub bytes_read: u64,
}

/// A file nobody looked into.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NotExamined<'a> {
    /// The file.
    pub path: &'a str,
    /// Why not.
    pub reason: &'a str,
}

#[cfg(test)]
mod tests;
