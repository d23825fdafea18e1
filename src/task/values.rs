//! Some elements of one tensor as text.

use super::gather::Gather;
use super::{Outcome, Part, Phase, Progress, Step, Task};
use crate::error::Result;
use crate::limits;
use crate::model::Locator;
use crate::source::Roots;
use crate::tensor::{Elements, Reader};

/// Bytes read around an element.
const AHEAD: u64 = 64 << 10;

/// Reads some elements of one tensor.
pub struct Values {
    roots: Roots,
    locator: Locator,
    elements: Elements,
    first: u64,
    count: u64,
}

impl Values {
    /// Up to `count` elements from the one that comes at `first` when they are read row by row; no more than the viewer
    /// shows at once.
    pub fn new(roots: Roots, locator: Locator, elements: Elements, first: u64, count: u64) -> Self {
        Self { roots, locator, elements, first, count: count.min(limits::VALUES_WINDOW) }
    }
}

impl Task for Values {
    fn step(&mut self, _parts: &mut Vec<Part>) -> Result<Step> {
        let reader = Reader::new(&self.elements)?;
        let end = self.first.saturating_add(self.count).min(self.elements.count()?);
        let mut gather = Gather::new(self.roots.open(&self.locator)?, 1);
        let mut texts = Vec::new();
        for index in self.first..end {
            let (offset, len) = reader.place(index);
            texts.push(reader.text(index, gather.bytes(offset, len, AHEAD)?));
        }
        Ok(Step::Done(Outcome::Values(texts)))
    }

    fn progress(&self) -> Progress {
        Progress { phase: Phase::Reading, done: 0, total: 1 }
    }
}
