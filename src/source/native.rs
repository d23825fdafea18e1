//! A file of the operating system: tests, benches and tools outside the browser.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::ReadAt;

/// An open file.
#[derive(Debug)]
pub struct NativeFile {
    file: File,
    len: u64,
}

impl NativeFile {
    /// Opens `path` for reading.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let len = file.metadata()?.len();
        Ok(Self { file, len })
    }
}

impl ReadAt for NativeFile {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(out, offset)
    }
}
