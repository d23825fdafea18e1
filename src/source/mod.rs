//! Bytes in: the only I/O seam of the crate.
//!
//! [`ReadAt`] is what an environment implements (memory, a file, a browser `Blob`, an HTTP range). [`Source`] is what
//! everything else uses: a named, bounded, cheaply cloned view of one, with `Read + Seek`, so that the ecosystem's
//! parsers work on it unchanged. A window of a source is a source.
//!
//! "read" consumes a source, "parse" consumes bytes already in memory, "probe" looks at a bounded part.

mod blocks;
mod cached;
mod counted;
pub mod http;
mod inflated;
mod memory;
#[cfg(not(target_arch = "wasm32"))]
mod native;
mod roots;
mod zip_member;

use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;
use std::task::Poll;

pub use blocks::Blocks;
pub use cached::Cached;
pub use counted::Counted;
pub use inflated::{Inflated, Wrapping};
pub use memory::Memory;
#[cfg(not(target_arch = "wasm32"))]
pub use native::NativeFile;
pub use roots::Roots;
pub use zip_member::data_offset as zip_data_offset;

use crate::error::{Error, Result};

/// Positional reading of something with a length. Implementations may return fewer bytes than asked for.
pub trait ReadAt {
    /// Length in bytes.
    fn len(&self) -> u64;

    /// True when there are no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads some bytes at `offset` into `out`; 0 at or past the end.
    ///
    /// # Errors
    /// What the environment says.
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize>;

    /// True when each read is a round trip over a network.
    fn is_far(&self) -> bool {
        false
    }

    /// True when a read in front of the one before begins again from the start, however far that is.
    fn is_forward(&self) -> bool {
        false
    }

    /// `len` bytes from `offset`, front to back, where the environment has a faster way than reading at positions.
    fn flow(&self, offset: u64, len: u64) -> Option<Box<dyn Flow>> {
        let _nothing_faster = (offset, len);
        None
    }
}

/// Bytes that come by themselves, a piece at a time. When a piece has come, the environment lets the worker go on.
pub trait Flow {
    /// Length of the piece that has come, 0 at the end.
    ///
    /// # Errors
    /// What the environment says.
    fn poll(&mut self) -> Poll<io::Result<usize>>;

    /// Copies the piece that has come to `out`, which is as long as it, and lets the next one come.
    fn take(&mut self, out: &mut [u8]);
}

/// A named window of some bytes, with a position of its own.
#[derive(Clone)]
pub struct Source {
    bytes: Rc<dyn ReadAt>,
    name: Rc<str>,
    start: u64,
    len: u64,
    position: u64,
}

impl Source {
    /// All of `bytes`, called `name` in error messages.
    pub fn new(name: &str, bytes: Rc<dyn ReadAt>) -> Self {
        let len = bytes.len();
        Self { bytes, name: name.into(), start: 0, len, position: 0 }
    }

    /// Bytes in memory.
    pub fn memory(name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self::new(name, Rc::new(Memory::new(bytes)))
    }

    /// True when reading backward is out of the question: see [`ReadAt::is_forward`].
    pub fn is_forward(&self) -> bool {
        self.bytes.is_forward()
    }

    /// Length in bytes.
    pub fn len(&self) -> u64 {
        self.len
    }

    /// True when there are no bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same bytes from their start under another name.
    #[must_use]
    pub fn renamed(&self, name: &str) -> Self {
        Self { name: name.into(), position: 0, ..self.clone() }
    }

    /// `len` bytes from `offset`, or `None` when they do not fit.
    pub fn window(&self, offset: u64, len: u64) -> Option<Self> {
        let end = offset.checked_add(len)?;
        let start = self.start.checked_add(offset)?;
        (end <= self.len).then(|| Self {
            bytes: Rc::clone(&self.bytes),
            name: Rc::clone(&self.name),
            start,
            len,
            position: 0,
        })
    }

    /// All bytes, front to back, where the environment has a faster way than reading at positions.
    pub fn flow(&self) -> Option<Box<dyn Flow>> {
        self.bytes.flow(self.start, self.len)
    }

