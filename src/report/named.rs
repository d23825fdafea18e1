//! Small pieces of the report that JSON spells in its own way.

use serde::{Serialize, Serializer};

use crate::model::Real;

/// Names with a value each, in order, written as one object.
#[derive(Debug, Clone, PartialEq)]
pub struct Named<'a, T>(pub Vec<(&'a str, T)>);

impl<T: Serialize> Serialize for Named<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

#[cfg(feature = "schema")]
impl<T: schemars::JsonSchema> schemars::JsonSchema for Named<'_, T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("NamedBy{}", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let value = generator.subschema_for::<T>();
        schemars::json_schema!({ "type": "object", "additionalProperties": value })
    }
}

/// An epoch; a whole one is written as an integer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Epoch(pub f64);

impl Epoch {
    /// The whole number it is, if it is one.
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and in the range floats hold exactly")]
    pub fn whole(self) -> Option<i64> {
        (self.0.fract() == 0.0 && self.0.abs() < 9.0e15).then_some(self.0 as i64)
    }
}

impl Serialize for Epoch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.whole() {
            Some(whole) => serializer.serialize_i64(whole),
            None => Real(self.0).serialize(serializer),
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Epoch {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Epoch".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        generator.subschema_for::<Real>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_epoch_is_an_integer() {
        let json = |epoch| serde_json::to_string(&Epoch(epoch)).unwrap();
        assert_eq!([json(3.0), json(1.5), json(f64::NAN), json(1e300)], ["3", "1.5", "\"NaN\"", "1e+300"]);
    }
}
