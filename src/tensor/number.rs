//! One number, exactly.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A number as its type holds it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Number {
    /// A signed whole number.
    Int(i64),
    /// A whole number without sign, and a truth value.
    Uint(u64),
    /// A floating-point number of 32 bits or less.
    Single(f32),
    /// A floating-point number of 64 bits.
    Double(f64),
}

impl Number {
    /// The nearest 64-bit float: exact but for whole numbers beyond 2^53.
    #[expect(clippy::cast_precision_loss, reason = "statistics are in 64-bit floats; the exact number stays beside")]
    pub fn to_f64(self) -> f64 {
        match self {
            Self::Int(number) => number as f64,
            Self::Uint(number) => number as f64,
            Self::Single(number) => f64::from(number),
            Self::Double(number) => number,
        }
    }

    /// Whether it is below another one of its type.
    pub(super) fn is_below(self, other: Self) -> bool {
        match (self, other) {
            (Self::Int(a), Self::Int(b)) => a < b,
            (Self::Uint(a), Self::Uint(b)) => a < b,
            _ => self.to_f64() < other.to_f64(),
        }
    }
}

/// The shortest text that reads back as the same number of its type; always with a point or an exponent for floats.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(number) => number.fmt(f),
            Self::Uint(number) => number.fmt(f),
            Self::Single(number) => write!(f, "{number:?}"),
            Self::Double(number) => write!(f, "{number:?}"),
        }
    }
}
