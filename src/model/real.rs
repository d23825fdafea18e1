//! A floating-point number as the report writes it.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A number of the report: JSON has no word for NaN and the infinities, so they are written as text.
#[derive(Debug, Clone, Copy, Default, PartialEq, PartialOrd)]
pub struct Real(pub f64);

impl Real {
    /// `"NaN"`, `"Infinity"` or `"-Infinity"`; `None` for a finite number.
    pub fn word(self) -> Option<&'static str> {
        match self.0 {
            x if x.is_nan() => Some("NaN"),
            f64::INFINITY => Some("Infinity"),
            f64::NEG_INFINITY => Some("-Infinity"),
            _ => None,
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        match word {
            "NaN" => Some(Self(f64::NAN)),
            "Infinity" => Some(Self(f64::INFINITY)),
            "-Infinity" => Some(Self(f64::NEG_INFINITY)),
            _ => None,
        }
    }
}

impl From<f64> for Real {
    fn from(value: f64) -> Self {
        Self(value)
    }
}

impl Serialize for Real {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.word() {
            Some(word) if serializer.is_human_readable() => serializer.serialize_str(word),
            _ => serializer.serialize_f64(self.0),
        }
    }
}

impl<'de> Deserialize<'de> for Real {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_any(RealVisitor)
        } else {
            f64::deserialize(deserializer).map(Self)
        }
    }
}

struct RealVisitor;

impl de::Visitor<'_> for RealVisitor {
    type Value = Real;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, \"NaN\", \"Infinity\" or \"-Infinity\"")
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Real, E> {
        Ok(Real(value))
    }

    #[expect(clippy::cast_precision_loss, reason = "a float that was written without a fraction")]
    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Real, E> {
        Ok(Real(value as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "a float that was written without a fraction")]
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Real, E> {
        Ok(Real(value as f64))
    }

    fn visit_str<E: de::Error>(self, word: &str) -> Result<Real, E> {
        Real::from_word(word).ok_or_else(|| E::invalid_value(de::Unexpected::Str(word), &self))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Real {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Real".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A number; the non-finite ones are words.",
            "anyOf": [{ "type": "number" }, { "enum": ["NaN", "Infinity", "-Infinity"] }],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn non_finite_numbers_are_words_in_json() {
        let numbers = [0.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0].map(Real);
        let text = serde_json::to_string(&numbers).unwrap();
        assert_eq!(text, r#"[0.5,"NaN","Infinity","-Infinity",-0.0]"#);
        let back: Vec<Real> = serde_json::from_str(&text).unwrap();
        assert!(back[1].0.is_nan());
        assert_eq!((back[2], back[3]), (numbers[2], numbers[3]));
        assert!(serde_json::from_str::<Real>("\"inf\"").is_err());
        assert_eq!(serde_json::from_str::<Real>("3").unwrap(), Real(3.0));
    }

    #[test]
    fn a_binary_form_keeps_the_bits() {
        let bytes = postcard::to_stdvec(&Real(f64::NEG_INFINITY)).unwrap();
        assert_eq!(postcard::from_bytes::<Real>(&bytes).unwrap(), Real(f64::NEG_INFINITY));
    }
}
