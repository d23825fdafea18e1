//! Bytes in memory.

use std::io;

use super::{ReadAt, copy};

/// Bytes in memory.
#[derive(Debug, Clone)]
pub struct Memory(Vec<u8>);

impl Memory {
    /// Takes the bytes.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }
}

impl ReadAt for Memory {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let from = usize::try_from(offset).ok().and_then(|at| self.0.get(at..)).unwrap_or_default();
        Ok(copy(from, out))
    }
}
