//! What deepdiff and DVC say of 500 pairs (`expected/comparing.py`) against what we say. Where DVC differs is listed in
//! `docs/comparing.md`, and here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use weighbridge::diff::{ConfigRow, Tolerance, compare_configs, compare_metrics, config_patch};
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

/// Place in a, place in b, and what happened, as one line.
type Told = (Option<String>, Option<String>, String);

fn our_rows(pair: &Json) -> BTreeSet<Told> {
    let all = rows(pair);
    let told = all.iter().filter(|row| !is_python_equal(row)).map(|row| {
        let (a, b) = (row.a.as_ref().map(|plain| &plain.0), row.b.as_ref().map(|plain| &plain.0));
        let from = row.from.as_ref().unwrap_or(&row.path).clone();
        let line = format!("{:?} {} {}", row.change, text(a), text(b)).to_lowercase();
        (a.map(|_| from), b.map(|_| row.path.clone()), line)
    });
    told.collect()
}

fn their_rows(rows: &Json) -> BTreeSet<Told> {
    let told = rows.as_array().unwrap().iter().map(|row| {
        let (a, b) = (single(&row[3]), single(&row[4]));
        let place = |place: &Json| place.as_str().map(str::to_owned);
        let line = format!("{} {} {}", row[2].as_str().unwrap(), text(a.as_ref()), text(b.as_ref())).to_lowercase();
        (place(&row[0]), place(&row[1]), line)
    });
    told.collect()
}

/// The outermost list on the way to a place, and whether it holds lists or maps.
fn list_of(config: &Value, place: &str) -> Option<(String, bool)> {
    let (mut at, mut kept) = (config, Vec::new());
    for key in place.split('.') {
        if let Value::List(items) = at {
            let is_deep = items.iter().any(|item| matches!(item, Value::List(_) | Value::Map(_)));
            return Some((kept.join("."), is_deep));
        }
        kept.push(key);
        at = at.last_pairs().into_iter().find(|(name, _)| *name == key)?.1;
    }
    None
}

#[test]
fn configurations_differ_where_deepdiff_says_but_for_the_lists_that_are_listed() {
    let (mut agreed, mut zipped, mut listed) = (0, 0, BTreeMap::new());
    for pair in pairs() {
        let [a, b] = ["a", "b"].map(|side| part(&parse(pair[side].as_str().unwrap()), "config"));
        let (ours, theirs) = (our_rows(&pair), their_rows(&pair["deepdiff"]));
        agreed += usize::from(ours == theirs);
        zipped += usize::from(ours == their_rows(&pair["zipped"]));
        let list = |(in_a, in_b, _): &Told| {
            let found = [in_a.as_ref().map(|place| list_of(&a, place)), in_b.as_ref().map(|place| list_of(&b, place))];
            let found: Vec<(String, bool)> = found.into_iter().flatten().flatten().collect();
            Some((found.first()?.0.clone(), found.iter().any(|(_, is_deep)| *is_deep)))
        };
        let mut lists: BTreeMap<String, bool> = BTreeMap::new();
        for row in ours.symmetric_difference(&theirs) {
            let (path, is_deep) = list(row).unwrap_or_else(|| panic!("not in a list: {row:?} of {pair}"));
            *lists.entry(path).or_default() |= is_deep;
        }
        for (path, is_deep) in lists {
            let rows = |all: &BTreeSet<Told>| all.iter().filter(|row| list(row).is_some_and(|of| of.0 == path)).count();
            let (fewer, more) = (rows(&ours), rows(&theirs));
            let why = if is_deep {
                "lists that hold lists or maps are compared index by index there"
            } else {
                assert!(fewer <= more, "{path}: {ours:?} {theirs:?}");
                "of two ways to pair a list, it does not always take the one that changes least"
            };
            *listed.entry(why).or_insert(0) += 1;
        }
    }
    let document = include_str!("../../docs/comparing.md");
    for reason in listed.keys() {
        assert!(document.contains(reason), "docs/comparing.md does not list {reason:?}");
    }
    assert!(agreed > 390 && zipped < agreed, "{agreed} agreed, {zipped} index by index, {listed:?}");
}

/// What a JSON Patch makes of a document, as RFC 6902 says.
fn patched(mut document: Value, patch: &Value) -> Value {
    let Value::List(operations) = patch else { panic!("{patch:?}") };
    for operation in operations {
        let text = |key: &str| operation.get(key).and_then(Value::text).unwrap();
        let (pointer, value) = (text("path"), operation.get("value").cloned());
        let Some((parent, last)) = pointer.rsplit_once('/') else {
            document = value.unwrap();
            continue;
        };
        let mut at = &mut document;
        for key in parent.split('/').skip(1) {
            at = match at {
                Value::List(items) => &mut items[key.parse::<usize>().unwrap()],
                Value::Map(pairs) => &mut pairs.iter_mut().rev().find(|(name, _)| name == key).unwrap().1,
                other => panic!("{pointer} {other:?}"),
            };
        }
        match (text("op"), at) {
            ("add", Value::List(items)) => items.insert(last.parse().unwrap(), value.unwrap()),
            ("remove", Value::List(items)) => drop(items.remove(last.parse().unwrap())),
            ("replace", Value::List(items)) => items[last.parse::<usize>().unwrap()] = value.unwrap(),
            ("add", Value::Map(pairs)) => pairs.push((last.to_owned(), value.unwrap())),
            ("remove", Value::Map(pairs)) => pairs.retain(|(name, _)| name != last),
            ("replace", Value::Map(pairs)) => {
                pairs.iter_mut().find(|(name, _)| name == last).unwrap().1 = value.unwrap();
            }
            (operation, at) => panic!("{operation} {pointer} {at:?}"),
        }
    }
    document
}

#[test]
fn a_patch_makes_one_configuration_of_the_other() {
    for pair in pairs() {
        let [a, b] = ["a", "b"].map(|side| part(&parse(pair[side].as_str().unwrap()), "config"));
        let patch = parse(&config_patch(&a, &b).unwrap().replace("\"NaN\"", "NaN").replace("\"Infinity\"", "Infinity"));
        let made = patched(a, &patch);
        assert_eq!(compare_configs(&made, &b), (Vec::new(), 0), "{pair}");
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
