//! The fixtures through readers as bad as the world: one byte at a time, failing at a byte, files cut off anywhere.
//!
//! All fixtures take part. Files with the same bytes and the same name (a recorded run has many) are taken once: a
//! reader sees nothing else of them; whole runs of a writer are many files alike, of which some of each size are taken. One byte at a time is tried on each as a whole. What fails, fails at each byte that
//! makes a difference: all bytes between two ends of reads make the same read of a walk the first to fail, so one of each
//! such stretch stands for all. Files are cut at every length up to 4 KiB, those of [`RECORDED`] up to 16 KiB, which is all
//! of them. Longer ones are cut at every length near both ends, beside every end of a read, and here and there in between:
//! what lies there is data, or a stretch that is read at one go.

use std::collections::{BTreeSet, HashSet};
use std::num::NonZero;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use weighbridge::error::{Error, Result};
use weighbridge::model::{Finding, Opened, Severity};
use weighbridge::source::{Cached, ReadAt, Source};

use crate::opening::{fixture, inspect_folder};
use crate::readers::{Failing, OneByte, Recording, Shared};
use crate::support::{Found, fixtures, render, walk};

/// A part of a number is a number, and a name without a telling extension promises nothing. How many pieces a file of a
/// distributed checkpoint has, only `.metadata` beside it knows.
const UNDETECTABLE: &[&str] = &[
    "json/scalar.json",
    "json/no_extension",
    "frameworks/torch-dcp/step_10/__0_0.distcp",
    "frameworks/torch-dcp/step_20/__0_0.distcp",
];

/// Bytes that no mark fits into.
const UNMARKED: usize = 4;

/// Names under which anything may stand.
const UNTELLING: &[&str] = &[".bin", ".pkl", ".joblib", ".ckpt", "/.metadata"];

/// Runs and models as LinearNexus, transformers and MLX wrote them, and manifests of one.
const RECORDED: &[&str] = &["linearnexus/", "frameworks/hf-sharded/", "frameworks/mlx/", "manifests/"];

/// Files of whole runs whose lengths differ by less than this, and which have the same extension, are alike.
const LIKE: usize = 2 << 10;

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

    /// Lengths to cut it to.
    fn lengths(&self) -> BTreeSet<usize> {
        let len = self.bytes.len();
        let is_recorded = RECORDED.iter().any(|folder| self.path.starts_with(folder));
        if len <= if is_recorded { 16 << 10 } else { 4 << 10 } {
            return (0..len).collect();
        }
        let reads = self.ends_of_reads();
        let reads = reads.iter().flat_map(|end| end.saturating_sub(NEAR_READS)..=end + NEAR_READS);
        let reads = reads.map(|at| usize::try_from(at).unwrap()).filter(|at| *at < len);
        let ends = (0..NEAR_ENDS).chain(len - NEAR_ENDS..len);
        reads.chain(ends).chain((0..len).step_by(len / BETWEEN)).collect()
    }
}

/// Files of whole runs, as folders and in archives.
fn is_of_a_run(path: &str) -> bool {
    let runs = ["codex/", "prism/", "slash-checkpoint/", "tinkex/", "archives/codex_", "archives/slash_"];
    runs.iter().any(|family| path.starts_with(family))
}

/// Runs `check` on every fixture, on all cores, and tells all that it says against them.
fn each_fixture(check: impl Fn(&Case) -> Vec<String> + Sync) {
    let mut seen = HashSet::new();
    let mut all = fixtures();
    all.retain(|(path, bytes)| {
        let name = path.rsplit('/').next().unwrap();
        if is_of_a_run(path) {
            let kind = name.rsplit('.').next().unwrap().to_owned();
            return name != "rng.json" && seen.insert((kind, vec![], bytes.len() / LIKE));
        }
        seen.insert((name.to_owned(), bytes.clone(), 0))
    });
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
            let unmarked = len < UNMARKED && (UNTELLING.iter().any(|end| path.ends_with(end)) || !path.contains('.'));
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

/// One step of a run, with the file called `name` replaced.
fn step_with(name: &str, replace: impl Fn(&[u8]) -> Rc<dyn ReadAt>) -> Opened {
    let folder = "linearnexus/run/checkpoints/step_200";
    let files = fixtures().into_iter().filter_map(|(path, bytes)| {
        let of_step = path.strip_prefix(folder)?.strip_prefix('/')?;
        let bytes = if of_step == name { replace(&bytes) } else { Rc::new(Shared::new(&bytes)) };
        Some((format!("step_200/{of_step}"), bytes))
    });
    inspect_folder("step_200", files.collect())
}

/// The parts of a checkpoint that are read, and what is missing without them.
const READ: [(&str, Option<&str>); 5] = [
    ("model.npz", Some("model")),
    ("optimizer.npz", Some("optimizer")),
    ("config.json", Some("config")),
    ("metrics.json", None),
    ("structure.json", None),
];

/// Damage in one file is told of that file, and takes nothing from the others.
fn check_damaged(opened: &Opened, name: &str, missing: Option<&str>) {
    let [run] = opened.runs.as_slice() else { panic!("{name}: one run") };
    let [checkpoint] = run.checkpoints.as_slice() else { panic!("{name}: one checkpoint") };
    let parts = ["model", "optimizer", "rng", "config"];
    let expected: Vec<_> =
        parts.into_iter().filter(|what| *what == "rng" || Some(*what) == missing).map(str::to_owned).collect();
    assert_eq!((checkpoint.step, &checkpoint.resume.missing), (Some(200), &expected), "{name}");
    for (index, entry) in opened.entries.iter().enumerate() {
        let contents = opened.contents_at(index).unwrap();
        let faulty = contents.findings.iter().any(|finding| finding.severity == Severity::Error);
        assert_eq!(faulty, entry.path == format!("step_200/{name}"), "{} with {name} damaged", entry.path);
    }
    assert!(!run.findings.iter().any(|finding| finding.code.starts_with("structure-")), "{name}: {:?}", run.findings);
}

#[test]
fn a_run_with_one_broken_file_tells_of_that_file() {
    for (name, missing) in READ {
        let len = fixture(&format!("linearnexus/run/checkpoints/step_200/{name}")).metadata().unwrap().len() as usize;
        for cut in [1, 9, len / 2, len - 1] {
            check_damaged(&step_with(name, |bytes| Rc::new(Shared::new(&bytes[..cut]))), name, missing);
        }
        for at in [0, len as u64 - 1] {
            check_damaged(&step_with(name, |bytes| Rc::new(Failing { bytes: Shared::new(bytes), at })), name, missing);
        }
    }
}

/// The end of a long manifest is read last, and only by who looks for manifests.
#[test]
fn a_manifest_that_cannot_be_read_is_told() {
    let lines: String = (0..900).map(|n| format!("{n:064x}  file_{n}.bin\n")).collect();
    let bytes = Shared::new(lines.as_bytes());
    let at = lines.len() as u64 - 1;
    let files: Vec<(String, Rc<dyn ReadAt>)> = vec![("SHA256SUMS".to_owned(), Rc::new(Failing { bytes, at }))];
    let opened = inspect_folder("SHA256SUMS", files);
    let contents = opened.contents_at(0).unwrap();
    let told: Vec<_> = contents.findings.iter().map(|finding| finding.code.as_str()).collect();
    assert_eq!((told.as_slice(), contents.manifest.is_none()), (["unreadable"].as_slice(), true));
}
