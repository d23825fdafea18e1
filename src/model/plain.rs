//! A document value as the report writes it: the JSON it stands for, not the shape of our type.

use std::collections::BTreeSet;
use std::fmt;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Real, Value};

/// A [`Value`] that serialises as plain JSON. Whole numbers stay exact up to 128 bits, longer ones become text; NaN and
/// the infinities are words, as everywhere in the report, so reading JSON back gives text for them. Of a repeated key
/// the last value is written, as every reader would take it. A binary form keeps the value as it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Plain(pub Value);

impl Serialize for Plain {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() { Json(&self.0).serialize(serializer) } else { self.0.serialize(serializer) }
    }
}

struct Json<'a>(&'a Value);

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::Int(value) => serializer.serialize_i64(*value),
            Value::Big(digits) => big(digits, serializer),
            Value::Float(value) => Real(*value).serialize(serializer),
            Value::Text(text) | Value::Opaque(text) => serializer.serialize_str(text),
            Value::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(&Json(item)))?;
                list.end()
            }
            Value::Map(_) => {
                let pairs = self.0.last_pairs();
                let mut map = serializer.serialize_map(Some(pairs.len()))?;
                pairs.iter().try_for_each(|(key, value)| map.serialize_entry(key, &Json(value)))?;
                map.end()
            }
        }
    }
}

fn big<S: Serializer>(digits: &str, serializer: S) -> Result<S::Ok, S::Error> {
    match (digits.parse::<u128>(), digits.parse::<i128>()) {
        (Ok(value), _) => serializer.serialize_u128(value),
        (_, Ok(value)) => serializer.serialize_i128(value),
        _ => serializer.serialize_str(digits),
    }
}

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_any(PlainVisitor)
        } else {
            Value::deserialize(deserializer).map(Self)
        }
    }
}

struct PlainVisitor;

impl<'de> de::Visitor<'de> for PlainVisitor {
    type Value = Plain;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Plain, E> {
        Ok(Plain(Value::Null))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Plain, E> {
        Ok(Plain(Value::Bool(value)))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Plain, E> {
        Ok(Plain(Value::Int(value)))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Plain, E> {
        Ok(Plain(i64::try_from(value).map_or_else(|_| Value::Big(value.to_string()), Value::Int)))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Plain, E> {
        Ok(Plain(Value::Float(value)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Plain, E> {
        Ok(Plain(Value::Text(text.to_owned())))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Plain, A::Error> {
        let mut items = Vec::new();
        while let Some(Plain(item)) = list.next_element()? {
            items.push(item);
        }
        Ok(Plain(Value::List(items)))
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Plain, A::Error> {
        let mut pairs = Vec::new();
        while let Some((key, Plain(value))) = map.next_entry()? {
            pairs.push((key, value));
        }
        Ok(Plain(Value::Map(pairs)))
    }
}

impl Value {
    /// The pairs of a map in file order, of a repeated key only the last; empty for anything else.
    pub fn last_pairs(&self) -> Vec<(&str, &Self)> {
        let mut seen = BTreeSet::new();
        let last = self.pairs().unwrap_or_default().iter().rev().filter(|(key, _)| seen.insert(key.as_str()));
        let mut pairs: Vec<_> = last.map(|(key, value)| (key.as_str(), value)).collect();
        pairs.reverse();
        pairs
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Plain {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Plain".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "description": "Any JSON value; non-finite numbers are words." })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(value: Value) -> String {
        serde_json::to_string(&Plain(value)).unwrap()
    }

    #[test]
    fn a_value_is_the_json_it_stands_for() {
        let value = Value::Map(vec![
            ("lr".into(), Value::Float(1e-6)),
            ("bad".into(), Value::Float(f64::NAN)),
            ("seed".into(), Value::Big("18446744073709551616".into())),
            ("layers".into(), Value::List(vec![Value::Int(-1), Value::Null, Value::Bool(true)])),
            ("lr".into(), Value::Text("last".into())),
        ]);
        assert_eq!(json(value), r#"{"bad":"NaN","seed":18446744073709551616,"layers":[-1,null,true],"lr":"last"}"#);
    }

    #[test]
    fn a_number_beyond_128_bits_stays_exact_as_text() {
        let digits = "9".repeat(60);
        assert_eq!(json(Value::Big(digits.clone())), format!("\"{digits}\""));
        assert_eq!(json(Value::Big(format!("-{}", "9".repeat(30)))), format!("-{}", "9".repeat(30)));
    }

    #[test]
    fn json_and_binary_read_back() {
        let value =
            Plain(Value::List(vec![Value::Int(3), Value::Float(0.5), Value::Map(vec![("a".into(), Value::Null)])]));
        assert_eq!(serde_json::from_str::<Plain>(&serde_json::to_string(&value).unwrap()).unwrap(), value);
        assert_eq!(postcard::from_bytes::<Plain>(&postcard::to_stdvec(&value).unwrap()).unwrap(), value);
    }
}
