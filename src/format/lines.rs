//! One JSON value a line, read line by line. A damaged line is a finding, the others are kept.

use std::collections::BTreeMap;

use super::document::Parser;
use super::{Reading, Rest};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::{Contents, Finding, Value};

/// Bytes of lines parsed in one step: about 8 ms.
const STEP: usize = 512 << 10;
/// Longest first line that is tried when telling JSON lines from JSON.
const FIRST: usize = 1 << 20;

/// Lines being read.
pub(super) struct Lines {
    text: Vec<u8>,
    at: usize,
    line: u64,
    values: Vec<Value>,
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
    /// The reading of `text` from byte `start` on.
    ///
    /// # Errors
    /// What the first step says.
    pub(super) fn reading(text: Vec<u8>, start: usize) -> Result<Reading> {
        let lines = Self { text, at: start, line: 0, values: Vec::new(), odd: BTreeMap::new() };
        Reading::More(Contents::new("jsonl", ""), Box::new(lines)).settled()
    }

    /// Where the next line begins and ends.
    fn next(&mut self) -> Option<(usize, usize)> {
        let start = self.at;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let len = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
        let end = start.saturating_add(len);
        self.at = end.saturating_add(1);
        self.line = self.line.saturating_add(1);
        Some((start, end))
    }

    /// Keeps the value of the line from `start` to `end`, or a finding about it.
    fn take(&mut self, start: usize, end: usize, findings: &mut Vec<Finding>) {
        let line = self.text.get(start..end).unwrap_or_default().trim_ascii_end();
        if line.is_empty() {
            return;
        }
        match parse(line) {
            Ok((value, odd)) => {
                self.values.push(value);
                for mut finding in odd {
                    finding.offset = finding.offset.map(|at| at.saturating_add(start as u64));
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
                let at = error.offset().unwrap_or(0).saturating_add(start as u64);
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
        contents.document = Some(Value::List(std::mem::take(&mut self.values)));
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
        let until = self.at.saturating_add(STEP);
        while self.at < until {
            let Some((start, end)) = self.next() else {
                self.finish(contents);
                return Ok(true);
            };
            limits::check("document values", limits::DOCUMENT_VALUES, self.values.len() as u64)?;
            self.take(start, end, &mut contents.findings);
        }
        Ok(false)
    }

    fn progress(&self) -> (u64, u64) {
        (self.at.min(self.text.len()) as u64, self.text.len() as u64)
    }
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
