//! Pairs of tensors, compared element by element, and pairs of updates that adapters make, both sides front to back in
//! lock-step: a piece of each is held, never all.
//!
//! A pair that cannot be compared says why, and the next one is.

mod alone;
mod band;
mod open;
mod side;
mod sides;
mod updates;

use serde::{Deserialize, Serialize};

use super::{Outcome, Part, Phase, Progress, Step, Task};
use crate::error::Result;
use crate::source::Roots;
use crate::tensor::{Difference, NamedTensor, UpdateDifference};
use alone::OpenAlone;
use open::{Advance, Open};
pub(super) use sides::Sides;
use updates::OpenUpdates;
pub use updates::{Update, UpdatePair};

/// Pairs told at once: a message each would take longer than small tensors do.
const TOLD: usize = 512;
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
        bytes_of(&self.a).saturating_add(bytes_of(&self.b))
    }
}

fn bytes_of(named: &NamedTensor) -> u64 {
    named.elements.span_bytes().unwrap_or(0)
}

/// What is compared with each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Pair {
    /// Two tensors.
    Tensors(Box<TensorPair>),
    /// Two updates of a weight.
    Updates(Box<UpdatePair>),
    /// A tensor that is known to be the same on both sides: one is read, for its norm.
    Same(Box<NamedTensor>),
}

impl From<TensorPair> for Pair {
    fn from(pair: TensorPair) -> Self {
        Self::Tensors(Box::new(pair))
    }
}

impl Pair {
    /// Bytes that are read.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Tensors(pair) => pair.bytes(),
            Self::Updates(pair) => pair.bytes(),
            Self::Same(named) => bytes_of(named),
        }
    }
}

/// What a pair has between it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Found {
    /// Two tensors.
    Difference(Difference),
    /// Two updates.
    Update(UpdateDifference),
}

/// The pair in turn.
enum Turn {
    Tensors(Box<Open>),
    Updates(Box<OpenUpdates>),
    Same(Box<OpenAlone>),
}

impl Turn {
    fn begin(roots: &Roots, pair: &Pair) -> Result<Self> {
        Ok(match pair {
            Pair::Tensors(pair) => Self::Tensors(Box::new(Open::new(roots, pair)?)),
            Pair::Updates(pair) => Self::Updates(Box::new(OpenUpdates::new(roots, pair)?)),
            Pair::Same(named) => Self::Same(Box::new(OpenAlone::new(roots, named)?)),
        })
    }
}

/// Compares pairs one after the other.
pub struct Weights {
    roots: Roots,
    pairs: Vec<Pair>,
    next: usize,
    open: Option<Turn>,
    found: Vec<(usize, Result<Found>)>,
    /// Bytes of the pairs that were not told yet.
    untold: u64,
    /// Bytes of the pairs that ended, and of all.
    done: u64,
    total: u64,
}

impl Weights {
    /// Of these pairs.
    pub fn new(roots: Roots, pairs: Vec<Pair>) -> Self {
        let total = pairs.iter().map(Pair::bytes).fold(0, u64::saturating_add);
        Self { roots, pairs, next: 0, open: None, found: Vec::new(), untold: 0, done: 0, total }
    }

    /// Some more of the pair in turn.
    fn advance(&mut self) -> Result<Advance> {
        let Some(pair) = self.pairs.get(self.next) else { return Ok(Advance::More) };
        let mut open = match self.open.take() {
            Some(open) => open,
            None => Turn::begin(&self.roots, pair)?,
        };
        let advance = match &mut open {
            Turn::Tensors(open) => open.advance()?,
            Turn::Updates(open) => open.advance(&self.roots)?,
            Turn::Same(open) => open.advance()?,
        };
        if !matches!(advance, Advance::Done(_)) {
            self.open = Some(open);
        }
        Ok(advance)
    }

    fn end_pair(&mut self, found: Result<Found>) {
        let bytes = self.pairs.get(self.next).map_or(0, Pair::bytes);
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
        let pair = self.pairs.get(self.next).map_or(0, Pair::bytes);
        let now = match &self.open {
            Some(Turn::Tensors(open)) => open.part_of(pair),
            Some(Turn::Updates(open)) => open.done(),
            Some(Turn::Same(open)) => open.part_of(pair),
            None => 0,
        };
        Progress { phase: Phase::Comparing, done: self.done.saturating_add(now), total: self.total }
    }
}

#[cfg(test)]
mod tests;
