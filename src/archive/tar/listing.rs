//! A tar of known length, walked from header to header.

use super::cut::cut_members;
use super::{Need, Walker};
use crate::archive::{Listed, Listing};
use crate::error::Result;
use crate::source::Source;

/// Headers read in one step.
const HEADERS: usize = 500;

/// A tar being listed.
pub(crate) struct TarListing {
    source: Source,
    walker: Walker,
    position: u64,
}

impl TarListing {
    pub(crate) fn new(source: Source) -> Self {
        Self { source, walker: Walker::new(), position: 0 }
    }
}

impl Listing for TarListing {
    fn step(&mut self, listed: &mut Listed) -> Result<bool> {
        for _ in 0..HEADERS {
            let Need::Bytes { offset, len } = self.walker.need() else {
                cut_members(listed, self.source.len());
                return Ok(true);
            };
            self.position = offset.min(self.source.len());
            let bytes = self.source.bytes_at(offset, len)?;
            self.walker.take(&bytes, listed)?;
        }
        Ok(false)
    }

    fn position(&self) -> u64 {
        self.position
    }
}
