//! Files to open: those of `tests/fixtures`, and those made on the spot.

use crate::Result;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use xtask::process::root;

/// A file or folder of `tests/fixtures`.
pub fn fixture(path: &str) -> PathBuf {
    root().join("tests/fixtures").join(path)
}

/// The bytes of a file of `tests/fixtures`.
pub fn bytes(path: &str) -> Result<Vec<u8>> {
    let path = fixture(path);
    fs::read(&path).map_err(|cause| format!("{}: {cause}", path.display()))
}

/// A folder of files of our own, gone when dropped.
pub struct Folder {
    folder: TempDir,
}

impl Folder {
    /// An empty one.
    pub fn new() -> Result<Folder> {
        let folder = tempfile::tempdir().map_err(|cause| format!("no temporary folder: {cause}"))?;
        Ok(Folder { folder })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Writes a file into it.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<PathBuf> {
        let path = self.place(name)?;
        fs::write(&path, bytes).map_err(|cause| format!("{name}: {cause}"))?;
        Ok(path)
    }

    /// Makes a file of zeros that occupies no space on most disks.
    pub fn write_zeros(&self, name: &str, length: u64) -> Result<PathBuf> {
        let path = self.place(name)?;
        let sized = File::create(&path).and_then(|file| file.set_len(length));
        sized.map_err(|cause| format!("{name}: {cause}"))?;
        Ok(path)
    }

    fn place(&self, name: &str) -> Result<PathBuf> {
        let path = self.path().join(name);
        let folder = path.parent().unwrap_or(&path);
        fs::create_dir_all(folder).map_err(|cause| format!("{}: {cause}", folder.display()))?;
        Ok(path)
    }
}
