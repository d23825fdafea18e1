//! The part of a text that is being looked at, read piece by piece.

use crate::error::Result;
use crate::source::Source;

/// Bytes read at a time.
const PIECE: u64 = 1 << 20;

/// What was read of a file and not consumed yet.
pub(super) struct Window {
    file: Source,
    text: Vec<u8>,
    /// Bytes of `text` that are consumed.
    used: usize,
    /// Where `text` begins in the file.
    start: u64,
}

impl Window {
    /// Begins at byte `start`.
    pub(super) fn new(file: Source, start: u64) -> Self {
        Self { file, text: Vec::new(), used: 0, start }
    }

    /// What was read and not consumed.
    pub(super) fn text(&self) -> &[u8] {
        self.text.get(self.used..).unwrap_or_default()
    }

    /// Where it begins in the file.
    pub(super) fn offset(&self) -> u64 {
        self.start.saturating_add(self.used as u64)
    }

    /// Bytes of the file.
    pub(super) fn len(&self) -> u64 {
        self.file.len()
    }

    /// Whether it reaches to the end of the file.
    pub(super) fn is_last(&self) -> bool {
        self.start.saturating_add(self.text.len() as u64) >= self.file.len()
    }

    /// Moves its beginning.
    pub(super) fn consume(&mut self, len: usize) {
        self.used = self.used.saturating_add(len).min(self.text.len());
    }

    /// Reads on: as much again as there is, so that one that grows is not searched from its start too often.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn grow(&mut self) -> Result<()> {
        self.text.drain(..self.used);
        self.start = self.offset();
        self.used = 0;
        let end = self.start.saturating_add(self.text.len() as u64);
        let more = self.file.bytes_at(end, PIECE.max(self.text.len() as u64))?;
        self.text.extend(more);
        Ok(())
    }
}
