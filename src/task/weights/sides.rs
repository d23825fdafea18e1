//! Both tensors of a pair, read in lock-step.

use std::task::Poll;

use super::TensorPair;
use super::side::Side;
use crate::error::{Error, Result};
use crate::source::Roots;
use crate::tensor::{Elements, NamedTensor};

/// Elements of one step: a few milliseconds of any type.
pub(super) const STEP: u64 = 1 << 18;

/// Two tensors of one shape, each read so far.
pub(in crate::task) struct Sides {
    a: Side,
    b: Side,
    /// Elements taken, of how many; bytes, of what is not read as numbers.
    done: u64,
    count: u64,
    /// Elements that pieces are a multiple of: two may share a byte.
    grain: u64,
}

impl Sides {
    /// Of `pair`; `has_numbers` when its elements are more than bytes.
    ///
    /// # Errors
    /// When the shapes are not the same, or a locator leads nowhere.
    pub(in crate::task) fn open(roots: &Roots, pair: &TensorPair, has_numbers: bool) -> Result<Self> {
        let (a, b) = (&pair.a.elements, &pair.b.elements);
        if a.shape != b.shape {
            let what = format!("elements of the shapes {:?} and {:?} are not compared", a.shape, b.shape);
            return Err(Error::Refused { what });
        }
        let is_flat = a.lies_as(b);
        if !(is_flat || has_numbers) {
            let feature = format!("{} in two orders of elements", a.dtype.name());
            return Err(Error::Unsupported { format: "tensor", feature });
        }
        let count = if has_numbers { a.count()? } else { a.span_bytes()? };
        let grain = if has_numbers { grain(a).max(grain(b)) } else { 1 };
        let side = |named: &NamedTensor| Side::open(roots, named, is_flat, has_numbers);
        Ok(Self { a: side(&pair.a)?, b: side(&pair.b)?, done: 0, count, grain })
    }

    /// Elements of each.
    pub(in crate::task) fn count(&self) -> u64 {
        self.count
    }

    /// Elements that were not taken yet.
    pub(in crate::task) fn left(&self) -> u64 {
        self.count.saturating_sub(self.done)
    }

    /// Gives what is there of both to `take`, with how many elements it is.
    ///
    /// # Errors
    /// When the bytes cannot be read, or end too early.
    pub(in crate::task) fn advance(&mut self, mut take: impl FnMut(&[u8], &[u8], u64)) -> Result<Poll<()>> {
        let left = self.left();
        let wanted = left.min(self.grain);
        // Both are asked, so that both come at the same time.
        let (a, b) = (self.a.fill(wanted), self.b.fill(wanted));
        let (Poll::Ready(a), Poll::Ready(b)) = (a?, b?) else { return Ok(Poll::Pending) };
        let mut now = a.min(b).min(left).min(STEP);
        if now < left {
            now = now.saturating_sub(now.checked_rem(self.grain).unwrap_or(0));
        }
        if now > 0 {
            take(self.a.take(now), self.b.take(now), now);
            self.done = self.done.saturating_add(now);
        }
        Ok(Poll::Ready(()))
    }

    /// The part of the pair's `bytes` that was taken.
    pub(in crate::task) fn part_of(&self, bytes: u64) -> u64 {
        share(bytes, self.done, self.count)
    }
}

/// `done` of `count` parts of `bytes`.
pub(super) fn share(bytes: u64, done: u64, count: u64) -> u64 {
    let part = u128::from(bytes).saturating_mul(u128::from(done));
    u64::try_from(part.checked_div(u128::from(count)).unwrap_or(0)).unwrap_or(bytes)
}

/// Elements that pieces are a multiple of: two may share a byte.
pub(super) fn grain(elements: &Elements) -> u64 {
    if elements.code().is_ok_and(|code| code.width().is_none()) { 2 } else { 1 }
}
