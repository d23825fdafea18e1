//! The JSON header, visited without building a document: names, types, shapes and offsets as they come.
//!
//! An entry that is not as it should be is kept with what could be understood of it.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

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
}

/// What an entry says, as far as it was understood.
#[derive(Debug, Default)]
pub(super) struct Entry<'a> {
    pub(super) dtype: Option<Cow<'a, str>>,
    pub(super) shape: Option<Vec<u64>>,
    pub(super) offsets: Option<(u64, u64)>,
    /// A key that does not belong there.
    extra: Option<String>,
}

impl Entry<'_> {
    /// What is missing, or should not be there.
    pub(super) fn missing(&self) -> Option<String> {
        let parts = [
            ("dtype", self.dtype.is_none()),
            ("shape", self.shape.is_none()),
            ("data_offsets", self.offsets.is_none()),
        ];
        let missing: Vec<&str> = parts.iter().filter(|(_, missing)| *missing).map(|(name, _)| *name).collect();
        match (&self.extra, missing.is_empty()) {
            (_, false) => Some(format!("no usable {} in its entry", missing.join(", "))),
            (Some(extra), true) => Some(format!("its entry has a key {extra:?} that does not belong there")),
            (None, true) => None,
        }
    }
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
        let serde_json::Value::Object(pairs) = value else {
            let message = format!("__metadata__ is {value}, not an object");
            self.findings.push(Finding::warning("safetensors-metadata", message.chars().take(200).collect::<String>()));
            return;
        };
        for (key, value) in pairs {
            let text = match value {
                serde_json::Value::String(text) => text,
                other => {
                    let message = format!("__metadata__ {key:?} is {other}, not a string");
                    let message: String = message.chars().take(200).collect();
                    self.findings.push(Finding::warning("safetensors-metadata", message));
                    other.to_string()
                }
            };
            self.metadata.push((key, text));
        }
    }
}

/// A string, borrowed from the header where it has no escapes.
struct Text<'a>(Cow<'a, str>);
struct TextSeed;

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

/// Values of other kinds than a visitor hopes for: gone through, and taken for `$value`.
macro_rules! anything_else {
    ($value:expr; $($kind:ident)+) => { $(anything_else!(@ $value, $kind);)+ };
    (@ $value:expr, bool) => { fn visit_bool<E>(self, _: bool) -> std::result::Result<Self::Value, E> { Ok($value) } };
    (@ $value:expr, i64) => { fn visit_i64<E>(self, _: i64) -> std::result::Result<Self::Value, E> { Ok($value) } };
    (@ $value:expr, u64) => { fn visit_u64<E>(self, _: u64) -> std::result::Result<Self::Value, E> { Ok($value) } };
    (@ $value:expr, f64) => { fn visit_f64<E>(self, _: f64) -> std::result::Result<Self::Value, E> { Ok($value) } };
    (@ $value:expr, str) => { fn visit_str<E>(self, _: &str) -> std::result::Result<Self::Value, E> { Ok($value) } };
    (@ $value:expr, unit) => { fn visit_unit<E>(self) -> std::result::Result<Self::Value, E> { Ok($value) } };
    (@ $value:expr, seq) => {
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Self::Value, A::Error> {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            Ok($value)
        }
    };
    (@ $value:expr, map) => {
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Self::Value, A::Error> {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok($value)
        }
    };
}

/// The entry of one tensor.
struct EntrySeed;

impl<'de> DeserializeSeed<'de> for EntrySeed {
    type Value = Entry<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Entry<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for EntrySeed {
    type Value = Entry<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Entry<'de>, A::Error> {
        let mut entry = Entry::default();
        while let Some(Text(key)) = map.next_key_seed(TextSeed)? {
            let part = map.next_value_seed(PartSeed)?;
            match (key.as_ref(), part) {
                ("dtype", Part::Text(text)) => entry.dtype = Some(text),
                ("shape", Part::Counts(lengths)) => entry.shape = Some(lengths),
                ("data_offsets", Part::Counts(offsets)) => {
                    entry.offsets = match offsets.as_slice() {
                        [start, end] => Some((*start, *end)),
                        _ => None,
                    };
                }
                ("dtype" | "shape" | "data_offsets", _) => {}
                (other, _) => entry.extra = Some(other.chars().take(80).collect()),
            }
        }
        Ok(entry)
    }

    anything_else!(Entry::default(); bool i64 u64 f64 str unit seq);
}

/// A value inside an entry.
enum Part<'a> {
    Text(Cow<'a, str>),
    Counts(Vec<u64>),
    Other,
}

struct PartSeed;

impl<'de> DeserializeSeed<'de> for PartSeed {
    type Value = Part<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Part<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for PartSeed {
    type Value = Part<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> std::result::Result<Part<'de>, E> {
        Ok(Part::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> std::result::Result<Part<'de>, E> {
        Ok(Part::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Part<'de>, A::Error> {
        let mut counts = Some(Vec::with_capacity(4));
        while let Some(count) = seq.next_element_seed(CountSeed)? {
            match (&mut counts, count) {
                (Some(counts), Some(count)) => counts.push(count),
                _ => counts = None,
            }
        }
        Ok(counts.map_or(Part::Other, Part::Counts))
    }

    anything_else!(Part::Other; bool i64 u64 f64 unit map);
}

/// A whole number that is not negative, or nothing.
struct CountSeed;

impl<'de> DeserializeSeed<'de> for CountSeed {
    type Value = Option<u64>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Option<u64>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CountSeed {
    type Value = Option<u64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_u64<E>(self, count: u64) -> std::result::Result<Option<u64>, E> {
        Ok(Some(count))
    }

    anything_else!(None; bool i64 f64 str unit seq map);
}
