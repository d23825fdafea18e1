//! The identity of what a checkpoint holds does not depend on its container (`expected/identity.py`).

use std::fs;
use std::path::Path;

use serde_json::Value as Json;
use weighbridge::digest::from_hexadecimal;
use weighbridge::model::Locator;
use weighbridge::source::{Roots, Source};
use weighbridge::task::{Identity, Outcome, run_to_end};
use weighbridge::tensor::{Elements, NamedTensor};

use crate::support::read;

fn bytes(hex: &Json) -> Vec<u8> {
    from_hexadecimal(hex.as_str().unwrap()).unwrap()
}

/// The tensors of all files of a copy, each with the way to its bytes.
fn tensors(files: &[Source]) -> Vec<NamedTensor> {
    let mut named = Vec::new();
    for (root, file) in files.iter().enumerate() {
        for tensor in read(file.name(), file).unwrap().tensors {
            let elements = Elements::of(&tensor).unwrap_or_else(|| panic!("{}: no place", tensor.name));
            let layers = tensor.place.map(|place| place.layers).unwrap_or_default();
            let locator = Locator::root(u32::try_from(root).unwrap()).then(&layers);
            named.push(NamedTensor { name: tensor.name, locator, elements });
        }
    }
    named
}

#[test]
fn copies_in_other_containers_are_the_same() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected/identity.json");
    let expected: Json = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    for group in expected["groups"].as_array().unwrap() {
        for copy in group["copies"].as_array().unwrap() {
            let files = copy.as_array().unwrap().iter();
            let files: Vec<Source> =
                files.map(|file| Source::memory(file["name"].as_str().unwrap(), bytes(&file["bytes"]))).collect();
            let name = files[0].name().to_owned();
            let mut task = Identity::new(Roots::new(files.clone()), tensors(&files));
            let (_, outcome) = run_to_end(&mut task).unwrap_or_else(|error| panic!("{name}: {error}"));
            let Outcome::Identity { digest: found, .. } = outcome else { panic!("{outcome:?}") };
            assert_eq!(found, group["identity"], "{name}");
        }
    }
}

#[test]
fn a_changed_name_shape_or_value_is_another_identity() {
    let elements = |shape: &[u64]| Elements {
        dtype: weighbridge::model::DType::U8,
        shape: shape.to_vec(),
        order: weighbridge::model::Order::C,
        endian: weighbridge::model::Endian::Little,
    };
    let identity = |name: &str, shape: &[u64], bytes: &[u8]| {
        let locator = Locator::root(0);
        let tensor = NamedTensor { name: name.to_owned(), locator, elements: elements(shape) };
        let mut task = Identity::new(Roots::new(vec![Source::memory("x", bytes)]), vec![tensor]);
        match run_to_end(&mut task).unwrap().1 {
            Outcome::Identity { digest, .. } => digest,
            other => panic!("{other:?}"),
        }
    };
    let own = identity("a", &[4], b"abcd");
    assert_eq!(own, identity("a", &[4], b"abcd"));
    for other in [identity("b", &[4], b"abcd"), identity("a", &[2, 2], b"abcd"), identity("a", &[4], b"abce")] {
        assert_ne!(own, other);
    }
}
