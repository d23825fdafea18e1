//! The last resort: files that are not what their name says, and files that are known but not read.
//!
//! Its reading says which, so that a file nobody looked into never passes for one without findings.

mod impostor;
mod magic;

use super::{Confidence, Format, Probe, Reading, text};
use crate::error::Result;
use crate::model::{Contents, Finding};
use crate::source::Source;

/// Files that no other format reads.
pub(super) struct Unknown;

/// What is known of such a file.
struct Known {
    /// Report id.
    format: &'static str,
    evidence: String,
    not_examined: Option<String>,
    finding: Option<Finding>,
    /// Whether only the name speaks for it, so that a format that knows the bytes goes first.
    is_by_name: bool,
}

impl Known {
    fn new(format: &'static str, evidence: impl Into<String>, not_examined: impl Into<String>) -> Self {
        Self {
            format,
            evidence: evidence.into(),
            not_examined: Some(not_examined.into()),
            finding: None,
            is_by_name: false,
        }
    }

    fn by_name(self) -> Self {
        Self { is_by_name: true, ..self }
    }

    fn with(self, finding: Option<Finding>) -> Self {
        Self { finding, ..self }
    }
}

fn identify(probe: &Probe) -> Result<Option<Known>> {
    let known = impostor::identify(probe)?;
    Ok(known.or_else(|| magic::identify(probe)).or_else(|| impostor::wrong_name(probe)))
}

impl Format for Unknown {
    fn id(&self) -> &'static str {
        "unknown"
    }

    fn name(&self) -> &'static str {
        "not recognised"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &[]
    }

    fn spec(&self) -> &'static str {
        ""
    }

    fn probe(&self, probe: &Probe) -> Option<Confidence> {
        match identify(probe) {
            Ok(Some(known)) if known.is_by_name => Confidence::guess(known.evidence),
            Ok(Some(known)) => Confidence::certain(known.evidence),
            _ => Confidence::weakest("no format's mark in its first bytes"),
        }
    }

    fn read(&self, file: &Source) -> Result<Reading> {
        let probe = Probe::new(file.name(), file)?;
        if let Some(error) = magic::zip_error(&probe) {
            return Err(error);
        }
        let known = identify(&probe)?
            .unwrap_or_else(|| Known::new("unknown", "no format's mark in its first bytes", "format not recognised"));
        let mut contents = Contents::new(known.format, known.evidence);
        contents.not_examined = known.not_examined;
        contents.text = if known.format == "text" { text::short(file)? } else { None };
        contents.findings.extend(known.finding);
        Ok(Reading::Done(contents))
    }
}

#[cfg(test)]
mod tests;
