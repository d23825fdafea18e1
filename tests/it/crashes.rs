//! Inputs that once crashed a reader, opened again.

use std::fs;
use std::path::Path;

use weighbridge::source::Source;

use crate::support::walk;

#[test]
fn what_crashed_once_does_not_crash_again() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/crashes");
    for family in fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()) {
        for path in fs::read_dir(family).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            walk(&name, Source::memory(&name, fs::read(&path).unwrap()));
        }
    }
}
