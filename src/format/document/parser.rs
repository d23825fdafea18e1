//! The parser: a position, a stack of open containers, and what may come next.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use super::text::{Place, unescape};
use super::{Oddities, Parsed};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::Value;

/// Keys from which on they are compared by hash.
const MANY: usize = 32;

/// An open container.
enum Open {
    List(Vec<Value>),
    /// Pairs, the key whose value comes next, and hashes of the keys once there are many.
    Map(Vec<(String, Value)>, String, HashSet<u64>),
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Value,
    /// A value or the end of the list.
    FirstValue,
    Key,
    /// A key or the end of the map.
    FirstKey,
    /// A comma or the end of the container.
    Comma,
    /// Nothing: the outermost value is complete.
    End,
}

/// A parse in progress.
pub(in crate::format) struct Parser {
    at: usize,
    open: Vec<Open>,
    next: Next,
    done: Option<Value>,
    values: u64,
    oddities: Oddities,
    hasher: RandomState,
}

impl Parser {
    /// Begins at byte `at` of the text.
    pub(in crate::format) fn new(at: usize) -> Self {
        let (oddities, hasher) = (Oddities::default(), RandomState::new());
        Self { at, open: Vec::new(), next: Next::Value, done: None, values: 0, oddities, hasher }
    }

    /// How far the text was read.
    pub(in crate::format) fn position(&self) -> usize {
        self.at
    }

    /// Parses up to `budget` tokens of `text`, which must be the same every time; the result when there is one.
    ///
    /// # Errors
    /// Where the text is not JSON, and when it is deeper or has more values than the limits allow.
    pub(in crate::format) fn step(&mut self, text: &[u8], budget: usize) -> Result<Option<Parsed>> {
        for _ in 0..budget {
            self.skip_space(text);
            if self.next == Next::End {
                if self.at < text.len() {
                    return Err(self.wrong(text, self.at, "the end of the file"));
                }
                let value = self.done.take().unwrap_or(Value::Null);
                return Ok(Some(Parsed { value, findings: self.oddities.findings(text) }));
            }
            self.token(text)?;
        }
        Ok(None)
    }

    fn skip_space(&mut self, text: &[u8]) {
        let rest = text.get(self.at..).unwrap_or_default();
        let space = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
        self.at = self.at.saturating_add(space);
    }

    fn token(&mut self, text: &[u8]) -> Result<()> {
        let byte = text.get(self.at).copied();
        match (self.next, byte) {
            (Next::FirstValue, Some(b']')) | (Next::FirstKey, Some(b'}')) => self.close(),
            (Next::Value | Next::FirstValue, _) => self.value(text)?,
            (Next::Key | Next::FirstKey, Some(b'"')) => self.key(text)?,
            (Next::Key | Next::FirstKey, _) => return Err(self.wrong(text, self.at, "a key in double quotes")),
            (Next::Comma, Some(b',')) => {
                self.at = self.at.saturating_add(1);
                self.next = if matches!(self.open.last(), Some(Open::Map(..))) { Next::Key } else { Next::Value };
            }
            (Next::Comma, Some(b']')) if matches!(self.open.last(), Some(Open::List(_))) => self.close(),
            (Next::Comma, Some(b'}')) if matches!(self.open.last(), Some(Open::Map(..))) => self.close(),
            (Next::Comma, _) => {
                let list = matches!(self.open.last(), Some(Open::List(_)));
                return Err(self.wrong(text, self.at, if list { "a comma or ]" } else { "a comma or }" }));
            }
            (Next::End, _) => {}
        }
        Ok(())
    }

    fn value(&mut self, text: &[u8]) -> Result<()> {
        self.values = self.values.saturating_add(1);
        limits::check("document values", limits::JSON_VALUES, self.values)?;
        match text.get(self.at) {
            Some(b'[') => self.open(Open::List(Vec::new()), Next::FirstValue),
            Some(b'{') => self.open(Open::Map(Vec::new(), String::new(), HashSet::new()), Next::FirstKey),
            Some(b'"') => {
                let string = self.string(text)?;
                self.put(Value::Text(string));
                Ok(())
            }
            _ => {
                let value = self.scalar(text)?;
                self.put(value);
                Ok(())
            }
        }
    }

    fn open(&mut self, container: Open, next: Next) -> Result<()> {
        let depth = self.open.len().saturating_add(1);
        limits::check("document depth", limits::DOCUMENT_DEPTH as u64, depth as u64)?;
        self.at = self.at.saturating_add(1);
        self.open.push(container);
        self.next = next;
        Ok(())
    }

    fn close(&mut self) {
        self.at = self.at.saturating_add(1);
        match self.open.pop() {
            // A log has millions of small ones.
            Some(Open::List(mut items)) => {
                items.shrink_to_fit();
                self.put(Value::List(items));
            }
            Some(Open::Map(mut pairs, ..)) => {
                pairs.shrink_to_fit();
                self.put(Value::Map(pairs));
            }
            None => {}
        }
    }

