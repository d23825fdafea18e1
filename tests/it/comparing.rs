//! What deepdiff and DVC say of 500 pairs (`expected/comparing.py`) against what we say. Where DVC differs is listed in
//! `docs/comparing.md`, and here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use weighbridge::diff::{ConfigRow, Tolerance, compare_configs, compare_metrics};
use weighbridge::model::{Direction, Plain, Value};
use weighbridge::source::Source;

use crate::support::{read, value};

fn pairs() -> Vec<Json> {
    let packed = include_bytes!("../expected/comparing.json.gz");
    serde_json::from_reader(flate2::read::GzDecoder::new(packed.as_slice())).unwrap()
}

/// As the page reads a JSON file, with Python's words for what JSON has none.
fn parse(text: &str) -> Value {
    read("x.json", &Source::memory("x.json", text)).unwrap().document.unwrap()
}

/// The only value of a text that is none of a document.
fn single(text: &Json) -> Option<Value> {
    let document = parse(&format!("{{\"x\": {}}}", text.as_str()?));
    Some(part(&document, "x"))
}

fn part(document: &Value, key: &str) -> Value {
    document.last_pairs().into_iter().find(|(name, _)| *name == key).unwrap().1.clone()
}

fn text(side: Option<&Value>) -> String {
    side.map_or_else(|| "nothing".to_owned(), value)
}

fn rows(pair: &Json) -> Vec<ConfigRow> {
    let side = |side: &str| part(&parse(pair[side].as_str().unwrap()), "config");
    let (rows, more) = compare_configs(&side("a"), &side("b"));
    assert_eq!(more, 0);
    rows
}

#[test]
fn configurations_differ_where_deepdiff_says() {
    for pair in pairs() {
        let ours: BTreeSet<String> = rows(&pair)
            .iter()
            .filter(|row| !is_python_equal(row))
            .map(|row| {
                let (a, b) = (row.a.as_ref().map(|plain| &plain.0), row.b.as_ref().map(|plain| &plain.0));
                format!("{} {:?} {} {}", row.path, row.change, text(a), text(b)).to_lowercase()
            })
            .collect();
        let theirs: BTreeSet<String> = pair["deepdiff"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                let (a, b) = (single(&row[2]), single(&row[3]));
                let (path, change) = (row[0].as_str().unwrap(), row[1].as_str().unwrap());
                format!("{path} {change} {} {}", text(a.as_ref()), text(b.as_ref())).to_lowercase()
            })
            .collect();
        assert_eq!(ours, theirs, "{pair}");
    }
}

/// `true` is 1 to Python, and so to deepdiff.
fn is_python_equal(row: &ConfigRow) -> bool {
    let number = |side: &Option<Plain>| match side.as_ref().map(|plain| &plain.0) {
        Some(Value::Bool(flag)) => Some((true, f64::from(u8::from(*flag)))),
        Some(Value::Int(number)) => Some((false, *number as f64)),
        Some(Value::Float(number)) => Some((false, *number)),
        _ => None,
    };
    number(&row.a).zip(number(&row.b)).is_some_and(|(a, b)| a.0 != b.0 && a.1 == b.1)
}

/// Every path at which DVC has a value: it does not look into lists.
fn as_dvc(path: &str, config: &Value) -> String {
    let (mut at, mut kept) = (config.clone(), Vec::new());
    for key in path.split('.') {
        if matches!(at, Value::List(_)) {
            break;
        }
        kept.push(key);
        let inner = at.last_pairs().into_iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone());
        at = inner.unwrap_or(Value::Null);
    }
    kept.join(".")
}

