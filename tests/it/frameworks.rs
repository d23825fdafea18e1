//! What gguf-py, msgpack and h5py made of the fixtures (`expected/frameworks.py`) against what we make of them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use weighbridge::model::{Contents, Finding, Plain, Severity, Value as Document};
use weighbridge::source::Source;

use crate::expected::facts;
use crate::support::{read, root};

fn expected(kind: &str) -> BTreeMap<String, Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected/frameworks.json");
    let mut all: BTreeMap<String, BTreeMap<String, Value>> =
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    all.remove(kind).unwrap()
}

fn source(path: &str) -> Source {
    Source::memory(path, fs::read(root().join(path)).unwrap())
}

fn contents(path: &str) -> Contents {
    let contents = read(path, &source(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    let wrong = contents.findings.iter().filter(|finding| finding.severity != Severity::Note);
    assert_eq!(wrong.collect::<Vec<_>>(), [] as [&Finding; 0], "{path}");
    contents
}

#[test]
fn tensors_are_those_of_the_formats_own_libraries() {
    for (path, arrays) in expected("arrays") {
        let arrays: BTreeMap<String, Value> = serde_json::from_value(arrays).unwrap();
        assert_eq!(facts(&contents(&path), &source(&path)), arrays, "{path}");
    }
}

/// A list in short has the length that the library gives; everything else is equal.
#[test]
fn documents_are_those_of_the_formats_own_libraries() {
    for (path, document) in expected("documents") {
        let text =
            serde_json::to_string(&Plain(contents(&path).document.unwrap_or(Document::Map(Vec::new())))).unwrap();
        // Whole numbers of more than 64 bits are compared as JSON readers take them.
        let found: Value = serde_json::from_str(&text).unwrap();
        let (Value::Object(mut found), Value::Object(document)) = (found.clone(), document.clone()) else {
            assert_eq!(found, document, "{path}");
            continue;
        };
        for (key, value) in &document {
            if let Some(length) = value.get("length").and_then(Value::as_u64) {
                assert_eq!(found[key]["length"], length, "{path}: {key}");
                found[key] = value.clone();
            }
        }
        assert_eq!(found, document, "{path}");
    }
}
