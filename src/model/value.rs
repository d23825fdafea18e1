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
    /// `{…}` in file order; a repeated key is repeated here. An object of a pickle is one too: its first pair is
    /// [`CLASS`] and its class, the others are its fields. A small array is of class `torch.Tensor` (or
    /// `numpy.ndarray`) with `dtype`, `shape` and `values`, the elements as one flat list, last dimension fastest.
    Map(Vec<(String, Value)>),
    /// What has no JSON form, in words: `tensor F32 [8, 6]`, `function torch.nn.Linear`.
    Opaque(String),
}

/// The key under which an object of a pickle names its class.
pub const CLASS: &str = "__class__";

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

    /// The class, if it is an object of a pickle.
    pub fn class(&self) -> Option<&str> {
        match self {
            Self::Map(pairs) => pairs.first().filter(|(key, _)| key == CLASS).and_then(|(_, class)| class.text()),
            _ => None,
        }
    }

    /// The elements of a small array of a pickle that were read with it.
    pub fn elements(&self) -> Option<&[Self]> {
        let class = self.class()?;
        matches!(class, "torch.Tensor" | "numpy.ndarray").then(|| self.get("values")?.items()).flatten()
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

    /// Bytes it takes in a worker's memory, about: 16 for itself, what it holds, and what each allocation costs.
    pub fn held(&self) -> u64 {
        const ITSELF: u64 = 16;
        const ALLOCATION: u64 = 8;
        let text = |text: &String| ALLOCATION.saturating_add(text.len() as u64);
        let inner = match self {
            Self::Text(held) | Self::Big(held) | Self::Opaque(held) => text(held),
            Self::List(items) => items.iter().map(Self::held).fold(ALLOCATION, u64::saturating_add),
            Self::Map(pairs) => {
                let pair =
                    |(key, value): &(String, Self)| text(key).saturating_add(ITSELF).saturating_add(value.held());
                pairs.iter().map(pair).fold(ALLOCATION, u64::saturating_add)
            }
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Float(_) => 0,
        };
        inner.saturating_add(ITSELF)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_of_a_pickle_is_a_map_that_names_its_class_first() {
        let text = |text: &str| Value::Text(text.to_owned());
        let values = Value::List(vec![Value::Float(0.5), Value::Float(0.25)]);
        let metric = Value::Map(vec![(CLASS.to_owned(), text("torch.Tensor")), ("values".to_owned(), values)]);
        assert_eq!(metric.class(), Some("torch.Tensor"));
        assert_eq!(metric.elements().map(<[Value]>::len), Some(2));
        let namespace = Value::Map(vec![(CLASS.to_owned(), text("argparse.Namespace")), ("lr".to_owned(), text("1"))]);
        assert_eq!((namespace.class(), namespace.elements()), (Some("argparse.Namespace"), None));
        assert_eq!(Value::Map(vec![("lr".to_owned(), text("x"))]).class(), None);
    }
}
