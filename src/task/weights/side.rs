//! One of two tensors, its elements row by row and little-endian, as many at a time as the other has.

use std::io::Read;
use std::task::Poll;

use super::band::Band;
use crate::error::{Error, Result};
use crate::model::{Endian, Locator};
use crate::source::Roots;
use crate::task::block::Block;
use crate::task::bytes::Bytes;
use crate::tensor::{Elements, NamedTensor};

/// The elements of one side.
pub(super) struct Side {
    from: From,
    /// Bytes of the block in hand that were taken.
    taken: usize,
    /// Bits of an element.
    bits: u64,
    /// Bytes that are turned around together: a number, or a half of a complex one; 1 for none.
    unit: usize,
    turned: Vec<u8>,
}

enum From {
    /// As they lie in the file.
    Flat(Box<Bytes>, Block),
    /// In another order.
    Banded(Box<Band>),
}

impl Side {
    /// Of `named`; `is_flat` when its elements are wanted as they lie, `has_numbers` when they are more than bytes.
    ///
    /// # Errors
    /// When the locator leads nowhere, or to fewer bytes than the tensor takes.
    pub(super) fn open(roots: &Roots, named: &NamedTensor, is_flat: bool, has_numbers: bool) -> Result<Self> {
        let NamedTensor { locator, elements, .. } = named;
        let (span, there) = (elements.span_bytes()?, roots.len_of(locator));
        if span > there {
            let what = format!("{} takes {span} bytes, {there} are there", named.name);
            return Err(Error::malformed("tensor", there, what));
        }
        let (bits, unit) = if has_numbers { widths(elements)? } else { (8, 1) };
        let from = if is_flat || elements.is_row_by_row() {
            From::Flat(Box::new(bytes(roots, locator, span)?), Block::of(span))
        } else {
            let width = bits.checked_div(8).unwrap_or(1);
            From::Banded(Box::new(Band::new(roots.open(locator)?, elements, width)))
        };
        let unit = if elements.endian == Endian::Big { unit } else { 1 };
        Ok(Self { from, taken: 0, bits, unit, turned: Vec::new() })
    }

    /// Whole elements that are there, at least `wanted` of them once they have come.
    ///
    /// # Errors
    /// When the bytes cannot be read, or end too early.
    pub(super) fn fill(&mut self, wanted: u64) -> Result<Poll<u64>> {
        loop {
            let there = (self.rest().len() as u64).saturating_mul(8).checked_div(self.bits).unwrap_or(0);
            if there >= wanted {
                return Ok(Poll::Ready(there));
            }
            match &mut self.from {
                From::Flat(bytes, block) => {
                    block.drop_first(self.taken);
                    self.taken = 0;
                    match bytes.pour(block) {
                        Poll::Pending => return Ok(Poll::Pending),
                        Poll::Ready(poured) => {
                            if poured? == 0 {
                                let what = format!("{there} elements are left, {wanted} wanted");
                                return Err(Error::malformed("tensor", bytes.read(), what));
                            }
                        }
                    }
                }
                From::Banded(band) => {
                    band.go_on(self.taken)?;
                    self.taken = 0;
                    if band.whole().is_empty() {
                        return Ok(Poll::Ready(0));
                    }
                }
            }
        }
    }

    /// The next `count` elements, which are there.
    pub(super) fn take(&mut self, count: u64) -> &[u8] {
        let bytes = count.saturating_mul(self.bits).div_ceil(8);
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        let begun = self.taken;
        self.taken = begun.saturating_add(bytes);
        if self.unit == 1 {
            return self.held().get(begun..self.taken).unwrap_or_default();
        }
        let mut turned = std::mem::take(&mut self.turned);
        turned.clear();
        turned.extend_from_slice(self.held().get(begun..self.taken).unwrap_or_default());
        turned.chunks_exact_mut(self.unit).for_each(<[u8]>::reverse);
        self.turned = turned;
        &self.turned
    }

    fn held(&self) -> &[u8] {
        match &self.from {
            From::Flat(_, block) => block.all(),
            From::Banded(band) => band.whole(),
        }
    }

    fn rest(&self) -> &[u8] {
        self.held().get(self.taken..).unwrap_or_default()
    }
}

/// Bits of an element, and bytes of a number.
fn widths(elements: &Elements) -> Result<(u64, usize)> {
    let code = elements.code()?;
    let Some(width) = code.width() else { return Ok((4, 1)) };
    Ok(((width as u64).saturating_mul(8), width.checked_div(code.parts()).unwrap_or(1).max(1)))
}

fn bytes(roots: &Roots, locator: &Locator, span: u64) -> Result<Bytes> {
    let whole = (roots.len_of(locator) == span).then_some(locator);
    Bytes::open(roots, ("tensor", span), whole, || Ok(Box::new(roots.stream(locator)?.take(span)) as Box<dyn Read>))
}
