//! TOML 1.0: configuration of projects and runs. Dates and times are kept as text; what is not understood is shown as
//! text.

mod parser;
mod value;

use super::{Confidence, Format, Probe, Reading};
use crate::error::Result;
use crate::limits;
use crate::model::{Contents, Finding};
use crate::source::Source;

/// The TOML format.
pub(super) struct Toml;

impl Format for Toml {
    fn id(&self) -> &'static str {
        "toml"
    }

    fn name(&self) -> &'static str {
        "TOML document"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["toml"]
    }

    fn spec(&self) -> &'static str {
        "https://toml.io/en/v1.0.0"
    }

    fn probe(&self, probe: &Probe) -> Option<Confidence> {
        let is_ours = probe.extension() == "toml" && !probe.head().is_empty() && probe.is_text();
        is_ours.then(|| Confidence::likely("text that is called .toml")).flatten()
    }

    fn read(&self, file: &Source) -> Result<Reading> {
        let mut contents = Contents::new(self.id(), "");
        if file.len() > limits::CONFIGURATION {
            let message =
                format!("{} bytes: configurations are read up to {} bytes", file.len(), limits::CONFIGURATION);
            contents.findings.push(Finding::note("toml-not-read", message));
            return Ok(Reading::Done(contents));
        }
        let bytes = file.bytes_at(0, limits::CONFIGURATION)?;
        match parser::parse(&bytes) {
            Ok(value) => contents.document = Some(value),
            Err((at, what)) => {
                let place = super::document::Place::of(&bytes, at);
                let message = format!("not understood, shown as text: {what} at {place}");
                contents.findings.push(Finding::warning("toml-not-understood", message).at(at as u64));
            }
        }
        Ok(Reading::Done(contents))
    }
}

#[cfg(test)]
mod tests;
