//! JSON text (RFC 8259) into a [`Value`], some thousand values at a time, and without recursion.
//!
//! Accepted beyond the standard, because Python writes or reads it: `NaN`, `Infinity`, `-Infinity`, a byte order mark,
//! unescaped control characters, lone surrogates, repeated keys (kept). Each is reported once, with its first place.

mod parser;
mod text;

pub(super) use parser::Parser;
pub(super) use text::Place;

use crate::model::{Finding, Value};

/// A parsed text.
#[derive(Debug, PartialEq)]
pub(super) struct Parsed {
    /// Its value.
    pub(super) value: Value,
    /// What is not standard in it.
    pub(super) findings: Vec<Finding>,
}

/// What is not standard, counted, with the place of the first.
#[derive(Debug, Default)]
pub(super) struct Oddities {
    non_finite: Option<(u64, usize)>,
    control: Option<(u64, usize)>,
    surrogate: Option<(u64, usize)>,
    utf8: Option<(u64, usize)>,
    repeated: Vec<(String, usize)>,
}

/// Repeated keys named one by one.
const REPEATED: usize = 20;

impl Oddities {
    fn non_finite(&mut self, at: usize) {
        count(&mut self.non_finite, at);
    }

    fn control(&mut self, at: usize) {
        count(&mut self.control, at);
    }

    fn surrogate(&mut self, at: usize) {
        count(&mut self.surrogate, at);
    }

    fn utf8(&mut self, at: usize) {
        count(&mut self.utf8, at);
    }

    fn repeated(&mut self, key: &str, at: usize) {
        if self.repeated.len() < REPEATED {
            self.repeated.push((key.chars().take(80).collect(), at));
        }
    }

    /// As findings about `text`.
    pub(super) fn findings(&self, text: &[u8]) -> Vec<Finding> {
        let mut findings = Vec::new();
        let mut add = |seen: Option<(u64, usize)>, make: fn(&str, String) -> Finding, code: &str, what: &str| {
            if let Some((count, at)) = seen {
                let message = format!("{count} × {what}, first at {}", Place::of(text, at));
                findings.push(make(code, message).at(at as u64));
            }
        };
        let note = |code: &str, message: String| Finding::note(code, message);
        let warning = |code: &str, message: String| Finding::warning(code, message);
        let error = |code: &str, message: String| Finding::error(code, message);
        add(self.non_finite, note, "json-non-finite", "NaN or Infinity, which JSON does not have (Python does)");
        add(self.control, warning, "json-control", "control character in a string that is not escaped");
        add(self.surrogate, warning, "json-surrogate", "half a surrogate pair, shown as \u{fffd}");
        add(self.utf8, error, "json-utf8", "bytes that are not UTF-8, shown as \u{fffd}");
        for (key, at) in &self.repeated {
            let message = format!("key {key:?} is repeated at {}; readers use the last one", Place::of(text, *at));
            findings.push(Finding::warning("json-duplicate-key", message).at(*at as u64));
        }
        findings
    }
}

fn count(seen: &mut Option<(u64, usize)>, at: usize) {
    let (count, _) = seen.get_or_insert((0, at));
    *count = count.saturating_add(1);
}

#[cfg(test)]
mod tests;
