//! The entry of one tensor in the header. One that is not as it should be is kept with what could be understood of it.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::header::{Text, TextSeed};

/// What an entry says, as far as it was understood.
#[derive(Debug, Default)]
pub(super) struct Entry<'a> {
    pub(super) dtype: Option<Cow<'a, str>>,
    pub(super) shape: Option<Vec<u64>>,
    pub(super) offsets: Option<(u64, u64)>,
    /// A key that does not belong there.
    pub(super) extra: Option<String>,
    /// A key that comes twice.
    repeated: Option<&'static str>,
    /// Whether type, shape and offsets have come.
    seen: (bool, bool, bool),
}

impl Entry<'_> {
    /// What is missing, or there twice.
    pub(super) fn missing(&self) -> Option<String> {
        let parts = [
            ("dtype", self.dtype.is_none()),
            ("shape", self.shape.is_none()),
            ("data_offsets", self.offsets.is_none()),
        ];
        let missing: Vec<&str> = parts.iter().filter(|(_, missing)| *missing).map(|(name, _)| *name).collect();
        match self.repeated {
            _ if !missing.is_empty() => Some(format!("no usable {} in its entry", missing.join(", "))),
            Some(repeated) => Some(format!("{repeated} comes twice in its entry")),
            None => None,
        }
    }
}

impl<'a> Entry<'a> {
    fn take(&mut self, key: &str, part: Part<'a>) {
        let repeated = match key {
            "dtype" => std::mem::replace(&mut self.seen.0, true).then_some("dtype"),
            "shape" => std::mem::replace(&mut self.seen.1, true).then_some("shape"),
            "data_offsets" => std::mem::replace(&mut self.seen.2, true).then_some("data_offsets"),
            other => {
                self.extra = Some(other.chars().take(80).collect());
                None
            }
        };
        self.repeated = self.repeated.or(repeated);
        match (key, part) {
            ("dtype", Part::Text(text)) => self.dtype = Some(text),
            ("shape", Part::Counts(lengths)) => self.shape = Some(lengths),
            ("data_offsets", Part::Counts(offsets)) => {
                self.offsets = offsets.first_chunk().filter(|_| offsets.len() == 2).map(|&[start, end]| (start, end));
            }
            _ => {}
        }
    }
}

/// Values of other kinds than a visitor hopes for: gone through, and taken for `$value`.
macro_rules! anything_else {
    ($value:expr; $($kind:ident)+) => { $(anything_else!(@ $value, $kind);)+ };
    (@ $value:expr, bool) => { fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> { Ok($value) } };
    (@ $value:expr, i64) => { fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> { Ok($value) } };
    (@ $value:expr, u64) => { fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> { Ok($value) } };
    (@ $value:expr, f64) => { fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> { Ok($value) } };
    (@ $value:expr, str) => { fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> { Ok($value) } };
    (@ $value:expr, unit) => { fn visit_unit<E>(self) -> Result<Self::Value, E> { Ok($value) } };
    (@ $value:expr, seq) => {
        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
            Ok($value)
        }
    };
    (@ $value:expr, map) => {
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            Ok($value)
        }
    };
}

/// The entry of one tensor.
pub(super) struct EntrySeed;

impl<'de> DeserializeSeed<'de> for EntrySeed {
    type Value = Entry<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Entry<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for EntrySeed {
    type Value = Entry<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entry<'de>, A::Error> {
        let mut entry = Entry::default();
        while let Some(Text(key)) = map.next_key_seed(TextSeed)? {
            let part = map.next_value_seed(PartSeed)?;
            entry.take(&key, part);
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

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Part<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for PartSeed {
    type Value = Part<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Part<'de>, E> {
        Ok(Part::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Part<'de>, E> {
        Ok(Part::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Part<'de>, A::Error> {
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

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<u64>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for CountSeed {
    type Value = Option<u64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_u64<E>(self, count: u64) -> Result<Option<u64>, E> {
        Ok(Some(count))
    }

    anything_else!(None; bool i64 f64 str unit seq map);
}
