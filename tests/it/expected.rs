//! What NumPy, safetensors, zipfile and tarfile made of the fixtures (`fixtures/expected.py`) against what we make of them.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;
use weighbridge::digest::Sha256;
use weighbridge::model::{Contents, Locator, Tensor, Value as Document};
use weighbridge::source::{Roots, Source};

use crate::support::{Found, fixtures, look, read, root};

/// Files that the other reader refuses for a reason of its own, and we do not.
const STRICTER: &[&str] = &[
    // NumPy wants fewer dimensions than there are; we only list them.
    "npy-bad/trailing_header.npy",
];

fn expected(kind: &str) -> BTreeMap<String, Value> {
    let text = fs::read_to_string(root().join("expected.json")).unwrap();
    let mut all: BTreeMap<String, BTreeMap<String, Value>> = serde_json::from_str(&text).unwrap();
    all.remove(kind).unwrap()
}

fn source(path: &str) -> Source {
    Source::memory(path, fs::read(root().join(path)).unwrap())
}

/// Type, shape and digest of the bytes its place leads to.
fn fact(tensor: &Tensor, roots: &Roots) -> Value {
    let digest = tensor.place.as_ref().map(|place| {
        let bytes = roots.open(&Locator::root(0).then(&place.layers)).unwrap().bytes_at(0, u64::MAX).unwrap();
        assert_eq!(bytes.len() as u64, tensor.size_bytes, "{}", tensor.name);
        Sha256::of(&bytes).to_string()
    });
    serde_json::json!([tensor.dtype.name(), tensor.shape, digest])
}

/// What is told of each tensor, by name.
pub(crate) fn facts(contents: &Contents, file: &Source) -> BTreeMap<String, Value> {
    let roots = Roots::new(vec![file.clone()]);
    contents.tensors.iter().map(|tensor| (tensor.name.clone(), fact(tensor, &roots))).collect()
}

#[test]
fn names_types_shapes_and_bytes_are_those_of_the_other_implementations() {
    for (path, arrays) in expected("arrays") {
        let file = source(&path);
        let found = read(&path, &file);
        match arrays {
            Value::Null => {
                let silent = found.as_ref().is_ok_and(|contents| contents.findings.is_empty());
                assert!(
                    !silent || STRICTER.contains(&path.as_str()),
                    "{path}: refused by the other, accepted in silence"
                );
            }
            Value::Object(arrays) => {
                let contents = found.unwrap_or_else(|error| panic!("{path}: {error}"));
                let arrays: BTreeMap<String, Value> = arrays.into_iter().collect();
                let mut facts = facts(&contents, &file);
                if !contents.findings.is_empty() {
                    // A repeated name hides its twin from the other reader.
                    facts.retain(|name, _| arrays.contains_key(name));
                }
                assert_eq!(facts, arrays, "{path}");
            }
            other => panic!("{path}: {other}"),
        }
    }
}

/// What the library refuses has a finding that says so, what it accepts has none.
#[test]
fn the_strict_judge_agrees_with_the_safetensors_library() {
    for (path, tensors) in expected("arrays").into_iter().filter(|(path, _)| path.ends_with(".safetensors")) {
        let refused = match read(&path, &source(&path)) {
            Err(_) => true,
            Ok(contents) if contents.format != "safetensors" => true,
            Ok(contents) => contents.findings.iter().any(|finding| finding.code == "safetensors-strict"),
        };
        assert_eq!(refused, tensors.is_null(), "{path}");
    }
}

#[test]
fn members_and_their_bytes_are_those_of_the_other_implementations() {
    for (path, members) in expected("archives") {
        let Value::Object(members) = members else { continue };
        let file = source(&path);
        let Found::Archive(listed) = look(&path, &file, 0).unwrap() else { panic!("{path} is an archive") };
        let roots = Roots::new(vec![file]);
        let found: BTreeMap<String, Value> = listed
            .members
            .iter()
            .map(|member| {
                let name = if members.contains_key("") { String::new() } else { member.path.clone() };
                let bytes = roots.open(&Locator::root(0).then(&member.layers)).unwrap().bytes_at(0, u64::MAX).unwrap();
                assert_eq!(bytes.len() as u64, member.size, "{path} {}", member.path);
                (name, Value::String(Sha256::of(&bytes).to_string()))
            })
            .collect();
        assert_eq!(found, members.into_iter().collect(), "{path}");
    }
}

/// Whether our value is the other's.
pub(crate) fn same(ours: &Document, other: &Value) -> bool {
    match (ours, other) {
        (Document::Null, Value::Null) => true,
        (Document::Bool(a), Value::Bool(b)) => a == b,
        (Document::Int(a), Value::Number(b)) => b.as_i64() == Some(*a),
        (Document::Big(a), Value::Number(b)) => *a == b.to_string(),
        (Document::Float(a), Value::Number(b)) => b.as_f64().is_some_and(|b| b.to_bits() == a.to_bits()),
        (Document::Text(a), Value::String(b)) => a == b,
        (Document::List(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Document::Map(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        _ => false,
    }
}

/// All of each document, not only as much as a snapshot shows.
#[test]
fn documents_are_what_serde_json_says() {
    let mut compared = 0;
    for (path, bytes) in fixtures().into_iter().filter(|(path, _)| path.ends_with(".json")) {
        let Ok(expected) = serde_json::from_slice::<Value>(&bytes) else { continue };
        let contents = read(&path, &Source::memory(&path, bytes)).unwrap();
        if contents.findings.is_empty() {
            assert!(same(contents.document.as_ref().unwrap(), &expected), "{path}");
            compared += 1;
        }
    }
    assert!(compared > 70, "{compared} documents");
}