    /// Fills `out` from `offset` as far as the source goes, and says how far.
    ///
    /// # Errors
    /// [`Error::Io`] when the environment fails.
    pub fn fill_at(&self, offset: u64, out: &mut [u8]) -> Result<usize> {
        let mut filled = 0_usize;
        while let Some(rest) = out.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let at = offset.saturating_add(filled as u64);
            match self.read_some(at, rest).map_err(|cause| Error::io(&self.name, at, cause))? {
                0 => break,
                read => filled = filled.saturating_add(read),
            }
        }
        Ok(filled)
    }

    /// Up to `len` bytes from `offset`: fewer only when the source ends. Allocates no more than the source has.
    ///
    /// # Errors
    /// [`Error::Io`] when the environment fails.
    pub fn bytes_at(&self, offset: u64, len: u64) -> Result<Vec<u8>> {
        let available = len.min(self.len.saturating_sub(offset));
        let size = usize::try_from(available).map_err(|_too_large| Error::Limit {
            limit: "memory",
            cap: u64::from(u32::MAX),
            asked: available,
        })?;
        let mut out = vec![0; size];
        let filled = self.fill_at(offset, &mut out)?;
        out.truncate(filled);
        Ok(out)
    }

    /// Exactly `len` bytes from `offset`.
    ///
    /// # Errors
    /// [`Error::Malformed`] for `format` when the source ends before; `what` names the bytes.
    pub fn exact_at(&self, offset: u64, len: u64, format: &'static str, what: &str) -> Result<Vec<u8>> {
        let bytes = self.bytes_at(offset, len)?;
        if bytes.len() as u64 == len {
            return Ok(bytes);
        }
        Err(Error::malformed(format, offset, format!("{what} takes {len} bytes, {} are there", bytes.len())))
    }

    fn read_some(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let left = self.len.saturating_sub(offset);
        let Some(at) = self.start.checked_add(offset).filter(|_| left > 0) else { return Ok(0) };
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(out.len());
        match out.get_mut(..most) {
            Some(part) if !part.is_empty() => self.bytes.read_at(at, part),
            _ => Ok(0),
        }
    }
}

impl Read for Source {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.read_some(self.position, out)?;
        self.position = self.position.saturating_add(read as u64);
        Ok(read)
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(distance) => self.len.checked_add_signed(distance),
            SeekFrom::Current(distance) => self.position.checked_add_signed(distance),
        };
        self.position = position.ok_or_else(|| io::Error::from(io::ErrorKind::InvalidInput))?;
        Ok(self.position)
    }
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Source({}, {} bytes from {})", self.name, self.len, self.start)
    }
}

/// Copies as much as both have; says how much.
fn copy(from: &[u8], to: &mut [u8]) -> usize {
    let count = from.len().min(to.len());
    if let (Some(from), Some(to)) = (from.get(..count), to.get_mut(..count)) {
        to.copy_from_slice(from);
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_reads_its_own_bytes_only() {
        let source = Source::memory("x", *b"0123456789");
        let mut window = source.window(2, 3).unwrap();
        let mut text = String::new();
        window.read_to_string(&mut text).unwrap();
        assert_eq!(text, "234");
        assert_eq!(window.window(1, 2).unwrap().bytes_at(0, 99).unwrap(), b"34");
        assert!(window.window(1, 3).is_none());
        assert!(source.window(u64::MAX, 2).is_none());
    }

    #[test]
    fn exact_says_expected_and_found() {
        let error = Source::memory("x", *b"abc").exact_at(1, 8, "npy", "the header").unwrap_err();
        assert_eq!(error.to_string(), "npy: the header takes 8 bytes, 2 are there (at byte 1)");
    }

    #[test]
    fn seeking_before_the_start_is_an_error() {
        let mut source = Source::memory("x", *b"abc");
        assert!(source.seek(SeekFrom::Current(-1)).is_err());
        assert_eq!(source.seek(SeekFrom::End(-1)).unwrap(), 2);
    }
}