#[test]
fn configurations_differ_where_dvc_says_but_for_what_is_listed() {
    let mut listed = BTreeMap::new();
    for pair in pairs() {
        let [a, b] = ["a", "b"].map(|side| part(&parse(pair[side].as_str().unwrap()), "config"));
        let mut ours: BTreeMap<String, Vec<ConfigRow>> = BTreeMap::new();
        for row in rows(&pair) {
            let (in_a, in_b) = (as_dvc(&row.path, &a), as_dvc(&row.path, &b));
            let path = if in_a.len() < in_b.len() { in_a } else { in_b };
            ours.entry(path).or_default().push(row);
        }
        let theirs = pair["dvc"]["config"].as_object().unwrap();
        for (path, rows) in ours.iter().filter(|(path, _)| !theirs.contains_key(*path)) {
            let why = why_not_in_dvc(rows, theirs.keys().any(|other| other.starts_with(&format!("{path}."))));
            *listed.entry(why.unwrap_or_else(|| panic!("{path} {rows:?} {pair}"))).or_insert(0) += 1;
        }
        for (path, row) in theirs.iter().filter(|(path, _)| !ours.contains_key(*path)) {
            let is_within = ours.keys().any(|other| path.starts_with(&format!("{other}.")));
            let why = why_not_in_ours(row, is_within);
            *listed.entry(why.unwrap_or_else(|| panic!("{path} {row} {pair}"))).or_insert(0) += 1;
        }
    }
    let reasons: Vec<&str> = listed.keys().copied().collect();
    let document = include_str!("../../docs/comparing.md");
    for reason in &reasons {
        assert!(document.contains(reason), "docs/comparing.md does not list {reason:?}: {listed:?}");
    }
    assert!(reasons.len() > 3, "{listed:?}");
}

fn why_not_in_dvc(rows: &[ConfigRow], is_deeper: bool) -> Option<&'static str> {
    let side = |side: &Option<Plain>| side.as_ref().map(|plain| plain.0.clone());
    let all =
        |holds: &dyn Fn(Option<Value>, Option<Value>) -> bool| rows.iter().all(|row| holds(side(&row.a), side(&row.b)));
    let is_nothing = |value: &Option<Value>| matches!(value, None | Some(Value::Null));
    let is_empty = |value: &Option<Value>| matches!(value, Some(Value::Map(pairs)) if pairs.is_empty());
    let is_bool = |value: &Option<Value>| matches!(value, Some(Value::Bool(_)));
    if is_deeper {
        return Some("a map became something else");
    }
    if all(&|a, b| is_nothing(&a) && is_nothing(&b)) {
        return Some("a key that is `null` on one side and missing on the other");
    }
    if all(&|a, b| (is_empty(&a) || is_nothing(&a)) && (is_empty(&b) || is_nothing(&b))) {
        return Some("an empty map");
    }
    all(&|a, b| is_bool(&a) != is_bool(&b)).then_some("`true` is 1 to Python")
}

fn why_not_in_ours(row: &Json, is_within: bool) -> Option<&'static str> {
    let (old, new) = (row[0].as_str()?, row[1].as_str()?);
    if is_within {
        return Some("a map became something else");
    }
    (old.contains("NaN") && new.contains("NaN")).then_some("NaN is not NaN to Python")
}

#[test]
fn metrics_differ_as_dvc_says() {
    let mut compared = 0;
    for pair in pairs() {
        let side = |side: &str| -> Vec<(String, f64)> {
            let metrics = part(&parse(pair[side].as_str().unwrap()), "metrics");
            let number = |value: &Value| match value {
                Value::Int(number) => *number as f64,
                Value::Float(number) => *number,
                other => panic!("{other:?}"),
            };
            metrics.last_pairs().into_iter().map(|(name, value)| (name.to_owned(), number(value))).collect()
        };
        let ours = compare_metrics(&side("a"), &side("b"), |_| Direction::Lower, Tolerance::default());
        let theirs = pair["dvc"]["metrics"].as_object().unwrap();
        for row in ours.iter().filter(|row| !(row.a == row.b && row.a.is_some())) {
            let told = &theirs.get(&row.name).unwrap_or_else(|| panic!("{} of {pair}", row.name))[2];
            let delta = single(told).filter(|value| *value != Value::Null);
            let same = match (&delta, row.delta) {
                (None, None) => true,
                (Some(Value::Int(x)), Some(y)) => *x as f64 == y.0,
                (Some(Value::Float(x)), Some(y)) => *x == y.0 || (x.is_nan() && y.0.is_nan()),
                _ => false,
            };
            assert!(same, "{} {delta:?} {row:?}", row.name);
            compared += 1;
        }
        let known: BTreeSet<&str> = ours.iter().map(|row| row.name.as_str()).collect();
        assert!(theirs.keys().all(|name| known.contains(name.as_str())), "{pair}");
    }
    assert!(compared > 1000, "{compared}");
}