    /// Puts a complete value where it belongs.
    fn put(&mut self, value: Value) {
        self.next = Next::Comma;
        match self.open.last_mut() {
            Some(Open::List(items)) => items.push(value),
            Some(Open::Map(pairs, key, _)) => pairs.push((std::mem::take(key), value)),
            None => {
                self.done = Some(value);
                self.next = Next::End;
            }
        }
    }

    fn key(&mut self, text: &[u8]) -> Result<()> {
        let at = self.at;
        // A key takes as much memory as a value does.
        self.values = self.values.saturating_add(1);
        let string = self.string(text)?;
        if let Some(Open::Map(pairs, key, hashes)) = self.open.last_mut() {
            if is_repeated(&string, pairs, hashes, &self.hasher) {
                self.oddities.repeated(&string, at);
            }
            *key = string;
        }
        self.skip_space(text);
        if text.get(self.at) != Some(&b':') {
            return Err(self.wrong(text, self.at, "a colon"));
        }
        self.at = self.at.saturating_add(1);
        self.next = Next::Value;
        Ok(())
    }

    fn string(&mut self, text: &[u8]) -> Result<String> {
        let start = self.at.saturating_add(1);
        let rest = text.get(start..).unwrap_or_default();
        let mut escaped = false;
        let end = rest.iter().position(|&byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        let Some(end) = end else {
            return Err(malformed(text, self.at, "a string that begins here does not end"));
        };
        let raw = rest.get(..end).unwrap_or_default();
        self.at = start.saturating_add(end).saturating_add(1);
        unescape(raw, start, &mut self.oddities).map_err(|(at, what)| malformed(text, at, &format!("found {what}")))
    }

    /// A number, or one of the words.
    fn scalar(&mut self, text: &[u8]) -> Result<Value> {
        let rest = text.get(self.at..).unwrap_or_default();
        let word = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_');
        let len = rest.iter().take_while(word).count();
        let token = rest.get(..len).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
        let value = match token {
            "null" => Value::Null,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "NaN" => self.non_finite(f64::NAN),
            "Infinity" => self.non_finite(f64::INFINITY),
            "-Infinity" => self.non_finite(f64::NEG_INFINITY),
            _ => number(token).ok_or_else(|| self.wrong(text, self.at, "a value"))?,
        };
        self.at = self.at.saturating_add(len);
        Ok(value)
    }

    fn non_finite(&mut self, value: f64) -> Value {
        self.oddities.non_finite(self.at);
        Value::Float(value)
    }

    fn wrong(&self, text: &[u8], at: usize, expected: &str) -> Error {
        let found = match text.get(at) {
            None => "the end of the file".to_owned(),
            Some(_) => {
                let rest = text.get(at..at.saturating_add(80)).or_else(|| text.get(at..)).unwrap_or_default();
                let line = rest.split(|byte| byte.is_ascii_whitespace()).next().unwrap_or_default();
                let shown: String = String::from_utf8_lossy(line).chars().take(20).collect();
                format!("{:?}", if shown.is_empty() { " " } else { shown.as_str() })
            }
        };
        malformed(text, at, &format!("expected {expected}, found {found}"))
    }
}

/// Whether a map has `key` already: compared one by one in small maps, by hash in large ones.
fn is_repeated(key: &str, pairs: &[(String, Value)], hashes: &mut HashSet<u64>, hasher: &RandomState) -> bool {
    if pairs.len() < MANY {
        return pairs.iter().any(|(other, _)| other == key);
    }
    if hashes.is_empty() {
        hashes.extend(pairs.iter().map(|(other, _)| hasher.hash_one(other.as_str())));
    }
    !hashes.insert(hasher.hash_one(key))
}

fn malformed(text: &[u8], at: usize, what: &str) -> Error {
    Error::malformed("json", at as u64, format!("{what} at {}", Place::of(text, at)))
}

/// A number as JSON writes it: no leading zeros, no leading plus, digits on both sides of the point.
fn number(token: &str) -> Option<Value> {
    let digits = token.strip_prefix('-').unwrap_or(token);
    let whole_len = digits.bytes().take_while(u8::is_ascii_digit).count();
    let (whole, rest) = digits.split_at_checked(whole_len)?;
    if whole.is_empty() || (whole.len() > 1 && whole.starts_with('0')) {
        return None;
    }
    if rest.is_empty() {
        return Some(token.parse().map_or_else(|_| Value::Big(token.to_owned()), Value::Int));
    }
    let (fraction, exponent) = match rest.split_once(['e', 'E']) {
        Some((fraction, exponent)) => (fraction, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (rest, None),
    };
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let fraction_fits = fraction.is_empty() || fraction.strip_prefix('.').is_some_and(all_digits);
    let fits = fraction_fits && exponent.is_none_or(all_digits);
    if fits { token.parse().ok().map(Value::Float) } else { None }
}
