//! A cache of a few recently read ranges, for sources where every read is a round trip (a browser file, a URL).
//!
//! A read far from the last one fetches little; a read that follows the last one fetches twice as much as before. So
//! a header costs a few kilobytes, and walking all headers of a densely packed archive becomes a sequential scan.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;

use super::{Flow, ReadAt, copy};

/// How much is fetched and kept.
#[derive(Debug, Clone, Copy)]
struct Reach {
    /// First fetch after a jump.
    few: usize,
    /// A source up to this size is fetched whole: two reads of it would cost more.
    small: u64,
    /// Ranges kept.
    kept: usize,
}

/// A file of the machine: a read costs little.
const NEAR: Reach = Reach { few: 4 << 10, small: 128 << 10, kept: 4 };
/// A file behind a URL: a read costs as much time as some hundred kilobytes.
const FAR: Reach = Reach { few: 16 << 10, small: 256 << 10, kept: 16 };
/// Largest fetch of a sequential scan.
const MANY: usize = 4 << 20;

/// Reads through a small cache.
pub struct Cached {
    inner: Rc<dyn ReadAt>,
    reach: Reach,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    ranges: VecDeque<Range>,
    next: u64,
    fetch: usize,
}

struct Range {
    start: u64,
    bytes: Vec<u8>,
}

impl Range {
    fn copy_to(&self, offset: u64, out: &mut [u8]) -> Option<usize> {
        let from = usize::try_from(offset.checked_sub(self.start)?).ok()?;
        let bytes = self.bytes.get(from..).filter(|bytes| !bytes.is_empty())?;
        Some(copy(bytes, out))
    }
}

impl Cached {
    /// Caches what is read from `inner`.
    pub fn new(inner: Rc<dyn ReadAt>) -> Self {
        let reach = if inner.is_far() { FAR } else { NEAR };
        Self { inner, reach, state: RefCell::default() }
    }
}

impl State {
    fn find(&self, offset: u64, out: &mut [u8]) -> Option<usize> {
        self.ranges.iter().find_map(|range| range.copy_to(offset, out))
    }

    /// How much to fetch at `offset`: more after each read that follows the one before.
    fn plan(&mut self, offset: u64, few: usize) -> usize {
        let near = self.next..=self.next.saturating_add(self.fetch.max(few) as u64);
        self.fetch = if near.contains(&offset) { self.fetch.saturating_mul(2).clamp(few, MANY) } else { few };
        self.fetch
    }

    fn keep(&mut self, start: u64, bytes: Vec<u8>, kept: usize) {
        self.next = start.saturating_add(bytes.len() as u64);
        self.ranges.truncate(kept.saturating_sub(1));
        self.ranges.push_front(Range { start, bytes });
    }
}

impl ReadAt for Cached {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn is_far(&self) -> bool {
        self.inner.is_far()
    }

    fn is_forward(&self) -> bool {
        self.inner.is_forward()
    }

    fn flow(&self, offset: u64, len: u64) -> Option<Box<dyn Flow>> {
        self.inner.flow(offset, len)
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let mut state = self.state.borrow_mut();
        if let Some(count) = state.find(offset, out) {
            return Ok(count);
        }
        let left = usize::try_from(self.len().saturating_sub(offset)).unwrap_or(usize::MAX);
        if out.is_empty() || left == 0 {
            return Ok(0);
        }
        if self.len() <= self.reach.small {
            let mut bytes = vec![0; usize::try_from(self.len()).unwrap_or(0)];
            let count = self.inner.read_at(0, &mut bytes)?;
            bytes.truncate(count);
            state.keep(0, bytes, self.reach.kept);
            if let Some(count) = state.find(offset, out) {
                return Ok(count);
            }
        }
        let fetch = state.plan(offset, self.reach.few).min(left);
        if out.len() >= fetch {
            let count = self.inner.read_at(offset, out)?;
            state.next = offset.saturating_add(count as u64);
            return Ok(count);
        }
        let mut bytes = vec![0; fetch];
        let count = self.inner.read_at(offset, &mut bytes)?;
        bytes.truncate(count);
        state.keep(offset, bytes, self.reach.kept);
        Ok(state.find(offset, out).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::source::{Counted, Memory, Source};

    fn counted(len: usize) -> (Source, Rc<Cell<u64>>) {
        let read = Rc::new(Cell::new(0));
        let bytes: Vec<u8> = (0..len).map(|at| (at % 251) as u8).collect();
        let counted = Counted::new(Rc::new(Memory::new(bytes)), Rc::clone(&read));
        (Source::new("x", Rc::new(Cached::new(Rc::new(counted)))), read)
    }

    #[test]
    fn a_jump_costs_little() {
        let (source, read) = counted(10 << 20);
        assert_eq!(source.bytes_at(5 << 20, 8).unwrap().len(), 8);
        assert_eq!(read.get(), NEAR.few as u64);
        source.bytes_at((5 << 20) + 8, 100).unwrap();
        assert_eq!(read.get(), NEAR.few as u64, "the second read is answered from the cache");
    }

    #[test]
    fn a_small_source_is_read_once() {
        let (source, read) = counted(100_000);
        for at in [99_000, 0, 50_000, 7] {
            source.bytes_at(at, 500).unwrap();
        }
        assert_eq!(read.get(), 100_000);
    }

    #[test]
    fn the_bytes_are_right_at_every_offset() {
        let (source, _) = counted(1_000_000);
        for at in (0_u64..1_000_000).step_by(333).chain([999_999, 5, 500_000]) {
            assert_eq!(source.bytes_at(at, 1).unwrap(), [(at % 251) as u8]);
        }
    }
}
