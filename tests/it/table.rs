//! The one table of the recorded fixtures (`tests/expected/table.py`): every run with its layout, its checkpoints, its
//! best and its last; every file with the checkpoint it belongs to, what it is for and how many tensors it holds.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use weighbridge::model::{Checkpoint, Marker, MarkerKind, Member, Opened, Run, TensorRole};

use crate::opening::{fixture, open};
use crate::support::fixtures;

/// The folders of recorded fixtures; every file of them is in the table.
const RECORDED: &[&str] =
    &["archives", "codex", "frameworks", "linearnexus", "manifests", "prism", "slash-checkpoint", "tinkex"];
/// Files that nobody wrote as a checkpoint: a hostile archive, whose members are refused.
const ELSEWHERE: &str = "tinkex/archives/hostile_traversal.tar";

fn table() -> BTreeMap<String, Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected/table.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Differences of a case from its rows, one line each.
#[derive(Default)]
struct Differences(Vec<String>);

impl Differences {
    fn compare(&mut self, what: &str, found: &Value, told: &Value) {
        if found != told {
            self.0.push(format!("{what}: found {found}, told {told}"));
        }
    }
}

fn number(value: f64) -> Value {
    if value.is_finite() { json!(value) } else { json!(format!("{value}").to_lowercase()) }
}

fn numbers(checkpoint: &Checkpoint) -> Value {
    let metrics: BTreeMap<&str, Value> =
        checkpoint.metrics.iter().map(|(name, value)| (name.as_str(), number(*value))).collect();
    json!({"step": checkpoint.step, "epoch": checkpoint.epoch.map(number), "metrics": metrics})
}

/// Numbers of a run's checkpoints; whole ones may be written either way.
fn same_numbers(found: &Value, told: &Value) -> bool {
    let as_float = |value: &Value, key: &str| value[key].as_f64();
    found["metrics"].as_object().unwrap().len() == told["metrics"].as_object().unwrap().len()
        && found["step"] == told["step"]
        && as_float(found, "epoch") == as_float(told, "epoch")
        && told["metrics"].as_object().unwrap().iter().all(|(name, value)| match value.as_f64() {
            Some(value) => as_float(&found["metrics"], name) == Some(value),
            None => found["metrics"][name] == *value,
        })
}

/// Every name that markers of a kind resolve to, once; null for one that dangles.
fn marked(run: &Run, kind: MarkerKind) -> Option<Value> {
    let names: BTreeSet<Option<&str>> = run
        .markers
        .iter()
        .filter(|marker| marker.kind == kind)
        .map(|marker: &Marker| marker.checkpoint.as_deref())
        .collect();
    match names.into_iter().collect::<Vec<_>>().as_slice() {
        [] => None,
        [name] => Some(json!(name)),
        several => Some(json!(several)),
    }
}

fn compare_run(differences: &mut Differences, run: &Run, told: &Value) {
    let path = told["path"].as_str().unwrap();
    differences.compare(&format!("{path}: layout"), &json!(run.layout), &told["layout"]);
    for (kind, key) in [(MarkerKind::Best, "best"), (MarkerKind::Last, "last")] {
        let found = marked(run, kind);
        if found.as_ref() != told.get(key) {
            differences.0.push(format!("{path}: {key}: found {found:?}, told {:?}", told.get(key)));
        }
    }
    for checkpoint in &run.checkpoints {
        let (found, told) = (numbers(checkpoint), &told["checkpoints"][&checkpoint.name]);
        if !told.is_object() || !same_numbers(&found, told) {
            differences.0.push(format!("{path}/{}: found {found}, told {told}", checkpoint.name));
        }
    }
    let count = told["checkpoints"].as_object().unwrap().len();
    differences.compare(&format!("{path}: checkpoints"), &json!(run.checkpoints.len()), &json!(count));
}

