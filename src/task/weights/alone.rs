//! A tensor that both sides are known to have: read once, for its norm and what of it is not finite.

use std::task::Poll;

use super::Found;
use super::open::Advance;
use super::side::Side;
use super::sides::{STEP, grain, share};
use crate::error::Result;
use crate::source::Roots;
use crate::tensor::{Comparer, NamedTensor};

/// One tensor, read so far.
pub(super) struct OpenAlone {
    side: Side,
    comparer: Comparer,
    /// Elements taken, of how many; bytes, of what is not read as numbers.
    done: u64,
    count: u64,
    /// Elements that pieces are a multiple of.
    grain: u64,
}

impl OpenAlone {
    /// # Errors
    /// When it could not be compared with another either, or its locator leads nowhere.
    pub(super) fn new(roots: &Roots, named: &NamedTensor) -> Result<Self> {
        let elements = &named.elements;
        let comparer = Comparer::new(elements, elements)?;
        let has_numbers = comparer.has_numbers();
        let count = if has_numbers { elements.count()? } else { elements.span_bytes()? };
        let side = Side::open(roots, named, elements.is_dense() || !has_numbers, has_numbers)?;
        // Bytes have no norm: there is nothing to read them for.
        let done = if has_numbers { 0 } else { count };
        let grain = if has_numbers { grain(elements) } else { 1 };
        Ok(Self { side, comparer, done, count, grain })
    }

    /// Takes in what is there of it.
    ///
    /// # Errors
    /// When the bytes cannot be read, or end too early.
    pub(super) fn advance(&mut self) -> Result<Advance> {
        let left = self.count.saturating_sub(self.done);
        if left == 0 {
            return Ok(Advance::Done(Box::new(Found::Difference(self.comparer.finish(self.count)))));
        }
        let Poll::Ready(there) = self.side.fill(left.min(self.grain))? else { return Ok(Advance::Wait) };
        let mut now = there.min(left).min(STEP);
        if now < left {
            now = now.saturating_sub(now.checked_rem(self.grain).unwrap_or(0));
        }
        self.comparer.add_same(self.side.take(now), now);
        self.done = self.done.saturating_add(now);
        Ok(Advance::More)
    }

    /// The part of its `bytes` that was taken.
    pub(super) fn part_of(&self, bytes: u64) -> u64 {
        share(bytes, self.done, self.count)
    }
}
