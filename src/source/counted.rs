//! Counts the bytes that are really read.

use std::cell::Cell;
use std::io;
use std::rc::Rc;

use super::ReadAt;

/// Passes reads on and adds them up.
pub struct Counted {
    inner: Rc<dyn ReadAt>,
    read: Rc<Cell<u64>>,
}

impl Counted {
    /// Counts into `read`, which may be shared by several sources.
    pub fn new(inner: Rc<dyn ReadAt>, read: Rc<Cell<u64>>) -> Self {
        Self { inner, read }
    }
}

impl ReadAt for Counted {
    fn len(&self) -> u64 {
        self.inner.len()
    }

    fn is_far(&self) -> bool {
        self.inner.is_far()
    }

    fn is_forward(&self) -> bool {
        self.inner.is_forward()
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read_at(offset, out)?;
        self.read.set(self.read.get().saturating_add(count as u64));
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Memory, Source};

    #[test]
    fn every_byte_is_counted_once() {
        let read = Rc::new(Cell::new(0));
        let source = Source::new("x", Rc::new(Counted::new(Rc::new(Memory::new(vec![0; 100])), Rc::clone(&read))));
        source.bytes_at(10, 20).unwrap();
        source.bytes_at(90, 20).unwrap();
        assert_eq!(read.get(), 30);
    }
}
