//! What NumPy makes of the difference of two tensors (`expected/weights.py`) against what we make of it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::Value;
use weighbridge::model::{DType, Endian, Locator, Order};
use weighbridge::source::{Roots, Source};
use weighbridge::task::{Found, Identity, Outcome, Pair, Part, TensorPair, Weights, run_to_end};
use weighbridge::tensor::{Difference, Elements, NamedTensor};

use crate::support::read;

fn expected() -> (Value, Vec<u8>) {
    let unpacked = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected").join(name);
        let mut bytes = Vec::new();
        GzDecoder::new(File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
        bytes
    };
    (serde_json::from_slice(&unpacked("weights.json.gz")).unwrap(), unpacked("weights.bin.gz"))
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap()
}

fn float(text: &Value) -> f64 {
    f64::from_bits(u64::from_str_radix(text.as_str().unwrap(), 16).unwrap())
}

fn part(told: &Value, bytes: &[u8]) -> Vec<u8> {
    let (from, len) = (number(&told["offset"]) as usize, number(&told["len"]) as usize);
    bytes[from..from + len].to_vec()
}

fn side(told: &Value) -> Elements {
    let numbers = |value: &Value| value.as_array().unwrap().iter().map(number).collect::<Vec<u64>>();
    let name = told["dtype"].as_str().unwrap();
    let of_numpy = name.starts_with("int") || name.starts_with("uint") || name.starts_with("float");
    let dtype = if of_numpy { DType::from_numpy(name) } else { DType::from_name(name) };
    let order = match told["order"].as_str() {
        Some("C") => Order::C,
        Some("F") => Order::Fortran,
        _ => Order::Strided(numbers(&told["order"])),
    };
    let endian = if told["endian"] == "big" { Endian::Big } else { Endian::Little };
    Elements { dtype, shape: numbers(&told["shape"]), order, endian }
}

fn differences(roots: Roots, pairs: Vec<TensorPair>) -> Vec<Difference> {
    found(roots, pairs.into_iter().map(Into::into).collect())
}

fn found(roots: Roots, pairs: Vec<Pair>) -> Vec<Difference> {
    let name = |pair: &Pair| match pair {
        Pair::Tensors(pair) => pair.a.name.clone(),
        Pair::Same(named) => named.name.clone(),
        Pair::Updates(_) => panic!("no update was asked for"),
    };
    let names: Vec<String> = pairs.iter().map(name).collect();
    let (parts, outcome) = run_to_end(&mut Weights::new(roots, pairs)).unwrap();
    assert!(matches!(outcome, Outcome::Weights));
    let mut found = BTreeMap::new();
    for part in parts {
        let Part::Differences(told) = part else { panic!("{part:?}") };
        found.extend(
            told.into_iter().map(|(at, told)| (at, told.unwrap_or_else(|error| panic!("{}: {error}", names[at])))),
        );
    }
    assert_eq!(found.len(), names.len(), "one answer a pair");
    let of_tensors = |found| match found {
        Found::Difference(found) => found,
        Found::Update(_) => panic!("no update was asked for"),
    };
    found.into_values().map(of_tensors).collect()
}

/// Counts and equality exactly, numbers to 1e-6.
fn check(name: &str, ours: &Difference, theirs: &Value) {
    let count = |what: &str, ours: Option<u64>| assert_eq!(ours, theirs[what].as_u64(), "{name} {what}: {ours:?}");
    count("elements", Some(ours.elements));
    count("compared", Some(ours.compared));
    count("changed", ours.changed);
    count("nan_a", Some(ours.a.nan));
    count("inf_a", Some(ours.a.infinite));
    count("nan_b", Some(ours.b.nan));
    count("inf_b", Some(ours.b.infinite));
    count("sign_flips", ours.sign_flips);
    count("beyond_rounding", ours.beyond_rounding);
    assert_eq!(Some(ours.is_equal), theirs["equal"].as_bool(), "{name}");
    let close = |what: &str, ours: Option<f64>, slack: f64| {
        let theirs = Some(&theirs[what]).filter(|told| !told.is_null()).map(float);
        let is_close = match (ours, theirs) {
            (Some(x), Some(y)) => x == y || (x.is_nan() && y.is_nan()) || (x - y).abs() <= 1e-6 * y.abs() + slack,
            (None, None) => true,
            _ => false,
        };
        assert!(is_close, "{name} {what}: {ours:?} != {theirs:?}");
    };
    close("max_abs", ours.max_abs, 0.0);
    close("l2", ours.l2, 0.0);
    close("l2_a", ours.l2_a, 0.0);
    close("l2_b", ours.l2_b, 0.0);
    close("rounding", ours.rounding, 0.0);
    // Sums of numbers of both signs: their digits are those of the largest.
    close("cosine", ours.cosine, 1e-15);
    let scale = Some(&theirs["shift_scale"]).filter(|told| !told.is_null()).map_or(0.0, float);
    close("mean_shift", ours.mean_shift, 1e-13 * scale);
}

