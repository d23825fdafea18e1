//! The pair that is being compared.

use std::task::Poll;

use super::TensorPair;
use super::side::Side;
use crate::error::{Error, Result};
use crate::source::Roots;
use crate::tensor::{Comparer, Difference, Elements, NamedTensor};

/// Elements of one step: a few milliseconds of any type.
const STEP: u64 = 1 << 18;

/// Two tensors, each read so far.
pub(super) struct Open {
    a: Side,
    b: Side,
    comparer: Comparer,
    /// Elements compared, of how many; bytes, of what is not read as numbers.
    done: u64,
    count: u64,
    /// Elements that pieces are a multiple of: two may share a byte.
    grain: u64,
}

/// What some more of a pair came to.
pub(super) enum Advance {
    /// There is more.
    More,
    /// Bytes must come first.
    Wait,
    /// That was all.
    Done(Box<Difference>),
}

impl Open {
    /// # Errors
    /// When the two cannot be compared, or a locator leads nowhere.
    pub(super) fn new(roots: &Roots, pair: &TensorPair) -> Result<Self> {
        let (a, b) = (&pair.a.elements, &pair.b.elements);
        if a.shape != b.shape {
            let what = format!("elements of the shapes {:?} and {:?} are not compared", a.shape, b.shape);
            return Err(Error::Refused { what });
        }
        let comparer = Comparer::new(a, b)?;
        let (is_flat, has_numbers) = (a.lies_as(b), comparer.has_numbers());
        if !(is_flat || has_numbers) {
            let feature = format!("{} in two orders of elements", a.dtype.name());
            return Err(Error::Unsupported { format: "tensor", feature });
        }
        let count = if has_numbers { a.count()? } else { a.span_bytes()? };
        let grain = if has_numbers && (is_packed(a) || is_packed(b)) { 2 } else { 1 };
        let side = |named: &NamedTensor| Side::open(roots, named, is_flat, has_numbers);
        Ok(Self { a: side(&pair.a)?, b: side(&pair.b)?, comparer, done: 0, count, grain })
    }

    /// Compares what is there of both.
    ///
    /// # Errors
    /// When the bytes cannot be read, or end too early.
    pub(super) fn advance(&mut self) -> Result<Advance> {
        let left = self.count.saturating_sub(self.done);
        if left == 0 {
            return Ok(Advance::Done(Box::new(self.comparer.finish(self.count))));
        }
        let wanted = left.min(self.grain);
        // Both are asked, so that both come at the same time.
        let (a, b) = (self.a.fill(wanted), self.b.fill(wanted));
        let (Poll::Ready(a), Poll::Ready(b)) = (a?, b?) else { return Ok(Advance::Wait) };
        let mut now = a.min(b).min(left).min(STEP);
        if now < left {
            now = now.saturating_sub(now.checked_rem(self.grain).unwrap_or(0));
        }
        if now > 0 {
            self.comparer.add(self.a.take(now), self.b.take(now), now);
            self.done = self.done.saturating_add(now);
        }
        Ok(Advance::More)
    }

    /// The part of the pair's `bytes` that was compared.
    pub(super) fn part_of(&self, bytes: u64) -> u64 {
        let part = u128::from(bytes).saturating_mul(u128::from(self.done));
        u64::try_from(part.checked_div(u128::from(self.count)).unwrap_or(0)).unwrap_or(bytes)
    }
}

fn is_packed(elements: &Elements) -> bool {
    elements.code().is_ok_and(|code| code.width().is_none())
}
