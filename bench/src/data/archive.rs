//! Zip files, written by Python as users' files are.

use super::SHARDS;
use crate::rival::python;
use std::path::Path;
use xtask::process::Result;

/// An npz of a few large deflated arrays.
pub fn deflated(path: &Path) -> Result {
    python::run("make_deflated.py", &[&path.to_string_lossy()]).map(|_| ())
}

/// A zip of the files of [`SHARDS`].
pub fn shards(path: &Path) -> Result {
    let folder = SHARDS.path()?;
    python::run("make_zip.py", &[&path.to_string_lossy(), &folder.to_string_lossy()]).map(|_| ())
}

/// An npz of very many small arrays.
pub fn make(path: &Path) -> Result {
    python::run("make_npz.py", &[&path.to_string_lossy()]).map(|_| ())
}
