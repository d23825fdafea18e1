//! How far two tensors are from each other, element by element, in one pass over both.
//!
//! Everything is summed in 64-bit floats, whatever the types: a chunk in plain sums that stay in the processor's cache, the
//! chunks with compensation. Blocks whose bytes are the same need only the norm. 32-bit floats and both kinds of 16-bit
//! ones are gone through four at a time ([`quads`]); everything else is decoded first ([`general`]).
//!
//! What is not finite on either side is counted and left out of the sums. Squares overflow, and vanish, where those of 64-bit
//! floats do.

mod decoder;
mod general;
mod quads;
mod same;
mod totals;

use serde::{Deserialize, Serialize};

use super::moments::CHUNK;
use super::{Code, Elements};
use crate::error::Result;
pub(super) use decoder::Decoder;
use general::General;
use quads::{Brain, Half, Single};
use totals::Totals;

/// What two tensors of one shape have between them. Sums are over the positions where both are finite.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Elements of each.
    pub elements: u64,
    /// Positions where both are finite; 0 for what is not read as numbers.
    pub compared: u64,
    /// Same type, and every bit the same.
    pub is_equal: bool,
    /// Elements whose bits differ; across types those whose numbers do (NaN is NaN, −0 is not 0). `None` for what is not
    /// read as numbers.
    pub changed: Option<u64>,
    /// The largest |b − a|.
    pub max_abs: Option<f64>,
    /// ‖b − a‖₂.
    pub l2: Option<f64>,
    /// ‖a‖₂.
    pub l2_a: Option<f64>,
    /// ‖b‖₂.
    pub l2_b: Option<f64>,
    /// a · b / ‖a‖‖b‖; `None` when either is all zero.
    pub cosine: Option<f64>,
    /// The mean of b − a; `None` for complex numbers.
    pub mean_shift: Option<f64>,
    /// Elements that are above zero on one side and below on the other; `None` for complex numbers.
    pub sign_flips: Option<u64>,
    /// What of a is not finite.
    pub a: Specials,
    /// What of b is not finite.
    pub b: Specials,
    /// Of two float types the larger relative error that rounding to one of them makes; `None` within one type.
    pub rounding: Option<f64>,
    /// Elements that are further apart than such rounding explains.
    pub beyond_rounding: Option<u64>,
}

/// Elements that are not finite. A complex one is NaN when a part is, infinite when a part is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Specials {
    /// Not a number.
    pub nan: u64,
    /// Infinite, of either sign.
    pub infinite: u64,
}

/// Takes in two tensors, a piece of each at a time.
#[derive(Debug)]
pub struct Comparer {
    is_same_type: bool,
    are_bytes_equal: bool,
    how: How,
    totals: Totals,
}

#[derive(Debug)]
enum How {
    /// Bytes only: what they mean is not known.
    Bytes,
    Numbers {
        general: General,
        quads: Option<Quads>,
    },
}

/// Types with a short way.
#[derive(Debug, Clone, Copy)]
enum Quads {
    Single,
    Brain,
    Half,
}

impl Comparer {
    /// Of tensors of these types. Of a type that is not read as numbers only the bytes are compared.
    ///
    /// # Errors
    /// [`Unsupported`](crate::error::Error::Unsupported) when a type is not read as numbers, and the other is not the same.
    pub fn new(a: &Elements, b: &Elements) -> Result<Self> {
        let is_same_type = a.dtype == b.dtype;
        let how = match (a.code(), b.code()) {
            (Ok(a), Ok(b)) => {
                let quads = Quads::of(a).filter(|_| a == b);
                How::Numbers { general: General::new(Decoder::new(a), Decoder::new(b), is_same_type), quads }
            }
            (Err(_), Err(_)) if is_same_type && a.dtype.bits().is_multiple_of(8) && !a.dtype.is_unknown() => How::Bytes,
            (Err(error), _) | (_, Err(error)) => return Err(error),
        };
        Ok(Self { is_same_type, are_bytes_equal: true, how, totals: Totals::default() })
    }

    /// Whether the elements are read as numbers.
    pub fn has_numbers(&self) -> bool {
        matches!(self.how, How::Numbers { .. })
    }

    /// Takes in the next elements of both, the same number of each, little-endian. Pieces of packed ones end with a whole
    /// byte; `count` is how many elements they are.
    pub fn add(&mut self, a: &[u8], b: &[u8], count: u64) {
        let is_same = self.is_same_type && lanes::same::are_same(a, b);
        self.are_bytes_equal &= is_same;
        self.take(a, b, count, is_same);
    }

    /// Takes in the next elements, as [`Comparer::add`] does, of which it is known that both sides have them.
    pub fn add_same(&mut self, bytes: &[u8], count: u64) {
        self.take(bytes, bytes, count, true);
    }

    fn take(&mut self, a: &[u8], b: &[u8], count: u64, is_same: bool) {
        let How::Numbers { general, quads } = &self.how else { return };
        let totals = &mut self.totals;
        let (done, width) = match quads {
            Some(Quads::Single) => (quads::add::<16, Single>(a, b, is_same, general, totals), 4),
            Some(Quads::Brain) => (quads::add::<8, Brain>(a, b, is_same, general, totals), 2),
            Some(Quads::Half) => (quads::add::<8, Half>(a, b, is_same, general, totals), 2),
            None => (0, 1),
        };
        let left = count.saturating_sub((done as u64).checked_div(width).unwrap_or(0));
        general.add(a.get(done..).unwrap_or_default(), b.get(done..).unwrap_or_default(), left, is_same, totals);
    }

    /// The difference of two tensors that had so many elements.
    pub fn finish(&self, elements: u64) -> Difference {
        match &self.how {
            How::Numbers { general, .. } => {
                // The last half of a byte may belong to no element.
                let is_equal = self.are_bytes_equal || general.is_packed() && self.totals.changed() == 0;
                let is_equal = self.is_same_type && is_equal;
                self.totals.finish(elements, is_equal, general)
            }
            How::Bytes => {
                let changed = self.are_bytes_equal.then_some(0);
                Difference { elements, is_equal: self.are_bytes_equal, changed, ..Difference::default() }
            }
        }
    }
}

impl Quads {
    fn of(code: Code) -> Option<Self> {
        match code.parts() {
            1 if code.is_single() => Some(Self::Single),
            1 if code.is_brain() => Some(Self::Brain),
            1 if code.is_half() => Some(Self::Half),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
