//! A document: configuration, metrics, an index. Keeps order, duplicates and non-finite numbers.

use serde::{Deserialize, Serialize};

/// A value of a JSON-like document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// `null`.
    Null,
    /// `true`, `false`.
    Bool(bool),
    /// A whole number that fits.
    Int(i64),
    /// A whole number that does not fit in 64 bits, as written.
    Big(String),
    /// Any other number; NaN and infinities included.
    Float(f64),
    /// Text.
    Text(String),
    /// `[…]`.
    List(Vec<Value>),
    /// `{…}` in file order; a repeated key is repeated here.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// The value of `key`, the last one when it is repeated (as Python's reader does).
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(pairs) => pairs.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value at a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |value, key| value.get(key))
    }

    /// The number, if it is one. Python writes `true` as a metric too; it is not a number here.
    pub fn number(&self) -> Option<f64> {
        match self {
            #[expect(
                clippy::cast_precision_loss,
                reason = "a metric or a count for display; exact integers stay in `Int`"
            )]
            Self::Int(value) => Some(*value as f64),
            Self::Big(digits) => digits.parse().ok(),
            Self::Float(value) => Some(*value),
            _ => None,
        }
    }

    /// The whole number that is not negative, if it is one; `3.0` counts.
    pub fn count(&self) -> Option<u64> {
        match self {
            Self::Int(value) => u64::try_from(*value).ok(),
            Self::Big(digits) => digits.parse().ok(),
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "checked to be whole and in range"
            )]
            Self::Float(value) if value.fract() == 0.0 && (0.0..9.0e15).contains(value) => Some(*value as u64),
            _ => None,
        }
    }

    /// The text, if it is text.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Number of values in it, itself included.
    pub fn values(&self) -> u64 {
        let inner = match self {
            Self::List(items) => items.iter().map(Self::values).sum(),
            Self::Map(pairs) => pairs.iter().map(|(_, value)| value.values()).sum(),
            _ => 0_u64,
        };
        inner.saturating_add(1)
    }

    /// The pairs, if it is a map.
    pub fn pairs(&self) -> Option<&[(String, Self)]> {
        match self {
            Self::Map(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// The items, if it is a list.
    pub fn items(&self) -> Option<&[Self]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }
}
