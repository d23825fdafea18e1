//! The pair that is being compared.

use std::task::Poll;

use super::sides::Sides;
use super::{Found, TensorPair};
use crate::error::Result;
use crate::source::Roots;
use crate::tensor::Comparer;

/// Two tensors, each read so far.
pub(super) struct Open {
    sides: Sides,
    comparer: Comparer,
}

/// What some more of a pair came to.
pub(super) enum Advance {
    /// There is more.
    More,
    /// Bytes must come first.
    Wait,
    /// That was all.
    Done(Box<Found>),
}

impl Open {
    /// # Errors
    /// When the two cannot be compared, or a locator leads nowhere.
    pub(super) fn new(roots: &Roots, pair: &TensorPair) -> Result<Self> {
        let comparer = Comparer::new(&pair.a.elements, &pair.b.elements)?;
        let sides = Sides::open(roots, pair, comparer.has_numbers())?;
        Ok(Self { sides, comparer })
    }

    /// Compares what is there of both.
    ///
    /// # Errors
    /// When the bytes cannot be read, or end too early.
    pub(super) fn advance(&mut self) -> Result<Advance> {
        if self.sides.left() == 0 {
            return Ok(Advance::Done(Box::new(Found::Difference(self.comparer.finish(self.sides.count())))));
        }
        let comparer = &mut self.comparer;
        Ok(match self.sides.advance(|a, b, count| comparer.add(a, b, count))? {
            Poll::Pending => Advance::Wait,
            Poll::Ready(()) => Advance::More,
        })
    }

    /// The part of the pair's `bytes` that was compared.
    pub(super) fn part_of(&self, bytes: u64) -> u64 {
        self.sides.part_of(bytes)
    }
}