#[test]
fn differences_of_every_type_are_those_of_numpy() {
    let (told, bytes) = expected();
    let pairs = told["pairs"].as_array().unwrap();
    assert!(pairs.len() > 400);
    for pair in pairs {
        let (a, b) = (side(&pair["a"]), side(&pair["b"]));
        let b = if pair["transposed"] == true { b.permuted(&[1, 0]) } else { b };
        let what = pair["what"].as_str().unwrap();
        let name = format!("{} and {}, {what}", a.dtype, b.dtype);
        let roots = Roots::new(vec![
            Source::memory("a", part(&pair["a"], &bytes)),
            Source::memory("b", part(&pair["b"], &bytes)),
        ]);
        let named = |root, elements| NamedTensor { name: name.clone(), locator: Locator::root(root), elements };
        let found = differences(roots, vec![TensorPair { a: named(0, a), b: named(1, b) }]);
        check(&name, &found[0], &pair["expect"]);
    }
}

/// A tensor that is known to be the same on both sides has the numbers that it has when both are read: in the identity, which
/// reads it anyway, and when it is read alone.
#[test]
fn what_is_known_to_be_the_same_has_the_numbers_of_what_was_read() {
    let (told, bytes) = expected();
    let (mut specials, mut norms) = (0, 0);
    for side_of in told["pairs"].as_array().unwrap().iter().flat_map(|pair| [&pair["a"], &pair["b"]]) {
        let elements = side(side_of);
        let name = format!("{} {:?} {:?}", elements.dtype, elements.order, elements.shape);
        let roots = || Roots::new(vec![Source::memory("a", part(side_of, &bytes))]);
        let tensor = NamedTensor { name: name.clone(), locator: Locator::root(0), elements };
        let both = TensorPair { a: tensor.clone(), b: tensor.clone() };
        let read = differences(roots(), vec![both])[0];
        let alone = found(roots(), vec![Pair::Same(Box::new(tensor.clone()))])[0];
        let mut all = vec![alone];
        if tensor.elements.code().is_ok() {
            let (_, outcome) = run_to_end(&mut Identity::new(roots(), vec![tensor])).unwrap();
            let Outcome::Identity { held, .. } = outcome else { panic!("{outcome:?}") };
            all.push(held[0].itself);
        }
        for found in all {
            let (x, y) = (found.l2_a.unwrap_or(-1.0), read.l2_a.unwrap_or(-1.0));
            assert!(x == y || (x - y).abs() <= 1e-12 * y.abs(), "{name}: {found:?} {read:?}");
            assert_eq!(Difference { l2_a: read.l2_a, l2_b: read.l2_b, ..found }, read, "{name}");
            assert!(found.is_equal, "{name}");
        }
        specials += read.a.nan + read.a.infinite;
        norms += u64::from(read.l2_a.is_some_and(|norm| norm > 0.0));
    }
    assert!(specials > 100 && norms > 400, "{specials} {norms}");
}

/// The tensors of all files of a copy, by name; `first` is the number of its first file.
fn tensors(files: &[Source], first: usize) -> BTreeMap<String, NamedTensor> {
    let mut named = BTreeMap::new();
    for (root, file) in files.iter().enumerate() {
        for tensor in read(file.name(), file).unwrap().tensors {
            let elements = Elements::of(&tensor).unwrap_or_else(|| panic!("{}: no place", tensor.name));
            let layers = tensor.place.map(|place| place.layers).unwrap_or_default();
            let locator = Locator::root(u32::try_from(first + root).unwrap()).then(&layers);
            named.insert(tensor.name.clone(), NamedTensor { name: tensor.name, locator, elements });
        }
    }
    named
}

/// Every container of one checkpoint against every container of the other.
#[test]
fn containers_do_not_matter() {
    let (told, bytes) = expected();
    for checkpoint in told["checkpoints"].as_array().unwrap() {
        let copies = |side: &str| -> Vec<Vec<Source>> {
            let file = |file: &Value| Source::memory(file["name"].as_str().unwrap(), part(file, &bytes));
            let is_index = |file: &&Value| file["name"].as_str().unwrap().ends_with(".json");
            let copy =
                |copy: &Value| copy.as_array().unwrap().iter().filter(|told| !is_index(told)).map(file).collect();
            checkpoint[side].as_array().unwrap().iter().map(copy).collect()
        };
        let (of_a, of_b) = (copies("a"), copies("b"));
        for a in &of_a {
            let left = tensors(a, 0);
            for b in &of_b {
                let right = tensors(b, a.len());
                let pairs: Vec<TensorPair> =
                    left.iter().map(|(name, a)| TensorPair { a: a.clone(), b: right[name].clone() }).collect();
                let roots = Roots::new(a.iter().chain(b).cloned().collect());
                for (found, name) in differences(roots, pairs).iter().zip(left.keys()) {
                    let name = format!("{name} of {} and {}", a[0].name(), b[0].name());
                    check(&name, found, &checkpoint["expect"][name.split(' ').next().unwrap()]);
                }
            }
            // A copy in another container is the same, to the last bit.
            for other in &of_a {
                let right = tensors(other, a.len());
                let pairs = left.iter().map(|(name, a)| TensorPair { a: a.clone(), b: right[name].clone() });
                let roots = Roots::new(a.iter().chain(other).cloned().collect());
                assert!(differences(roots, pairs.collect()).iter().all(|found| found.is_equal));
            }
        }
    }
}
