//! Statistics and histograms of what every element of a tensor changed by, however many there are: both sides are read twice,
//! front to back.

use std::task::Poll;

use super::weights::{Sides, TensorPair};
use super::{Outcome, Part, Phase, Progress, Step, Task};
use crate::error::Result;
use crate::source::Roots;
use crate::tensor::{self, Examined};

/// Looks at the difference of one pair of tensors.
pub struct Deltas {
    roots: Roots,
    pair: TensorPair,
    sides: Sides,
    deltas: tensor::Deltas,
    examined: Examined,
    is_second: bool,
}

impl Deltas {
    /// Of b − a.
    ///
    /// # Errors
    /// When the two are not numbers of one shape, or are not there.
    pub fn new(roots: Roots, pair: TensorPair) -> Result<Self> {
        let deltas = tensor::Deltas::new(&pair.a.elements, &pair.b.elements)?;
        let sides = Sides::open(&roots, &pair, true)?;
        let elements = sides.count();
        let examined = Examined { elements, counted: elements, statistics: Vec::new(), histograms: Vec::new() };
        Ok(Self { roots, pair, sides, deltas, examined, is_second: false })
    }
}

impl Task for Deltas {
    fn step(&mut self, parts: &mut Vec<Part>) -> Result<Step> {
        if self.sides.left() > 0 {
            let deltas = &mut self.deltas;
            return Ok(match self.sides.advance(|a, b, count| deltas.add(a, b, count))? {
                Poll::Pending => Step::Wait,
                Poll::Ready(()) => Step::More,
            });
        }
        if self.is_second {
            self.examined.histograms = self.deltas.finish();
            return Ok(Step::Done(Outcome::Statistics(Box::new(self.examined.clone()))));
        }
        self.examined.statistics = self.deltas.turn();
        parts.push(Part::Statistics(Box::new(self.examined.clone())));
        self.is_second = true;
        self.sides = Sides::open(&self.roots, &self.pair, true)?;
        Ok(Step::More)
    }

    fn progress(&self) -> Progress {
        let bytes = self.pair.bytes();
        let now = self.sides.part_of(bytes);
        let done = if self.is_second { bytes.saturating_add(now) } else { now };
        Progress { phase: Phase::Comparing, done, total: bytes.saturating_mul(2) }
    }
}
