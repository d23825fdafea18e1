//! What torch, pickle and pickletools made of PyTorch files and pickles (`expected/torch_files.py`, `expected/pickles.py`)
//! against what we make of them.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::Value as Json;
use weighbridge::digest::Sha256;
use weighbridge::model::{Endian, Locator, Order, Place, Tensor, Value};
use weighbridge::pickle::{Machine, Reader, Repr};
use weighbridge::source::{Roots, Source};

use crate::support::{read, root};

/// One of the files under `tests/expected`.
pub(crate) fn expected(name: &str) -> BTreeMap<String, Json> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected").join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn source(path: &str) -> Source {
    Source::memory(path, fs::read(root().join(path)).unwrap())
}

/// The elements in order, little-endian.
fn elements(tensor: &Tensor, place: &Place, bytes: &[u8]) -> Vec<u8> {
    let width = usize::try_from(tensor.dtype.bits().div_ceil(8)).unwrap();
    let steps: Vec<u64> = match &place.order {
        Order::Strided(steps) => steps.clone(),
        order => {
            let mut step = 1;
            let mut one = |length: &u64| {
                let own = step;
                step *= length.max(&1);
                own
            };
            match order {
                Order::Fortran => tensor.shape.iter().map(&mut one).collect(),
                _ => tensor.shape.iter().rev().map(&mut one).collect::<Vec<_>>().into_iter().rev().collect(),
            }
        }
    };
    let mut all = Vec::new();
    for index in 0..tensor.elements() {
        let (mut rest, mut at) = (index, 0);
        for (length, step) in tensor.shape.iter().zip(&steps).rev() {
            at += (rest % length) * step;
            rest /= length;
        }
        let at = usize::try_from(at).unwrap() * width;
        let element = &bytes[at..at + width];
        match place.endian {
            Endian::Little => all.extend(element),
            Endian::Big => all.extend(element.iter().rev()),
        }
    }
    all
}

/// Type, shape and digest of the elements of a tensor; `None` when they are nowhere.
pub(crate) fn fact(tensor: &Tensor, roots: &Roots) -> Option<Json> {
    let place = tensor.place.as_ref()?;
    let bytes = roots.open(&Locator::root(0).then(&place.layers)).unwrap().bytes_at(0, u64::MAX).unwrap();
    let digest = Sha256::of(&elements(tensor, place, &bytes)).to_string();
    Some(serde_json::json!([tensor.dtype.name(), tensor.shape, digest]))
}

#[test]
fn tensors_are_those_of_torch() {
    for (path, file) in expected("torch_files.json") {
        let source = source(&path);
        let contents = read(&path, &source).unwrap();
        let expected: BTreeMap<String, Json> = serde_json::from_value(file["tensors"].clone()).unwrap();
        let roots = Roots::new(vec![source]);
        let names: Vec<&String> = contents.tensors.iter().map(|tensor| &tensor.name).collect();
        assert_eq!(names.len(), expected.len(), "{path}: {names:?}");
        for tensor in &contents.tensors {
            let known = expected.get(&tensor.name).unwrap_or_else(|| panic!("{path}: {}", tensor.name));
            match fact(tensor, &roots) {
                Some(found) => assert_eq!(&found, known, "{path}: {}", tensor.name),
                // Arrays that protocol 2 writes as text have no bytes in the file.
                None => {
                    let found = serde_json::json!([tensor.dtype.name(), tensor.shape]);
                    assert_eq!(found, serde_json::json!([known[0], known[1]]), "{path}: {}", tensor.name);
                    assert!(path.contains("rng") || path.contains("random") || !tensor.name.contains("weight"));
                }
            }
        }
    }
}

/// Every value that has a JSON form is the loaded one, in the same place.
fn compare(path: &str, found: &Value, expected: &Json) {
    match (found, expected) {
        (_, Json::Null) => {}
        (Value::Map(pairs), Json::Object(map)) => {
            for (key, inner) in map {
                let value = pairs.iter().rev().find(|(name, _)| name == key);
                let (_, value) = value.unwrap_or_else(|| panic!("{path}.{key} is missing"));
                compare(&format!("{path}.{key}"), value, inner);
            }
            let own = pairs.iter().filter(|(key, _)| key != "__class__").count();
            assert_eq!(own, map.len(), "{path}");
        }
        (Value::List(items), Json::Array(list)) => {
            assert_eq!(items.len(), list.len(), "{path}");
            for (at, (item, inner)) in items.iter().zip(list).enumerate() {
                compare(&format!("{path}.{at}"), item, inner);
            }
        }
        (Value::Text(text), Json::String(known)) => assert_eq!(text, known, "{path}"),
        (Value::Float(number), Json::String(known)) => assert_eq!(&weighbridge::pickle::float_repr(*number), known),
        (Value::Float(number), known) => assert_eq!(Some(*number), known.as_f64(), "{path}"),
        (Value::Int(number), known) => assert_eq!(Some(*number), known.as_i64(), "{path}"),
        (Value::Big(digits), known) => assert_eq!(digits.parse::<f64>().ok(), known.as_f64(), "{path}"),
        (Value::Bool(flag), known) => assert_eq!(Some(*flag), known.as_bool(), "{path}"),
        (found, known) => panic!("{path}: {found:?}, expected {known}"),
    }
}

