//! Pairs of tensors, compared element by element, both sides front to back in lock-step: a piece of each is held, never all.
//!
//! A pair that cannot be compared says why, and the next one is.

mod band;
mod open;
mod side;

use serde::{Deserialize, Serialize};

use super::{Outcome, Part, Phase, Progress, Step, Task};
use crate::error::Result;
use crate::source::Roots;
use crate::tensor::{Difference, NamedTensor};
use open::{Advance, Open};

/// Pairs told at once: a message each would take longer than small tensors do.
const TOLD: usize = 64;
/// Bytes of pairs after which they are told.
const UNTOLD: u64 = 64 << 20;

/// Two tensors to compare. The second one's elements may be a view of it: transposed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TensorPair {
    /// The reference.
    pub a: NamedTensor,
    /// The other.
    pub b: NamedTensor,
}

impl TensorPair {
    /// Bytes of both.
    pub fn bytes(&self) -> u64 {
        let of = |named: &NamedTensor| named.elements.span_bytes().unwrap_or(0);
        of(&self.a).saturating_add(of(&self.b))
    }
}

/// Compares pairs one after the other.
pub struct Weights {
    roots: Roots,
    pairs: Vec<TensorPair>,
    next: usize,
    open: Option<Open>,
    found: Vec<(usize, Result<Difference>)>,
    /// Bytes of the pairs that were not told yet.
    untold: u64,
    /// Bytes of the pairs that ended, and of all.
    done: u64,
    total: u64,
}

impl Weights {
    /// Of these pairs.
    pub fn new(roots: Roots, pairs: Vec<TensorPair>) -> Self {
        let total = pairs.iter().map(TensorPair::bytes).fold(0, u64::saturating_add);
        Self { roots, pairs, next: 0, open: None, found: Vec::new(), untold: 0, done: 0, total }
    }

    /// Some more of the pair in turn.
    fn advance(&mut self) -> Result<Advance> {
        let Some(pair) = self.pairs.get(self.next) else { return Ok(Advance::More) };
        let mut open = match self.open.take() {
            Some(open) => open,
            None => Open::new(&self.roots, pair)?,
        };
        let advance = open.advance()?;
        if !matches!(advance, Advance::Done(_)) {
            self.open = Some(open);
        }
        Ok(advance)
    }

    fn end_pair(&mut self, found: Result<Difference>) {
        let bytes = self.pairs.get(self.next).map_or(0, TensorPair::bytes);
        self.found.push((self.next, found));
        self.next = self.next.saturating_add(1);
        self.done = self.done.saturating_add(bytes);
        self.untold = self.untold.saturating_add(bytes);
    }

    fn tell(&mut self, parts: &mut Vec<Part>) {
        self.untold = 0;
        if !self.found.is_empty() {
            parts.push(Part::Differences(std::mem::take(&mut self.found)));
        }
    }
}

impl Task for Weights {
    fn step(&mut self, parts: &mut Vec<Part>) -> Result<Step> {
        if self.next >= self.pairs.len() {
            self.tell(parts);
            return Ok(Step::Done(Outcome::Weights));
        }
        match self.advance() {
            Ok(Advance::More) => return Ok(Step::More),
            Ok(Advance::Wait) => return Ok(Step::Wait),
            Ok(Advance::Done(found)) => self.end_pair(Ok(*found)),
            Err(error) => self.end_pair(Err(error)),
        }
        if self.found.len() >= TOLD || self.untold >= UNTOLD {
            self.tell(parts);
        }
        Ok(Step::More)
    }

    fn progress(&self) -> Progress {
        let pair = self.pairs.get(self.next).map_or(0, TensorPair::bytes);
        let now = self.open.as_ref().map_or(0, |open| open.part_of(pair));
        Progress { phase: Phase::Comparing, done: self.done.saturating_add(now), total: self.total }
    }
}

#[cfg(test)]
mod tests;
