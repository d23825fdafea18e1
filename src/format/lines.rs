//! One JSON value a line, read line by line. A damaged line is a finding, the others are kept.

use std::collections::BTreeMap;

use super::document::Parser;
use super::log::Log;
use super::window::Window;
use super::{Reading, Rest};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::{Contents, Finding, Value};
use crate::source::Source;

/// Bytes of lines parsed in one step: about 8 ms.
const STEP: u64 = 512 << 10;
/// Longest first line that is tried when telling JSON lines from JSON.
const FIRST: usize = 1 << 20;

/// Lines being read.
pub(super) struct Lines {
    window: Window,
    line: u64,
    log: Log,
    /// The first finding of each kind, and on how many further lines it occurs.
    odd: BTreeMap<String, (Finding, u64)>,
}

/// Whether the first line is a whole object and another one follows: JSON lines under the name of JSON.
pub(super) fn looks_like_lines(text: &[u8]) -> bool {
    let mut lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let Some(first) = lines.next().filter(|line| line.len() <= FIRST && line.starts_with(b"{") && line.ends_with(b"}"))
    else {
        return false;
    };
    lines.next().is_some_and(|second| second.starts_with(b"{")) && parse(first).is_ok()
}

impl Lines {
    /// The reading of `file` from byte `start` on.
    ///
    /// # Errors
    /// What the first step says.
    pub(super) fn reading(file: &Source, start: u64) -> Result<Reading> {
        let mut contents = Contents::new("jsonl", "");
        if let Some(reason) = too_long(file) {
            contents.not_examined = Some(reason);
            return Ok(Reading::Done(contents));
        }
        let window = Window::new(file.clone(), start);
        let lines = Self { window, line: 0, log: Log::default(), odd: BTreeMap::new() };
        Reading::More(contents, Box::new(lines)).settled()
    }

    /// Takes the next line; false at the end.
    fn next(&mut self, findings: &mut Vec<Finding>) -> Result<bool> {
        let mut searched = 0;
        let len = loop {
            let text = self.window.text();
            let fresh = text.get(searched..).unwrap_or_default();
            if let Some(at) = fresh.iter().position(|&byte| byte == b'\n') {
                break searched.saturating_add(at);
            }
            searched = text.len();
            if self.window.is_last() {
                break searched;
            }
            self.window.grow()?;
        };
        if self.window.text().is_empty() {
            return Ok(false);
        }
        self.line = self.line.saturating_add(1);
        let start = self.window.offset();
        let line = self.window.text().get(..len).unwrap_or_default().trim_ascii_end();
        if !line.is_empty() {
            let parsed = parse(line);
            self.take(parsed, start, findings);
        }
        self.window.consume(len.saturating_add(1));
        Ok(true)
    }

    /// Keeps the value of the line that begins at `start`, or a finding about it.
    fn take(&mut self, parsed: Result<(Value, Vec<Finding>)>, start: u64, findings: &mut Vec<Finding>) {
        match parsed {
            Ok((value, odd)) => {
                self.log.add(value);
                for mut finding in odd {
                    finding.offset = finding.offset.map(|at| at.saturating_add(start));
                    finding.message = self.with_line(&finding.message);
                    let (_, further) = self.odd.entry(finding.code.clone()).or_insert((finding, u64::MAX));
                    *further = further.wrapping_add(1);
                }
            }
            Err(error) => {
                let what = match &error {
                    Error::Malformed(place) => place.what.clone(),
                    other => other.to_string(),
                };
                let at = error.offset().unwrap_or(0).saturating_add(start);
                let message = format!("line {} is not JSON and is left out: {}", self.line, self.with_line(&what));
                if findings.len() < limits::FINDINGS {
                    findings.push(Finding::error("jsonl-line", message).at(at));
                }
            }
        }
    }

    /// The parser counts lines from the start of the line it is given.
    fn with_line(&self, message: &str) -> String {
        message.replacen("line 1 column", &format!("line {} column", self.line), 1)
    }

    fn finish(&mut self, contents: &mut Contents) {
        let (rows, left_out) = self.log.finish();
        contents.document = Some(rows);
        contents.findings.extend(left_out);
        for (mut finding, further) in std::mem::take(&mut self.odd).into_values() {
            if further > 0 {
                finding.message.push_str(&format!(", and on {further} further lines"));
            }
            contents.findings.push(finding);
        }
    }
}

impl Rest for Lines {
    fn step(&mut self, contents: &mut Contents) -> Result<bool> {
        let until = self.window.offset().saturating_add(STEP);
        while self.window.offset() < until {
            if !self.next(&mut contents.findings)? {
                self.finish(contents);
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn progress(&self) -> (u64, u64) {
        (self.window.offset(), self.window.len())
    }
}

/// Why a log is not read.
fn too_long(file: &Source) -> Option<String> {
    (file.len() > limits::LOG).then(|| format!("{} bytes; logs are read up to {} bytes", file.len(), limits::LOG))
}

/// One line's value.
fn parse(line: &[u8]) -> Result<(Value, Vec<Finding>)> {
    let mut parser = Parser::new(0);
    loop {
        if let Some(parsed) = parser.step(line, usize::MAX)? {
            return Ok((parsed.value, parsed.findings));
        }
    }
}
