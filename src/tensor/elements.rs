//! What lies at a tensor's place.

use serde::{Deserialize, Serialize};

use super::Code;
use crate::error::{Error, Result};
use crate::model::{DType, Endian, Order, Tensor, elements};

/// Type, shape and order of the elements that some bytes hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Elements {
    /// Element type.
    pub dtype: DType,
    /// Lengths of the dimensions; empty for a scalar.
    pub shape: Vec<u64>,
    /// How they follow each other.
    pub order: Order,
    /// Byte order of each.
    pub endian: Endian,
}

impl Elements {
    /// Those of `tensor`; `None` when it has no bytes.
    pub fn of(tensor: &Tensor) -> Option<Self> {
        let place = tensor.place.as_ref()?;
        let (dtype, shape) = (tensor.dtype.clone(), tensor.shape.clone());
        Some(Self { dtype, shape, order: place.order.clone(), endian: place.endian })
    }

    /// How many.
    ///
    /// # Errors
    /// [`Error::Limit`] when they cannot be counted.
    pub fn count(&self) -> Result<u64> {
        let too_many = Error::Limit { limit: "elements", cap: u64::MAX, asked: u64::MAX };
        elements(&self.shape).ok_or(too_many)
    }

    /// How their numbers are kept.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for a type that is not one of numbers, or whose packing is not known.
    pub fn code(&self) -> Result<Code> {
        let unread = |what: &str| Error::Unsupported { format: "tensor", feature: what.to_owned() };
        let code = Code::of(&self.dtype);
        let code = code.ok_or_else(|| unread(&format!("the element type {} as numbers", self.dtype.name())))?;
        if code.width().is_none() && self.order != Order::C {
            return Err(unread("a packed type in another order than row by row"));
        }
        Ok(code)
    }

    /// Bytes from the first element to the end of the last.
    ///
    /// # Errors
    /// As [`Elements::count`].
    pub fn span_bytes(&self) -> Result<u64> {
        let count = self.count()?;
        let last = |steps: &[u64]| {
            let ends = self.shape.iter().zip(steps);
            ends.map(|(length, step)| length.saturating_sub(1).saturating_mul(*step)).fold(0, u64::saturating_add)
        };
        let span = match &self.order {
            Order::Strided(steps) if count > 0 => last(steps).saturating_add(1),
            _ => count,
        };
        Ok(self.dtype.bytes_for(span).unwrap_or(u64::MAX))
    }

    /// Whether they lie row by row and without gaps, as C has them. The step of a dimension of length 1 does not matter.
    pub(crate) fn is_row_by_row(&self) -> bool {
        let (own, dense) = (self.steps(), Self { order: Order::C, ..self.clone() }.steps());
        let matters = |((own, dense), length): ((&u64, &u64), &u64)| *length == 1 || own == dense;
        own.len() == dense.len() && own.iter().zip(&dense).zip(&self.shape).all(matters)
    }

    /// Whether they fill their bytes, each once, in whatever order.
    pub(crate) fn is_dense(&self) -> bool {
        let mut dimensions: Vec<(u64, u64)> =
            self.steps().into_iter().zip(self.shape.iter().copied()).filter(|(_, length)| *length != 1).collect();
        dimensions.sort_unstable();
        let mut expected = 1_u64;
        dimensions.iter().all(|(step, length)| {
            let is_next = *step == expected;
            expected = expected.saturating_mul(*length);
            is_next
        })
    }

    /// Whether both lie in the same order and fill their bytes: then byte for byte is element for element.
    pub(crate) fn lies_as(&self, other: &Self) -> bool {
        let order = |elements: &Self| -> Vec<u64> {
            let matters = elements.steps().into_iter().zip(&elements.shape).filter(|(_, length)| **length != 1);
            matters.map(|(step, _)| step).collect()
        };
        self.is_row_by_row() && other.is_row_by_row()
            || self.is_dense() && other.is_dense() && order(self) == order(other)
    }

    /// The same elements with the dimensions in another order: the first is the one that `axes` names first.
    #[must_use]
    pub fn permuted(&self, axes: &[usize]) -> Self {
        let steps = self.steps();
        let of = |all: &[u64]| axes.iter().filter_map(|&axis| all.get(axis).copied()).collect::<Vec<u64>>();
        Self { shape: of(&self.shape), order: Order::Strided(of(&steps)), ..self.clone() }
    }

    /// `count` indexes of the first dimension from `first` on: bytes to skip, and what lies there. `None` when there is no
    /// such dimension, or elements share bytes.
    #[must_use]
    pub fn rows(&self, first: u64, count: u64) -> Option<(u64, Self)> {
        let width = self.code().ok()?.width()? as u64;
        let (steps, mut shape) = (self.steps(), self.shape.clone());
        *shape.first_mut()? = count;
        let skipped = steps.first()?.checked_mul(first)?.checked_mul(width)?;
        Some((skipped, Self { shape, order: Order::Strided(steps), ..self.clone() }))
    }

    /// Elements from one index to the next, for each dimension.
    pub(crate) fn steps(&self) -> Vec<u64> {
        let running = |lengths: &mut dyn Iterator<Item = &u64>| {
            let mut step = 1_u64;
            let step_of = |length: &u64| {
                let now = step;
                step = step.saturating_mul(*length);
                now
            };
            lengths.map(step_of).collect::<Vec<u64>>()
        };
        match &self.order {
            Order::Strided(steps) => steps.clone(),
            Order::Fortran => running(&mut self.shape.iter()),
            Order::C => {
                let mut steps = running(&mut self.shape.iter().rev());
                steps.reverse();
                steps
            }
        }
    }

    /// Where the element is that comes at `index` when they are read row by row, in elements from the first; `steps`
    /// are [`Elements::steps`].
    pub(crate) fn position(&self, steps: &[u64], index: u64) -> u64 {
        let (mut left, mut position) = (index, 0_u64);
        for (length, step) in self.shape.iter().zip(steps).rev() {
            let at = left.checked_rem(*length).unwrap_or(0);
            left = left.checked_div(*length).unwrap_or(0);
            position = position.saturating_add(at.saturating_mul(*step));
        }
        position
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn row_by_row_is_what_c_has() {
        let is = |shape: &[u64], order: Order| {
            Elements { dtype: DType::F32, shape: shape.to_vec(), order, endian: Endian::Little }.is_row_by_row()
        };
        let strided = |steps: &[u64]| Order::Strided(steps.to_vec());
        assert!(is(&[2, 3], Order::C) && is(&[], Order::Fortran) && is(&[5], Order::Fortran));
        assert!(!is(&[2, 3], Order::Fortran) && is(&[1, 3], Order::Fortran));
        assert!(is(&[2, 3], strided(&[3, 1])) && !is(&[2, 3], strided(&[1, 2])) && !is(&[2, 3], strided(&[4, 1])));
        assert!(is(&[4, 1, 2], strided(&[2, 9, 1])) && !is(&[3], strided(&[0])) && !is(&[2, 3], strided(&[1])));
    }
}
