//! What one lane of a bundle holds.

use super::Digest;
use lanes::sha256::{BLOCK, Block, START, State};

/// A stream: its chaining value, and the bytes that wait to be hashed.
#[derive(Debug, Default)]
pub(super) struct Stream {
    phase: Phase,
    state: State,
    len_bytes: u64,
    /// Never shrinks, and is not cleared: the lane's next stream reuses it.
    buffer: Vec<u8>,
    /// Bytes of `buffer` that belong to the stream.
    filled: usize,
    /// Bytes of those that are hashed.
    hashed: usize,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Phase {
    #[default]
    Vacant,
    Open,
    /// The padding is in the buffer too, so whole blocks are left.
    Ended,
}

impl Stream {
    /// Starts over.
    pub(super) fn open(&mut self) {
        let buffer = std::mem::take(&mut self.buffer);
        *self = Self { phase: Phase::Open, state: START, buffer, ..Self::default() };
    }

    /// Gives the stream up.
    pub(super) fn close(&mut self) {
        self.phase = Phase::Vacant;
    }

    /// The next `len` bytes of an open stream, to be written.
    pub(super) fn room(&mut self, len: usize) -> &mut [u8] {
        if self.phase != Phase::Open {
            return &mut [];
        }
        self.len_bytes = self.len_bytes.saturating_add(len as u64);
        self.space(len)
    }

    fn space(&mut self, len: usize) -> &mut [u8] {
        if self.hashed > 0 {
            self.buffer.copy_within(self.hashed..self.filled, 0);
            self.filled = self.filled.saturating_sub(self.hashed);
            self.hashed = 0;
        }
        let end = self.filled.saturating_add(len);
        if self.buffer.len() < end {
            self.buffer.resize(end, 0);
        }
        let start = std::mem::replace(&mut self.filled, end);
        self.buffer.get_mut(start..end).unwrap_or_default()
    }

    /// Ends an open stream: adds the padding (FIPS 180-4, 5.1.1).
    pub(super) fn end(&mut self) {
        if self.phase != Phase::Open {
            return;
        }
        let len_bits = self.len_bytes << 3;
        let used = self.left().len() % BLOCK;
        let padding = if used < 56 { 64_usize } else { 128 }.saturating_sub(used);
        let space = self.space(padding);
        space.fill(0);
        if let Some(first) = space.first_mut() {
            *first = 0x80;
        }
        if let Some(last) = space.last_chunk_mut() {
            *last = len_bits.to_be_bytes();
        }
        self.phase = Phase::Ended;
    }

    /// Whole blocks that wait.
    pub(super) fn blocks(&self) -> &[Block] {
        self.left().as_chunks().0
    }

    /// Bytes that wait.
    pub(super) fn left(&self) -> &[u8] {
        self.buffer.get(self.hashed..self.filled).unwrap_or_default()
    }

    /// The chaining value.
    pub(super) fn state(&self) -> State {
        self.state
    }

    /// Takes the chaining value after the next `blocks` blocks.
    pub(super) fn advance(&mut self, state: State, blocks: usize) {
        self.state = state;
        self.hashed = self.hashed.saturating_add(blocks.saturating_mul(BLOCK)).min(self.filled);
    }

    /// Hashes what waits, by itself.
    pub(super) fn run_alone(&mut self) {
        if self.is_busy() {
            let mut state = self.state;
            let blocks = self.blocks();
            sha2::block_api::compress256(&mut state, blocks);
            self.advance(state, blocks.len());
        }
    }

    /// The chaining value as a digest.
    pub(super) fn digest(&self) -> Digest {
        let mut digest = Digest([0; 32]);
        for (bytes, word) in digest.0.as_chunks_mut().0.iter_mut().zip(self.state) {
            *bytes = word.to_be_bytes();
        }
        digest
    }

    pub(super) fn is_vacant(&self) -> bool {
        self.phase == Phase::Vacant
    }

    /// Open, and nothing to hash.
    pub(super) fn is_hungry(&self) -> bool {
        self.phase == Phase::Open && self.blocks().is_empty()
    }

    /// Not hashed to its end.
    pub(super) fn is_busy(&self) -> bool {
        self.phase == Phase::Open || (self.phase == Phase::Ended && !self.blocks().is_empty())
    }

    /// Hashed to its end.
    pub(super) fn is_hashed(&self) -> bool {
        self.phase == Phase::Ended && self.blocks().is_empty()
    }
}
