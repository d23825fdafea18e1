//! What NumPy and ml_dtypes make of the elements of every type (`expected/statistics.py`) against what we make of them.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use serde_json::Value;
use weighbridge::model::{DType, Endian, Locator, Order};
use weighbridge::source::{Roots, Source};
use weighbridge::task::{Outcome, Statistics, Values, run_to_end};
use weighbridge::tensor::{Elements, Examined, Finite, Number, Octave, Window};

fn expected(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected").join(name);
    let mut bytes = Vec::new();
    GzDecoder::new(File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

struct Case {
    name: String,
    told: Value,
    elements: Elements,
    bytes: Vec<u8>,
}

fn cases() -> Vec<Case> {
    let told: Vec<Value> = serde_json::from_slice(&expected("statistics.json.gz")).unwrap();
    let bytes = expected("statistics.bin.gz");
    let number = |value: &Value| value.as_u64().unwrap();
    let numbers = |value: &Value| value.as_array().unwrap().iter().map(number).collect::<Vec<u64>>();
    let case = |told: Value| {
        let dtype = match told["dtype"].as_str().unwrap() {
            "float4_e2m1fn" => DType::from_numpy("float4_e2m1fn"),
            name if name.starts_with("int") || name.starts_with("uint") => DType::from_numpy(name),
            name => DType::from_name(name),
        };
        let order = match told["order"].as_str() {
            Some("C") => Order::C,
            Some("F") => Order::Fortran,
            _ => Order::Strided(numbers(&told["order"])),
        };
        let endian = if told["endian"] == "big" { Endian::Big } else { Endian::Little };
        let (from, len) = (number(&told["offset"]) as usize, number(&told["len"]) as usize);
        let name = format!("{} {}", told["dtype"].as_str().unwrap(), told["what"].as_str().unwrap());
        let elements = Elements { dtype, shape: numbers(&told["shape"]), order, endian };
        Case { name, elements, bytes: bytes[from..from + len].to_vec(), told }
    };
    told.into_iter().map(case).collect()
}

impl Case {
    fn roots(&self) -> Roots {
        Roots::new(vec![Source::memory("x", self.bytes.clone())])
    }

    fn examined(&self) -> Examined {
        let mut task = Statistics::new(self.roots(), Locator::root(0), self.elements.clone(), None).unwrap();
        match run_to_end(&mut task).unwrap_or_else(|error| panic!("{}: {error}", self.name)).1 {
            Outcome::Statistics(examined) => *examined,
            other => panic!("{other:?}"),
        }
    }

    /// Equal to 1e-6, or both not finite in the same way.
    fn close(&self, what: &str, ours: f64, theirs: &Value) {
        let theirs = float(theirs);
        let same = (ours.is_nan() && theirs.is_nan()) || ours == theirs;
        assert!(same || (ours - theirs).abs() <= 1e-6 * theirs.abs(), "{} {what}: {ours} != {theirs}", self.name);
    }

    fn exact(&self, what: &str, ours: Number, theirs: &Value) {
        let same = match (ours, theirs) {
            (Number::Int(ours), Value::Number(theirs)) => theirs.as_i64() == Some(ours),
            (Number::Uint(ours), Value::Number(theirs)) => theirs.as_u64() == Some(ours),
            (_, Value::String(_)) => {
                let (ours, theirs) = (ours.to_f64(), float(theirs));
                (ours.is_nan() && theirs.is_nan()) || ours == theirs
            }
            _ => false,
        };
        assert!(same, "{} {what}: {ours} != {theirs}", self.name);
    }

    fn check_finite(&self, ours: &Finite, theirs: &Value) {
        assert_eq!(ours.count, theirs["count"].as_u64().unwrap(), "{}", self.name);
        self.exact("min", ours.min, &theirs["min"]);
        self.exact("max", ours.max, &theirs["max"]);
        self.close("mean", ours.mean, &theirs["mean"]);
        self.close("std", ours.std, &theirs["std"]);
        self.close("l2", ours.l2, &theirs["l2"]);
    }
}

fn float(text: &Value) -> f64 {
    f64::from_bits(u64::from_str_radix(text.as_str().unwrap(), 16).unwrap())
}

#[test]
fn statistics_of_every_type_are_those_of_numpy() {
    let cases = cases();
    assert!(cases.len() > 390);
    for case in &cases {
        let examined = case.examined();
        let parts = case.told["parts"].as_array().unwrap();
        assert_eq!((examined.statistics.len(), examined.counted), (parts.len(), examined.elements), "{}", case.name);
        for (ours, theirs) in examined.statistics.iter().zip(parts) {
            let counts = [
                ("count", ours.count),
                ("nan", ours.nan),
                ("positive_infinite", ours.positive_infinite),
                ("negative_infinite", ours.negative_infinite),
                ("zeros", ours.zeros),
                ("subnormal", ours.subnormal),
                ("positive", ours.positive),
                ("negative", ours.negative),
            ];
            for (what, count) in counts {
                assert_eq!(count, theirs[what].as_u64().unwrap(), "{} {what}", case.name);
            }
            match &ours.finite {
                Some(finite) => case.check_finite(finite, &theirs["finite"]),
                None => assert!(theirs["finite"].is_null(), "{}", case.name),
            }
        }
    }
}

#[test]
fn histograms_of_every_type_are_those_of_numpy() {
    for case in cases() {
        let examined = case.examined();
        for (ours, theirs) in examined.histograms.iter().zip(case.told["parts"].as_array().unwrap()) {
            let Some(ours) = ours else {
                assert!(theirs["finite"].is_null(), "{}", case.name);
                continue;
            };
            if let Some([low, high, counts]) = theirs["histogram"].as_array().map(Vec::as_slice) {
                assert_eq!((ours.low, ours.high), (float(low), float(high)), "{}", case.name);
                assert_eq!(serde_json::json!(ours.linear), *counts, "{}", case.name);
            }
            let row = |octave: &Octave| serde_json::json!([octave.exponent, octave.negative, octave.positive]);
            let filled = ours.octaves.iter().filter(|octave| octave.negative + octave.positive > 0);
            let ours: Vec<Value> = filled.map(row).collect();
            assert_eq!(Value::Array(ours), theirs["octaves"], "{}", case.name);
        }
    }
}

/// Our text, read as a number again.
fn parsed(text: &str, theirs: &Value) -> bool {
    let whole = |value: i128| Some(value) == theirs.as_i64().map(i128::from).or(theirs.as_u64().map(i128::from));
    match text {
        "True" => whole(1),
        "False" => whole(0),
        _ if theirs.is_number() => whole(text.parse().unwrap()),
        _ => {
            let (ours, theirs) = (text.parse::<f64>().unwrap(), float(theirs));
            // Shorter than a 64-bit float needs where the type has fewer digits.
            let is_same = |ours: f64| ours.to_bits() == theirs.to_bits() || (ours.is_nan() && theirs.is_nan());
            is_same(ours) || is_same(f64::from(text.parse::<f32>().unwrap()))
        }
    }
}

#[test]
fn values_read_back_as_what_numpy_has_row_by_row() {
    for case in cases() {
        let count = case.elements.count().unwrap();
        let mut task = Values::new(case.roots(), Locator::root(0), case.elements.clone(), Window::line(0, 40));
        let Outcome::Values(texts) = run_to_end(&mut task).unwrap().1 else { panic!() };
        assert_eq!(texts.len() as u64, count.min(40), "{}", case.name);
        let parts: Vec<&Vec<Value>> =
            case.told["values"].as_array().unwrap().iter().map(|v| v.as_array().unwrap()).collect();
        for (at, text) in texts.iter().enumerate() {
            let halves: Vec<&str> = if parts.len() == 2 {
                let text = text.strip_suffix('j').unwrap();
                let sign = text.char_indices().skip(1).filter(|(at, c)| "+-".contains(*c) && &text[at - 1..*at] != "e");
                let (at, _) = sign.last().unwrap();
                vec![&text[..at], text[at..].trim_start_matches('+')]
            } else {
                vec![text]
            };
            for (half, part) in halves.iter().zip(&parts) {
                assert!(parsed(half, &part[at]), "{} at {at}: {text} != {:?}", case.name, part[at]);
            }
        }
    }
}

#[test]
fn values_from_the_middle_are_those_that_come_there() {
    let bytes: Vec<u8> = (0..600_000_u32).flat_map(u32::to_le_bytes).collect();
    let elements = |order| Elements { dtype: DType::U32, shape: vec![600, 1000], order, endian: Endian::Little };
    let window = |order, first, count| {
        let roots = Roots::new(vec![Source::memory("x", bytes.clone())]);
        let mut task = Values::new(roots, Locator::root(0), elements(order), Window::line(first, count));
        let Outcome::Values(texts) = run_to_end(&mut task).unwrap().1 else { panic!() };
        texts
    };
    assert_eq!(window(Order::C, 599_998, 40), ["599998", "599999"]);
    assert_eq!(window(Order::Fortran, 1000, 3), ["1", "601", "1201"]);
    assert_eq!(window(Order::C, 700_000, 3), [""; 0]);
    assert_eq!(window(Order::C, 0, u64::MAX).len(), 4096);
}