/// The run that is told of: at its path, with the same first checkpoint where several are there.
fn find<'a>(opened: &'a Opened, top: &str, told: &Value) -> Option<&'a Run> {
    let path = told["path"].as_str().unwrap();
    let names: Vec<&String> = told["checkpoints"].as_object().unwrap().keys().collect();
    opened.runs.iter().find(|run| {
        let is_at = |path: &str| join(top, path) == told["path"];
        // A lone file or folder is a run of its own, whose path is that of what holds it.
        let is_lone = run.checkpoints.len() == 1 && join(top, &run.checkpoints[0].path) == path;
        (is_at(&run.path) || is_lone) && run.checkpoints.first().is_some_and(|first| names.contains(&&first.name))
    })
}

fn join(top: &str, path: &str) -> String {
    if top.is_empty() { path.to_owned() } else { format!("{top}/{path}") }
}

/// What is told of a file: its checkpoint, its role, its tensors of the model, of the optimizer and of nothing of both.
fn file(opened: &Opened, member: &Member, checkpoint: Option<&str>) -> Value {
    let contents = opened.find(&member.path).and_then(|index| opened.contents_at(index));
    let count = |wanted: &[TensorRole]| {
        contents.into_iter().flat_map(|contents| &contents.tensors).filter(|one| wanted.contains(&one.role)).count()
    };
    let role = serde_json::to_value(member.role).unwrap();
    let others = count(&[TensorRole::Rng, TensorRole::Other]);
    json!([checkpoint, role, [count(&[TensorRole::Model]), count(&[TensorRole::Optimizer]), others]])
}

fn compare_files(differences: &mut Differences, opened: &Opened, top: &str, told: &Value) {
    let mut found = BTreeMap::new();
    for run in &opened.runs {
        let own = run.files.iter().map(|member| (None, member));
        let of = |checkpoint: &'_ Checkpoint| checkpoint.name.clone();
        let inner = run.checkpoints.iter().flat_map(|c| c.files.iter().map(move |member| (Some(of(c)), member)));
        for (checkpoint, member) in own.chain(inner) {
            found.insert(join(top, &member.path), file(opened, member, checkpoint.as_deref()));
        }
    }
    for (path, row) in told.as_object().unwrap() {
        let Some(mut own) = found.remove(path) else {
            differences.0.push(format!("{path} belongs to nothing"));
            continue;
        };
        // No library here loads the file: what is in it is told elsewhere.
        if row[2].is_null() {
            own[2] = Value::Null;
        }
        differences.compare(path, &own, row);
    }
    found.retain(|path, _| !path.starts_with(ELSEWHERE));
    differences.0.extend(found.into_keys().map(|path| format!("{path} is not told of")));
}

#[test]
fn every_recorded_fixture_is_what_the_table_says() {
    let mut differences = Differences::default();
    for (case, told) in table() {
        let opened = open(&[&fixture(&case)]);
        let top = case.rsplit_once('/').map_or("", |(top, _)| top);
        let runs = told["runs"].as_array().unwrap();
        for told in runs {
            match find(&opened, top, told) {
                Some(run) => compare_run(&mut differences, run, told),
                None => differences.0.push(format!("{}: no such run", told["path"])),
            }
        }
        let own: Vec<&Run> = opened.runs.iter().filter(|run| !join(top, &run.path).starts_with(ELSEWHERE)).collect();
        differences.compare(&format!("{case}: runs"), &json!(own.len()), &json!(runs.len()));
        compare_files(&mut differences, &opened, top, &told["files"]);
    }
    assert!(differences.0.is_empty(), "{} differences\n{}", differences.0.len(), differences.0.join("\n"));
}

/// Nothing that was recorded is left out of the table.
#[test]
fn every_recorded_fixture_is_in_the_table() {
    let rows: BTreeSet<String> = table()
        .values()
        .flat_map(|told| told["files"].as_object().unwrap().keys().cloned().collect::<Vec<_>>())
        .collect();
    let is_told = |path: &str| rows.range(path.to_owned()..).next().is_some_and(|row| row.starts_with(path));
    let all = fixtures();
    let recorded =
        all.iter().map(|(path, _)| path).filter(|path| RECORDED.iter().any(|top| path.starts_with(&format!("{top}/"))));
    let forgotten: Vec<&String> = recorded.filter(|path| !is_told(path) && *path != ELSEWHERE).collect();
    assert!(forgotten.is_empty(), "{forgotten:#?}");
}
