//! An npz of very many small arrays, written by NumPy as users' files are.

use crate::rival::python;
use std::path::Path;
use xtask::process::Result;

/// Lets NumPy write it.
pub fn make(path: &Path) -> Result {
    python::run("make_npz.py", &[&path.to_string_lossy()]).map(|_| ())
}