#[test]
fn values_are_those_that_torch_loads() {
    for (path, file) in expected("torch_files.json") {
        let document = read(&path, &source(&path)).unwrap().document.unwrap();
        compare(&path, &document, &file["values"]);
    }
}

/// Paths and elements of the small arrays of a document.
fn small(path: &str, value: &Value, found: &mut Vec<(String, Vec<Value>)>) {
    let inner = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    if let Some(elements) = value.elements() {
        found.push((path.to_owned(), elements.to_vec()));
    } else if let Some(pairs) = value.pairs() {
        pairs.iter().for_each(|(key, value)| small(&inner(key), value, found));
    } else if let Some(items) = value.items() {
        items.iter().enumerate().for_each(|(at, value)| small(&inner(&at.to_string()), value, found));
    }
}

#[test]
fn elements_of_small_tensors_are_those_of_torch() {
    let mut compared = 0;
    for (path, file) in expected("torch_files.json") {
        let mut found = Vec::new();
        small("", &read(&path, &source(&path)).unwrap().document.unwrap(), &mut found);
        for (name, values) in found {
            if let Some(known) = file["elements"].get(&name) {
                compare(&format!("{path}: {name}"), &Value::List(values), known);
                compared += 1;
            }
        }
    }
    assert!(compared > 20, "{compared}");
}

/// A line for each opcode, and the byte after the last.
fn events(source: &Source, offset: u64) -> (String, u64) {
    let mut reader = Reader::new(source.clone(), offset);
    let mut lines = String::new();
    loop {
        let event = reader.next_event().unwrap();
        lines.push_str(&format!("{} {}\n", event.offset - offset, event.name));
        if event.name == "STOP" {
            return (lines, reader.position() - offset);
        }
    }
}

#[test]
fn opcodes_are_those_of_pickletools() {
    for (path, pickles) in expected("opcodes.json") {
        let source = source(&path);
        for pickle in pickles.as_array().unwrap() {
            let (lines, len) = events(&source, pickle[0].as_u64().unwrap());
            let found =
                serde_json::json!([pickle[0], len, lines.lines().count(), Sha256::of(lines.as_bytes()).to_string()]);
            assert_eq!(&found, pickle, "{path}");
        }
    }
}

fn digest(text: &str) -> String {
    Sha256::of(text.as_bytes()).to_string()[..16].to_owned()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn ten_thousand_pickles_are_read_as_python_reads_them() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected/pickles.bin.gz");
    let mut all = Vec::new();
    GzDecoder::new(fs::File::open(path).unwrap()).read_to_end(&mut all).unwrap();
    let (mut rest, mut count, mut compared) = (all.as_slice(), 0, 0);
    while let Some((len, after)) = rest.split_first_chunk::<4>() {
        let (bytes, after) = after.split_at(usize::try_from(u32::from_le_bytes(*len)).unwrap());
        let (digests, after) = after.split_at(16);
        rest = after;
        let source = Source::memory("pickle", bytes);
        assert_eq!(digest(&events(&source, 0).0), hex(&digests[..8]), "opcodes of pickle {count}");
        let program = Machine::run(source, 0).unwrap();
        assert!(program.stopped.is_none(), "pickle {count}: {:?}", program.stopped);
        // Before protocol 4 sets, and before 3 bytes, are made by calls.
        if program.pickle.imports.is_empty() {
            let text = Repr::of(&program.heap, &[], program.top.unwrap(), usize::MAX);
            assert_eq!(digest(&text), hex(&digests[8..]), "pickle {count}: {text}");
            compared += 1;
        }
        count += 1;
    }
    assert_eq!(count, 10_000);
    assert!(compared > 6000, "{compared}");
}
