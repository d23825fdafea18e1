//! The JSON header, visited without building a document: names, types, shapes and offsets as they come.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

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
    /// Tensors, and more for long names.
    count: u64,
    has_metadata: bool,
    /// Bytes kept of it, and whether some were not.
    kept: usize,
    is_cut: bool,
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
    limits::check("tensors", limits::TENSORS, parsed.count)?;
    visited.map_err(|error| malformed(&error, bytes))?;
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
                if std::mem::replace(&mut self.parsed.has_metadata, true) {
                    let message = "__metadata__ comes more than once";
                    self.parsed.findings.push(Finding::error("safetensors-metadata", message));
                }
                map.next_value_seed(Metadata(self.parsed))?;
            } else {
                let entry = map.next_value_seed(EntrySeed)?;
                // A long name is held several times, and counts like tensors more.
                let count = 1_u64.saturating_add(name.len() as u64 >> 6);
                self.parsed.count = self.parsed.count.saturating_add(count);
                self.parsed.entries.push((name, entry));
                if self.parsed.count > limits::TENSORS {
                    return Err(A::Error::custom("more tensors than are listed"));
                }
            }
        }
        Ok(())
    }
}

impl Parsed<'_> {
    /// A pair of `__metadata__`; of a long text only what fits is kept.
    fn take_pair(&mut self, key: &str, value: Plain<'_>) {
        let text = match value {
            Plain::Text(text) => text,
            Plain::Other(text) => {
                let message = format!("__metadata__ {key:?} is {text}, not a string");
                if self.findings.len() < NAMED {
                    let message: String = message.chars().take(200).collect();
                    self.findings.push(Finding::error("safetensors-metadata", message));
                }
                text.into()
            }
        };
        let room = limits::METADATA.saturating_sub(self.kept);
        let mut end = text.len().min(room);
        while !text.is_char_boundary(end) {
            end = end.saturating_sub(1);
        }
        if end < text.len() && !std::mem::replace(&mut self.is_cut, true) {
            let message =
                format!("__metadata__ {key:.60}: {} bytes of text; {} are shown of all", text.len(), limits::METADATA);
            self.findings.push(Finding::note("safetensors-metadata-cut", message));
        }
        self.kept = self.kept.saturating_add(end).saturating_add(key.len());
        if self.kept <= limits::METADATA || end > 0 {
            self.metadata.push((key.to_owned(), text.get(..end).unwrap_or_default().to_owned()));
        }
    }
}

/// The pairs of `__metadata__`.
struct Metadata<'p, 'a>(&'p mut Parsed<'a>);

impl<'de> DeserializeSeed<'de> for Metadata<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Takes what is no object as what it says of itself.
macro_rules! not_an_object {
    ($($visit:ident: $kind:ty),*) => {
        $(fn $visit<E>(self, value: $kind) -> std::result::Result<(), E> {
            self.refuse(&value.to_string());
            Ok(())
        })*
    };
}

impl Metadata<'_, '_> {
    fn refuse(self, what: &str) {
        let message = format!("__metadata__ is {what}, not an object");
        let message: String = message.chars().take(200).collect();
        self.0.findings.push(Finding::error("safetensors-metadata", message));
    }
}

impl<'de> Visitor<'de> for Metadata<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    not_an_object!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E>(self) -> std::result::Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> std::result::Result<(), A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        self.refuse("a list");
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<(), A::Error> {
        while let Some(Text(key)) = map.next_key_seed(TextSeed)? {
            let value = map.next_value_seed(PlainSeed)?;
            self.0.take_pair(&key, value);
        }
        Ok(())
    }
}

/// A value of `__metadata__`: a string, or anything else as text.
enum Plain<'a> {
    Text(Cow<'a, str>),
    Other(String),
}

struct PlainSeed;

impl<'de> DeserializeSeed<'de> for PlainSeed {
    type Value = Plain<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Plain<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// Takes what is no string as text.
macro_rules! as_text {
    ($($visit:ident: $kind:ty),*) => {
        $(fn $visit<E>(self, value: $kind) -> std::result::Result<Plain<'de>, E> {
            Ok(Plain::Other(value.to_string()))
        })*
    };
}

impl<'de> Visitor<'de> for PlainSeed {
    type Value = Plain<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    as_text!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);

    fn visit_unit<E>(self) -> std::result::Result<Plain<'de>, E> {
        Ok(Plain::Other("null".to_owned()))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> std::result::Result<Plain<'de>, E> {
        Ok(Plain::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> std::result::Result<Plain<'de>, E> {
        Ok(Plain::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> std::result::Result<Plain<'de>, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Plain::Other("a list".to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Plain<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Plain::Other("an object".to_owned()))
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
