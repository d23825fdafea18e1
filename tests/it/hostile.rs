//! The fixtures through readers as bad as the world: one byte at a time, failing half way, files cut off anywhere.

use std::io;
use std::rc::Rc;

use weighbridge::error::Error;
use weighbridge::source::{Cached, Memory, ReadAt, Source};

use crate::support::{Found, fixtures, render, says_something, walk};

/// A part of a number is a number, and a name without a telling extension promises nothing.
const UNDETECTABLE: &[&str] = &["json/scalar.json", "json/no_extension"];

/// Bytes that no mark fits into.
const UNMARKED: usize = 4;

/// Gives one byte at a time.
struct OneByte(Memory);

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
struct Failing {
    bytes: Memory,
    at: u64,
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

/// Small files at every length, larger ones at some.
fn lengths(len: usize) -> Vec<usize> {
    if len <= 1500 {
        return (0..len).collect();
    }
    let ends = (0..40).chain(len - 40..len);
    let between = (40..len - 40).step_by(len / 60);
    ends.chain(between).collect()
}

/// Fixtures of different shape: of the many files of recorded runs a few stand for all.
fn sample() -> Vec<(String, Vec<u8>)> {
    let representative =
        |path: &str| !path.starts_with("linearnexus/") || path.contains("/step_800/") || path.contains("bf16");
    fixtures().into_iter().filter(|(path, _)| representative(path)).collect()
}

#[test]
fn reading_one_byte_at_a_time_changes_nothing() {
    for (path, bytes) in sample() {
        let whole = render(&walk(&path, Source::memory(&path, bytes.clone())));
        let single = render(&walk(&path, Source::new(&path, Rc::new(OneByte(Memory::new(bytes.clone()))))));
        assert_eq!(whole, single, "{path}");
        let cached = Cached::new(Rc::new(OneByte(Memory::new(bytes))));
        assert_eq!(whole, render(&walk(&path, Source::new(&path, Rc::new(cached)))), "{path}, cached");
    }
}

#[test]
fn a_file_cut_off_anywhere_is_never_taken_for_whole() {
    for (path, bytes) in sample() {
        let all = walk(&path, Source::memory(&path, bytes.clone()));
        let whole = render(&all);
        // A shorter text is a text, and fewer lines are lines.
        let textual = |found: &Found| match found {
            Found::File(contents) => matches!(contents.format.as_str(), "text" | "yaml" | "toml" | "jsonl" | "unknown"),
            Found::Archive(_) => false,
        };
        // What is wrong already may be cut right.
        let exempt = says_something(&all)
            || UNDETECTABLE.contains(&path.as_str())
            || all.first().is_some_and(|(_, outcome)| outcome.as_ref().is_ok_and(textual));
        for len in lengths(bytes.len()) {
            let found = walk(&path, Source::memory(&path, bytes[..len].to_vec()));
            let same = render(&found) == whole;
            let unmarked = len < UNMARKED && (path.ends_with(".bin") || !path.contains('.'));
            assert!(
                exempt || same || unmarked || len == 0 || says_something(&found),
                "{path} cut to {len} bytes:\n{}",
                render(&found)
            );
        }
    }
}

#[test]
fn a_reader_that_fails_is_told_as_such() {
    for (path, bytes) in sample() {
        let whole = render(&walk(&path, Source::memory(&path, bytes.clone())));
        let len = bytes.len() as u64;
        for at in
            (0..len).step_by(bytes.len() / 40 + 1).chain([1, 9, 30, 60, len.saturating_sub(21), len.saturating_sub(1)])
        {
            let failing = Failing { bytes: Memory::new(bytes.clone()), at };
            let found = walk(&path, Source::new(&path, Rc::new(failing)));
            let told = found.iter().any(|(_, outcome)| matches!(outcome, Err(Error::Io { .. })));
            assert!(told || render(&found) == whole, "{path} failing at {at}:\n{}", render(&found));
        }
    }
}
