//! Everything on screen, as a report.

use super::Session;
use super::signatures::wrong_signature;
use crate::manifest::{Form, write};
use crate::model::{Finding, Opened};
pub use crate::report::CsvTable;
use crate::report::{NotExamined, ReportInput, build, to_csv, to_html, to_json, to_markdown, to_sarif};

impl Session {
    /// The JSON report.
    pub fn report_json(&self) -> Vec<u8> {
        // Maps with text keys and numbers are all there is: nothing in it can fail to be written.
        self.reported_with_sheet(|input| to_json(&build(input)).unwrap_or_default())
    }

    /// The same facts for people.
    pub fn report_markdown(&self) -> String {
        self.reported_with_sheet(|input| to_markdown(&build(input)))
    }

    /// The same as a page of HTML that needs nothing else.
    pub fn report_html(&self) -> String {
        self.reported_with_sheet(|input| to_html(&build(input)))
    }

    /// A table of the comparison for spreadsheets; empty before there is one.
    pub fn comparison_csv(&self, table: CsvTable) -> String {
        self.comparing.result.as_ref().map_or_else(String::new, |result| to_csv(result, table))
    }

    /// What is wrong, for tools that collect findings.
    pub fn report_sarif(&self) -> String {
        self.reported(|input| to_sarif(&build(input)))
    }

    /// A manifest of the files that were hashed; `None` before there is one.
    pub fn manifest(&self, form: Form) -> Option<String> {
        let opened: Vec<&Opened> = self.picks.iter().map(|pick| &pick.opened).collect();
        let digests: Vec<_> = self.verification.as_ref()?.sha256s().collect();
        write(&opened, &digests, form)
    }

    /// Whether [`Session::manifest`] has a file to tell of.
    pub fn has_manifest(&self) -> bool {
        let is_file = |((pick, entry), _): ((usize, usize), &str)| {
            let entry = self.picks.get(pick).and_then(|pick| pick.opened.entries.get(entry));
            entry.is_some_and(|entry| entry.locator.layers.is_empty())
        };
        self.verification.as_ref().is_some_and(|verification| verification.sha256s().any(is_file))
    }

    /// Every finding on screen, most severe first.
    pub fn findings(&self) -> Vec<Finding> {
        self.reported(|input| build(input).findings)
    }

    /// Files nobody looked into, and why.
    pub fn not_examined(&self) -> Vec<(String, String)> {
        let own = |file: &NotExamined<'_>| (file.path.to_owned(), file.reason.to_owned());
        self.reported(|input| build(input).not_examined.iter().map(own).collect())
    }

    /// With the sheet of the selected run, which takes time to draw up and has no findings.
    fn reported_with_sheet<T>(&self, told: impl FnOnce(&ReportInput<'_>) -> T) -> T {
        let sheet = self.run_sheet();
        self.reported(|input| told(&ReportInput { run_sheet: sheet.as_ref(), ..*input }))
    }

    fn reported<T>(&self, told: impl FnOnce(&ReportInput<'_>) -> T) -> T {
        let opened: Vec<&Opened> = self.picks.iter().map(|pick| &pick.opened).collect();
        let verification = self.verification.as_ref();
        let signatures = self.signature_rows();
        let verified = verification.into_iter().flat_map(|known| known.plan.findings.iter().chain(&known.unreadable));
        let extra: Vec<Finding> = verified.cloned().chain(signatures.iter().filter_map(wrong_signature)).collect();
        told(&ReportInput {
            app_version: env!("CARGO_PKG_VERSION"),
            opened: &opened,
            integrity: verification.map(|verification| &verification.integrity),
            signatures: &signatures,
            comparison: self.comparing.result.as_ref(),
            retention: self.planning.plan.as_ref(),
            run_sheet: None,
            extra_findings: &extra,
        })
    }
}
