//! A file that flows, for the tests of tasks that go through bytes front to back.

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::task::Poll;

use crate::source::{Flow, ReadAt, Source};

/// Longest piece that comes: no multiple of any element.
const PIECE: usize = 300_007;

/// A file of `len` bytes that comes in pieces, every second time not at once, and ends after `bytes`.
pub(super) struct Flowing {
    pub(super) len: u64,
    pub(super) bytes: Rc<[u8]>,
    /// Whether the end is an error.
    pub(super) fails: bool,
    /// How often it was asked to flow.
    pub(super) flows: Rc<Cell<u32>>,
}

impl Flowing {
    /// The file as a source.
    pub(super) fn source(self) -> Source {
        Source::new("x", Rc::new(self) as Rc<dyn ReadAt>)
    }
}

impl ReadAt for Flowing {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, _offset: u64, _out: &mut [u8]) -> io::Result<usize> {
        Err(io::Error::other("read at a position although it flows"))
    }

    fn flow(&self, offset: u64, len: u64) -> Option<Box<dyn Flow>> {
        self.flows.set(self.flows.get() + 1);
        let end = (offset + len).min(self.bytes.len() as u64) as usize;
        let (bytes, at) = (Rc::clone(&self.bytes), offset as usize);
        Some(Box::new(Pieces { bytes, at, end, fails: self.fails, is_late: true }))
    }
}

struct Pieces {
    bytes: Rc<[u8]>,
    at: usize,
    end: usize,
    fails: bool,
    is_late: bool,
}

impl Flow for Pieces {
    fn poll(&mut self) -> Poll<io::Result<usize>> {
        if std::mem::replace(&mut self.is_late, false) {
            return Poll::Pending;
        }
        match self.end.saturating_sub(self.at).min(PIECE) {
            0 if self.fails => Poll::Ready(Err(io::Error::other("the disk is gone"))),
            piece => Poll::Ready(Ok(piece)),
        }
    }

    fn take(&mut self, out: &mut [u8]) {
        out.copy_from_slice(&self.bytes[self.at..self.at + out.len()]);
        self.at += out.len();
        self.is_late = true;
    }
}
