//! The claims of a manifest as they are gathered line by line, whatever its kind.

use std::collections::HashMap;

use crate::limits;
use crate::model::{Algorithm, Finding, Manifest, ManifestLine};

/// Hexadecimal digits of a SHA-256.
const DIGITS: usize = 64;

/// The digest that `text` spells, in lower case.
pub(super) fn digest(text: &str) -> Option<String> {
    let spelled = text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    spelled.then(|| text.to_ascii_lowercase())
}

/// Claims and what is wrong with them.
#[derive(Default)]
pub(super) struct Claims {
    lines: Vec<ManifestLine>,
    findings: Vec<Finding>,
    unlisted_findings: usize,
}

impl Claims {
    /// One more claim.
    pub(super) fn add(&mut self, path: String, digest: String, line: u64) {
        self.lines.push(ManifestLine {
            path,
            algorithm: Algorithm::Sha256,
            digest,
            line,
            objection: None,
            pieces: Vec::new(),
        });
    }

    /// One more thing that is wrong; beyond the cap they are only counted.
    pub(super) fn report(&mut self, finding: Finding) {
        if self.findings.len() < limits::FINDINGS {
            self.findings.push(finding);
        } else {
            self.unlisted_findings = self.unlisted_findings.saturating_add(1);
        }
    }

    /// How many claims there are.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// The manifest, with paths that are claimed twice reported.
    pub(super) fn finish(mut self, kind: &str) -> (Manifest, Vec<Finding>) {
        for finding in self.repeated() {
            self.report(finding);
        }
        if self.unlisted_findings > 0 {
            let message = format!("{} more like these", self.unlisted_findings);
            self.findings.push(Finding::warning("manifest-line", message));
        }
        (Manifest { kind: kind.to_owned(), lines: self.lines }, self.findings)
    }

    fn repeated(&self) -> Vec<Finding> {
        let mut first: HashMap<&str, &ManifestLine> = HashMap::new();
        let mut findings = Vec::new();
        for line in &self.lines {
            let earlier = *first.entry(&line.path).or_insert(line);
            if std::ptr::eq(earlier, line) {
                continue;
            }
            let both = format!("line {} and line {} both name {}", earlier.line, line.line, line.path);
            findings.push(if earlier.digest == line.digest {
                Finding::note("manifest-duplicate", format!("{both}, with the same digest"))
            } else {
                Finding::error("manifest-conflict", format!("{both}, with different digests"))
            });
        }
        findings
    }
}
