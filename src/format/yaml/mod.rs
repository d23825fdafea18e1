//! YAML as configurations use it, read the way PyYAML reads it (YAML 1.1), which wrote nearly all of them.
//!
//! Read: block and flow collections, plain, quoted and block texts, tags, anchors and aliases within the limits, the
//! first document. Python's tags become what they stand for: a tuple a list, an object a map that names its class. Not
//! read, and said so: keys that are collections, directives. Merge keys (`<<`) are kept as keys. What is not understood
//! is shown as text.

mod flow;
mod parser;
mod quoted;
mod scalar;
mod tag;
mod text;

use super::{Confidence, Format, Probe, Reading};
use crate::error::Result;
use crate::limits;
use crate::model::{Contents, Finding};
use crate::source::Source;
use parser::Parser;

/// The YAML format.
pub(super) struct Yaml;

impl Format for Yaml {
    fn id(&self) -> &'static str {
        "yaml"
    }

    fn name(&self) -> &'static str {
        "YAML document"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["yaml", "yml"]
    }

    fn spec(&self) -> &'static str {
        "https://yaml.org/spec/1.1/"
    }

    fn probe(&self, probe: &Probe) -> Option<Confidence> {
        let named = self.extensions().contains(&probe.extension().as_str());
        let is_ours = named && !probe.head().is_empty() && probe.is_text();
        is_ours.then(|| Confidence::likely(format!("text that is called .{}", probe.extension()))).flatten()
    }

    fn read(&self, file: &Source) -> Result<Reading> {
        let mut contents = Contents::new(self.id(), "");
        if file.len() > limits::CONFIGURATION {
            let message =
                format!("{} bytes: configurations are read up to {} bytes", file.len(), limits::CONFIGURATION);
            contents.findings.push(Finding::note("yaml-not-read", message));
            return Ok(Reading::Done(contents));
        }
        let bytes = file.bytes_at(0, limits::CONFIGURATION)?;
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        match Parser::new(text).document() {
            Ok((value, findings)) => {
                contents.document = value;
                contents.findings = findings;
            }
            Err(wrong) => {
                let place = super::document::Place::of(text, wrong.at);
                let message = format!("not understood, shown as text: {} at {place}", wrong.what);
                contents.findings.push(Finding::warning("yaml-not-understood", message).at(wrong.at as u64));
            }
        }
        Ok(Reading::Done(contents))
    }
}

#[cfg(test)]
mod tests;
