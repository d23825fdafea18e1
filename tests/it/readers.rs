//! Readers as bad as the world, and one that writes down what is asked of it.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io;
use std::rc::Rc;

use weighbridge::source::{ReadAt, Source};

/// Bytes that many sources share.
#[derive(Clone)]
pub(crate) struct Shared(Rc<[u8]>);

impl Shared {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }

    /// The first `len` bytes as a file of their own.
    pub(crate) fn cut(&self, path: &str, len: usize) -> Source {
        let cut = Cut { bytes: self.clone(), len: len.min(self.0.len()) };
        Source::new(path, Rc::new(cut))
    }
}

impl ReadAt for Shared {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        Ok(copy(&self.0, offset, out))
    }
}

fn copy(bytes: &[u8], offset: u64, out: &mut [u8]) -> usize {
    let from = usize::try_from(offset).ok().and_then(|at| bytes.get(at..)).unwrap_or_default();
    let count = from.len().min(out.len());
    out[..count].copy_from_slice(&from[..count]);
    count
}

struct Cut {
    bytes: Shared,
    len: usize,
}

impl ReadAt for Cut {
    fn len(&self) -> u64 {
        self.len as u64
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        Ok(copy(&self.bytes.0[..self.len], offset, out))
    }
}

/// Gives one byte at a time.
pub(crate) struct OneByte(pub(crate) Shared);

impl ReadAt for OneByte {
    fn len(&self) -> u64 {
        self.0.len()
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let most = out.len().min(1);
        self.0.read_at(offset, &mut out[..most])
    }
}

/// Fails when byte `at` is read.
pub(crate) struct Failing {
    pub(crate) bytes: Shared,
    pub(crate) at: u64,
}

impl ReadAt for Failing {
    fn len(&self) -> u64 {
        self.bytes.len()
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        if offset <= self.at && self.at < offset + out.len() as u64 {
            return Err(io::Error::other("the cable was pulled"));
        }
        self.bytes.read_at(offset, out)
    }
}

/// Writes down where reads begin and end.
pub(crate) struct Recording {
    bytes: Shared,
    ends: Rc<RefCell<BTreeSet<u64>>>,
}

impl Recording {
    /// The reader, and what it will have written down.
    pub(crate) fn new(bytes: Shared) -> (Self, Rc<RefCell<BTreeSet<u64>>>) {
        let ends = Rc::new(RefCell::new(BTreeSet::from([0])));
        (Self { bytes, ends: Rc::clone(&ends) }, ends)
    }
}

impl ReadAt for Recording {
    fn len(&self) -> u64 {
        self.bytes.len()
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let end = offset.saturating_add(out.len() as u64).min(self.len());
        self.ends.borrow_mut().extend([offset, end]);
        self.bytes.read_at(offset, out)
    }
}
