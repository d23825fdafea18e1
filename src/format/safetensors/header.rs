//! The JSON header, visited without building a document: names, types, shapes and offsets as they come.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, MapAccess, Visitor};

use super::NAMED;
use super::entry::{Entry, EntrySeed};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::Finding;

/// What the header says.
#[derive(Debug, Default)]
pub(super) struct Parsed<'a> {
    /// Tensors in header order.
    pub(super) entries: Vec<(Cow<'a, str>, Entry<'a>)>,
    /// `__metadata__` in header order.
    pub(super) metadata: Vec<(String, String)>,
    /// What is odd about the header itself.
    pub(super) findings: Vec<Finding>,
    has_metadata: bool,
}

/// Parses the header, whose first byte is byte 8 of the file.
pub(super) fn parse(bytes: &[u8]) -> Result<Parsed<'_>> {
    let mut parsed = Parsed::default();
    if bytes.first() != Some(&b'{') {
        let found = bytes.first().map_or_else(|| "nothing".to_owned(), |&byte| format!("{:?}", char::from(byte)));
        parsed
            .findings
            .push(Finding::warning("safetensors-header", format!("the header begins with {found}, not with {{")).at(8));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let visited = Header { parsed: &mut parsed }.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    visited.map_err(|error| malformed(&error, bytes))?;
    limits::check("tensors", limits::TENSORS, parsed.entries.len() as u64)?;
    Ok(parsed)
}

fn malformed(error: &serde_json::Error, bytes: &[u8]) -> Error {
    let lines = bytes.split(|&byte| byte == b'\n').take(error.line().saturating_sub(1));
    let before = lines.fold(0_usize, |sum, line| sum.saturating_add(line.len()).saturating_add(1));
    let at = before.saturating_add(error.column().saturating_sub(1));
    let text = error.to_string();
    let what = text.split(" at line ").next().unwrap_or_default();
    Error::malformed("safetensors", 8_u64.saturating_add(at as u64), format!("the header is not a JSON object: {what}"))
}

struct Header<'p, 'a> {
    parsed: &'p mut Parsed<'a>,
}

impl<'de> DeserializeSeed<'de> for Header<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Header<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<(), A::Error> {
        while let Some(Text(name)) = map.next_key_seed(TextSeed)? {
            if name == "__metadata__" {
                let value: serde_json::Value = map.next_value()?;
                if std::mem::replace(&mut self.parsed.has_metadata, true) {
                    let message = "__metadata__ comes more than once";
                    self.parsed.findings.push(Finding::error("safetensors-metadata", message));
                }
                self.parsed.take_metadata(value);
            } else {
                let entry = map.next_value_seed(EntrySeed)?;
                self.parsed.entries.push((name, entry));
            }
        }
        Ok(())
    }
}

impl Parsed<'_> {
    fn take_metadata(&mut self, value: serde_json::Value) {
        if value.is_null() {
            return;
        }
        let serde_json::Value::Object(pairs) = value else {
            let message = format!("__metadata__ is {value}, not an object");
            self.findings.push(Finding::error("safetensors-metadata", message.chars().take(200).collect::<String>()));
            return;
        };
        for (key, value) in pairs {
            let text = match value {
                serde_json::Value::String(text) => text,
                other => {
                    let message = format!("__metadata__ {key:?} is {other}, not a string");
                    let message: String = message.chars().take(200).collect();
                    if self.findings.len() < NAMED {
                        self.findings.push(Finding::error("safetensors-metadata", message));
                    }
                    other.to_string()
                }
            };
            self.metadata.push((key, text));
        }
    }
}

/// A string, borrowed from the header where it has no escapes.
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);
pub(super) struct TextSeed;

impl<'de> DeserializeSeed<'de> for TextSeed {
    type Value = Text<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Text<'de>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for TextSeed {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> std::result::Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> std::result::Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(text.to_owned())))
    }
}
