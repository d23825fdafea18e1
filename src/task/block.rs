//! A piece of a tensor's bytes, as they come.

use std::io::{self, Read};

use super::bytes::{Sink, read_full};
use crate::source::Flow;

/// Bytes of a block: a step stays below the worker's slice.
pub(super) const BLOCK: usize = 1 << 20;

/// A buffer that only grows: filling it with zeros each time took as long as the sums.
pub(super) struct Block {
    bytes: Vec<u8>,
    filled: usize,
    most: usize,
}

impl Block {
    /// For the pieces of so many bytes: those of a hundred thousand small tensors are not a megabyte each.
    pub(super) fn of(len: u64) -> Self {
        Self { bytes: Vec::new(), filled: 0, most: usize::try_from(len).unwrap_or(BLOCK).clamp(1, BLOCK) }
    }

    /// Bytes that are there.
    pub(super) fn len(&self) -> usize {
        self.filled
    }

    /// The first `count` of them.
    pub(super) fn first(&self, count: usize) -> &[u8] {
        self.bytes.get(..count.min(self.filled)).unwrap_or_default()
    }

    /// All of them.
    pub(super) fn all(&self) -> &[u8] {
        self.first(self.filled)
    }

    pub(super) fn drop_first(&mut self, count: usize) {
        let count = count.min(self.filled);
        self.bytes.copy_within(count..self.filled, 0);
        self.filled = self.filled.saturating_sub(count);
    }

    /// The next `len` bytes behind what is there.
    fn room(&mut self, len: usize) -> &mut [u8] {
        let end = self.filled.saturating_add(len);
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        self.bytes.get_mut(self.filled..end).unwrap_or_default()
    }
}

impl Sink for Block {
    fn read(&mut self, bytes: &mut dyn Read) -> io::Result<usize> {
        let filled = read_full(bytes, self.room(self.most.saturating_sub(self.filled)))?;
        self.filled = self.filled.saturating_add(filled);
        Ok(filled)
    }

    fn take(&mut self, bytes: &mut dyn Flow, len: usize) {
        bytes.take(self.room(len));
        self.filled = self.filled.saturating_add(len);
    }
}
