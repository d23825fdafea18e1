//! Damaged PyTorch files and pickles: everything before the byte at which they break is shown, and the byte is told.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use weighbridge::model::{Contents, Finding, Severity, Tensor};
use weighbridge::source::Source;

use crate::support::{read, root};

fn contents(path: &str) -> Contents {
    let source = Source::memory(path, fs::read(root().join(path)).unwrap());
    read(path, &source).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn names(contents: &Contents) -> Vec<&str> {
    contents.tensors.iter().map(|tensor| tensor.name.as_str()).collect()
}

fn wrong(contents: &Contents) -> Vec<&Finding> {
    contents.findings.iter().filter(|finding| finding.severity == Severity::Error).collect()
}

fn without_bytes(contents: &Contents) -> Vec<&str> {
    let lost = |tensor: &&Tensor| tensor.place.is_none();
    contents.tensors.iter().filter(lost).map(|tensor| tensor.name.as_str()).collect()
}

/// Python's own unpickler stops at the same byte, with the same tensors made (`expected/torch_bad.py`).
#[test]
fn what_comes_before_the_break_is_shown() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected/torch_bad.json");
    let told: BTreeMap<String, Value> = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut compared = 0;
    for (path, told) in told.iter().filter(|(_, told)| !told["stops"].is_null()) {
        let contents = contents(path);
        let found = wrong(&contents);
        let stops = contents.findings.iter().filter_map(|finding| finding.offset).min();
        assert!(!found.is_empty(), "{path}: {:?}", contents.findings);
        assert!(contents.pickles.iter().any(|pickle| pickle.stopped.is_some()), "{path}");
        // An opcode whose argument is cut is told at the end of the bytes, and not counted as read.
        let read = contents.pickles.iter().map(|pickle| pickle.offset + pickle.len).max();
        assert!([stops, read].contains(&told["stops"].as_u64()), "{path}: {stops:?}, {read:?}: {found:?}");
        let tensors: Vec<&str> =
            told["tensors"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        assert_eq!(names(&contents), tensors, "{path}");
        compared += 1;
    }
    assert!(compared >= 5, "{compared}");
}

#[test]
fn tensors_without_their_storage_are_listed_without_a_place() {
    for (path, lost) in [
        ("torch-bad/no_storage.pt", "head.weight"),
        ("torch-bad/short_storage.pt", "head.weight"),
        ("torch-bad/beyond_storage.pt", "embed.weight"),
    ] {
        let contents = contents(path);
        assert_eq!(names(&contents), ["embed.weight", "head.weight", "head.bias"], "{path}");
        assert_eq!(without_bytes(&contents), [lost], "{path}: {:?}", contents.findings);
        let found = wrong(&contents);
        assert!(
            !found.is_empty() && found.iter().all(|finding| finding.message.contains("storage")),
            "{path}: {found:?}"
        );
    }
}

/// The directory of a zip is at its end: of one that is cut there is nothing to list but the reason.
#[test]
fn files_that_end_too_early_say_where() {
    let path = "torch-bad/cut_zip.pt";
    let bytes = fs::read(root().join(path)).unwrap();
    let end = bytes.len() as u64;
    let cut = read(path, &Source::memory(path, bytes)).err().map(|error| (error.code(), error.offset()));
    assert_eq!(cut, Some(("malformed", Some(end))));
    let legacy = contents("torch-bad/legacy_cut.pt");
    assert_eq!(names(&legacy), ["model.embed.weight", "model.head.weight", "model.head.bias"]);
    assert!(!without_bytes(&legacy).is_empty(), "{:?}", legacy.findings);
    assert!(!wrong(&legacy).is_empty());
    for path in ["torch-bad/tar_cut_storages.pt", "torch-bad/tar_many.pt"] {
        let tar = contents(path);
        assert_eq!(tar.format, "torch_tar");
        assert!(!wrong(&tar).is_empty(), "{path}: {:?}", tar.findings);
    }
}
