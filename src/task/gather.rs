//! Elements that do not lie one after the other, brought together.

use crate::error::{Error, Result};
use crate::source::Source;
use crate::tensor::Run;

/// Bytes read at a time while elements lie close together.
const AHEAD: u64 = 256 << 10;
/// Distance of elements, in bytes, from which on each is read by itself.
const FAR: u64 = 16 << 10;

/// Reads elements at positions.
pub(super) struct Gather {
    source: Source,
    /// Bytes of an element.
    width: u64,
    start: u64,
    held: Vec<u8>,
    read: u64,
}

impl Gather {
    /// Elements of `width` bytes in `source`.
    pub(super) fn new(source: Source, width: u64) -> Self {
        Self { source, width, start: 0, held: Vec::new(), read: 0 }
    }

    /// Bytes read from the source so far.
    pub(super) fn read(&self) -> u64 {
        self.read
    }

    /// Appends the elements of `run` to `out`.
    ///
    /// # Errors
    /// When the bytes cannot be read, or end too early.
    pub(super) fn take(&mut self, run: Run, out: &mut Vec<u8>) -> Result<()> {
        let at = |position: u64| position.saturating_mul(self.width);
        if run.step == 1 {
            let (offset, len) = (at(run.first), at(run.count));
            out.extend_from_slice(self.bytes(offset, len, AHEAD)?);
            return Ok(());
        }
        let ahead = if at(run.step) > FAR { 0 } else { AHEAD };
        for index in 0..run.count {
            let position = run.first.saturating_add(index.saturating_mul(run.step));
            let (offset, len) = (position.saturating_mul(self.width), self.width);
            out.extend_from_slice(self.bytes(offset, len, ahead)?);
        }
        Ok(())
    }

    /// `len` bytes from `offset`; what has to be read for them is at least `ahead` bytes, as far as there are any.
    ///
    /// # Errors
    /// As [`Gather::take`].
    pub(super) fn bytes(&mut self, offset: u64, len: u64, ahead: u64) -> Result<&[u8]> {
        let end = offset.saturating_add(len);
        if offset < self.start || end > self.start.saturating_add(self.held.len() as u64) {
            self.held = self.source.bytes_at(offset, len.max(ahead))?;
            self.start = offset;
            self.read = self.read.saturating_add(self.held.len() as u64);
        }
        let from = usize::try_from(offset.saturating_sub(self.start)).unwrap_or(usize::MAX);
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        let found = self.held.get(from..).and_then(|rest| rest.get(..len));
        found.ok_or_else(|| {
            let what = format!("the tensor's elements end at byte {end}, its bytes at {}", self.source.len());
            Error::malformed("tensor", offset, what)
        })
    }
}
