//! Some bytes of one entry, for the text and hex views.

use super::{Outcome, Part, Phase, Progress, Step, Task};
use crate::error::Result;
use crate::limits;
use crate::model::Locator;
use crate::source::Roots;

/// Reads some bytes of one entry.
pub struct Peek {
    roots: Roots,
    locator: Locator,
    offset: u64,
    len: u64,
}

impl Peek {
    /// Up to `len` bytes from `offset`; no more than the viewer shows at once.
    pub fn new(roots: Roots, locator: Locator, offset: u64, len: u64) -> Self {
        Self { roots, locator, offset, len: len.min(limits::TEXT_WINDOW) }
    }
}

impl Task for Peek {
    fn step(&mut self, _parts: &mut Vec<Part>) -> Result<Step> {
        let bytes = self.roots.open(&self.locator)?.bytes_at(self.offset, self.len)?;
        Ok(Step::Done(Outcome::Peek(bytes)))
    }

    fn progress(&self) -> Progress {
        Progress { phase: Phase::Reading, done: 0, total: 1 }
    }
}
