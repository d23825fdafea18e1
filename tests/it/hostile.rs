//! The fixtures through readers as bad as the world: one byte at a time, failing at a byte, files cut off anywhere.
//!
//! All fixtures take part. Files with the same bytes and the same name (a recorded run has many) are taken once: a
//! reader sees nothing else of them. One byte at a time is tried on each as a whole. What fails, fails at each byte that
//! makes a difference: a walk meets the same fault for all bytes between two ends of its reads, so one for each such
//! stretch stands for all. Files are cut at every length up to [`EVERY_LENGTH`]; three fixtures are larger, and those
//! are cut at every length near both ends, beside every end of a read, and here and there in between.

use std::collections::{BTreeSet, HashSet};
use std::num::NonZero;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use weighbridge::error::{Error, Result};
use weighbridge::model::{Finding, Severity};
use weighbridge::source::{Cached, Source};

use crate::readers::{Failing, OneByte, Recording, Shared};
use crate::support::{Found, fixtures, render, walk};

/// A part of a number is a number, and a name without a telling extension promises nothing.
const UNDETECTABLE: &[&str] = &["json/scalar.json", "json/no_extension"];

/// Bytes that no mark fits into.
const UNMARKED: usize = 4;

/// Files up to this long are cut at every length: all that recorded runs hold.
const EVERY_LENGTH: usize = 16 << 10;

/// Of longer ones, lengths tried at each end, around each end of a read, and about how many in between.
const NEAR_ENDS: usize = 1 << 10;
const NEAR_READS: u64 = 2;
const BETWEEN: usize = 100;

type Walked = Vec<(String, Result<Found>)>;

/// One fixture.
struct Case {
    path: String,
    bytes: Vec<u8>,
}

impl Case {
    /// Where the reads of a walk over the whole file begin and end.
    fn ends_of_reads(&self) -> BTreeSet<u64> {
        let (recording, ends) = Recording::new(Shared::new(&self.bytes));
        walk(&self.path, Source::new(&self.path, Rc::new(recording)));
        ends.take()
    }

    fn lengths(&self) -> BTreeSet<usize> {
        let len = self.bytes.len();
        if len <= EVERY_LENGTH {
            return (0..len).collect();
        }
        let reads = self.ends_of_reads();
        let reads = reads.iter().flat_map(|end| end.saturating_sub(NEAR_READS)..=end + NEAR_READS);
        let reads = reads.map(|at| usize::try_from(at).unwrap()).filter(|at| *at < len);
        let ends = (0..NEAR_ENDS).chain(len - NEAR_ENDS..len);
        reads.chain(ends).chain((0..len).step_by(len / BETWEEN)).collect()
    }
}

/// Runs `check` on every fixture, on all cores, and tells all that it says against them.
fn each_fixture(check: impl Fn(&Case) -> Vec<String> + Sync) {
    let mut seen = HashSet::new();
    let mut all = fixtures();
    all.retain(|(path, bytes)| seen.insert((path.rsplit('/').next().unwrap().to_owned(), bytes.clone())));
    all.sort_by_key(|(_, bytes)| std::cmp::Reverse(bytes.len()));
    let cases: Vec<Case> = all.into_iter().map(|(path, bytes)| Case { path, bytes }).collect();
    let next = AtomicUsize::new(0);
    let work = || {
        let mut said = Vec::new();
        while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            said.extend(check(case));
        }
        said
    };
    let said: Vec<String> = thread::scope(|scope| {
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(said.is_empty(), "{} faults, the first of them:\n{}", said.len(), said[..said.len().min(10)].join("\n"));
}

#[test]
fn reading_one_byte_at_a_time_changes_nothing() {
    each_fixture(|Case { path, bytes }| {
        let bytes = Shared::new(bytes);
        let whole = render(&walk(path, Source::new(path, Rc::new(bytes.clone()))));
        let single = render(&walk(path, Source::new(path, Rc::new(OneByte(bytes.clone())))));
        let cached = render(&walk(path, Source::new(path, Rc::new(Cached::new(Rc::new(OneByte(bytes)))))));
        let same = whole == single && whole == cached;
        if same { Vec::new() } else { vec![format!("{whole}\none byte at a time:\n{single}\ncached:\n{cached}")] }
    });
}

/// What is said against a file and its members, as codes.
fn told(walked: &Walked) -> HashSet<&str> {
    let mut told = HashSet::new();
    for (_, outcome) in walked {
        let findings = match outcome {
            Err(error) => {
                told.insert(error.code());
                continue;
            }
            Ok(Found::Archive(listed)) => &listed.findings,
            Ok(Found::File(contents)) => &contents.findings,
        };
        told.extend(findings.iter().map(|finding| finding.code.as_str()));
        let unexamined = matches!(outcome, Ok(Found::File(contents)) if contents.not_examined.is_some());
        told.extend(unexamined.then_some("not examined"));
    }
    told
}

/// Whether something is wrong with a file; notes tell of what is right but rare.
fn is_faulty(walked: &Walked) -> bool {
    let serious = |findings: &[Finding]| findings.iter().any(|finding| finding.severity != Severity::Note);
    walked.iter().any(|(_, outcome)| match outcome {
        Err(_) => true,
        Ok(Found::Archive(listed)) => serious(&listed.findings),
        Ok(Found::File(contents)) => serious(&contents.findings) || contents.not_examined.is_some(),
    })
}

/// A shorter text is a text, and fewer lines are lines.
fn is_textual(walked: &Walked) -> bool {
    let textual = |found: &Found| match found {
        Found::File(contents) => matches!(contents.format.as_str(), "text" | "yaml" | "toml" | "jsonl" | "unknown"),
        Found::Archive(_) => false,
    };
    walked.first().is_some_and(|(_, outcome)| outcome.as_ref().is_ok_and(textual))
}

#[test]
fn a_file_cut_off_anywhere_is_never_taken_for_whole() {
    each_fixture(|case| {
        let (path, bytes) = (&case.path, Shared::new(&case.bytes));
        let all = walk(path, Source::new(path, Rc::new(bytes.clone())));
        let (whole, known) = (render(&all), told(&all));
        // What is wrong already may be cut right.
        let exempt = is_faulty(&all) || UNDETECTABLE.contains(&path.as_str()) || is_textual(&all);
        let mut said = Vec::new();
        for len in case.lengths() {
            let found = walk(path, bytes.cut(path, len));
            let unmarked = len < UNMARKED && (path.ends_with(".bin") || !path.contains('.'));
            let in_silence = told(&found).is_subset(&known);
            if !exempt && !unmarked && in_silence && render(&found) != whole {
                said.push(format!("{path} cut to {len} bytes:\n{}", render(&found)));
            }
        }
        said
    });
}

#[test]
fn a_reader_that_fails_is_told_as_such() {
    each_fixture(|case| {
        let (path, bytes) = (&case.path, Shared::new(&case.bytes));
        let whole = render(&walk(path, Source::new(path, Rc::new(bytes.clone()))));
        let fails = |at: &u64| {
            let failing = Failing { bytes: bytes.clone(), at: *at };
            let found = walk(path, Source::new(path, Rc::new(failing)));
            let told = found.iter().any(|(_, outcome)| matches!(outcome, Err(Error::Io { .. })));
            (!told && render(&found) != whole).then(|| format!("{path} failing at {at}:\n{}", render(&found)))
        };
        case.ends_of_reads().iter().filter_map(fails).collect()
    });
}
