//! Some elements of one tensor as text.

use super::gather::Gather;
use super::{Outcome, Part, Phase, Progress, Step, Task};
use crate::error::Result;
use crate::limits;
use crate::model::Locator;
use crate::source::Roots;
use crate::tensor::{Elements, Reader, Window};

/// Bytes read around an element.
const AHEAD: u64 = 64 << 10;

/// Reads some elements of one tensor.
pub struct Values {
    roots: Roots,
    locator: Locator,
    elements: Elements,
    window: Window,
}

impl Values {
    /// The elements in `window`; no more than the viewer shows at once.
    pub fn new(roots: Roots, locator: Locator, elements: Elements, window: Window) -> Self {
        Self { roots, locator, elements, window: window.at_most(limits::VALUES_WINDOW) }
    }
}

impl Task for Values {
    fn step(&mut self, _parts: &mut Vec<Part>) -> Result<Step> {
        let reader = Reader::new(&self.elements)?;
        let end = self.elements.count()?;
        let mut gather = Gather::new(self.roots.open(&self.locator)?, 1);
        let mut texts = Vec::new();
        for index in self.window.indexes().take_while(|index| *index < end) {
            let (offset, len) = reader.place(index);
            texts.push(reader.text(index, gather.bytes(offset, len, AHEAD)?));
        }
        Ok(Step::Done(Outcome::Values(texts)))
    }

    fn progress(&self) -> Progress {
        Progress { phase: Phase::Reading, done: 0, total: 1 }
    }
}
