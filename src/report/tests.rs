//! A report of two hand-made checkpoints with everything in it.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::*;
use crate::diff::{
    Movement, Neighbours, RunSheet, SheetMetric, SheetRow, Side, Tolerance, WeightRow, compare, compare_neighbours,
};
use crate::model::{
    Algorithm, Check, Checkpoint, Contents, DType, Direction, Entry, EntryKind, Finding, Integrity, IntegrityVerdict,
    Locator, Marker, MarkerKind, Member, Opened, OpenedSource, Plain, Real, Resume, ResumePart, ResumeState, Role, Run,
    Signature, SignatureKey, SourceId, SourceKind, Stated, Status, Tensor, TensorRole,
};
use crate::retention::{Mode, Policy, plan};

const SCHEMA_FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/report.schema.json");

fn tensor(name: &str, dtype: DType, shape: &[u64], role: TensorRole) -> Tensor {
    let size_bytes = dtype.bytes_for(shape.iter().product()).unwrap_or_default();
    Tensor { name: name.into(), dtype, shape: shape.into(), size_bytes, role, place: None }
}

fn entry(path: &str, size: u64, contents: Option<Contents>) -> (Entry, Option<Contents>) {
    let kind = if path.ends_with(".zip") { EntryKind::Archive } else { EntryKind::File };
    (Entry { source: SourceId(1), path: path.into(), size, kind, locator: Locator::root(0), crc32: None }, contents)
}

fn npz(step: u64) -> Contents {
    let mut contents = Contents::new("npz", "zip whose members end in .npy");
    contents.tensors = vec![
        tensor("embed|<b>", DType::F32, &[16, step], TensorRole::Model),
        tensor("count", DType::I64, &[], TensorRole::Other),
    ];
    contents
}

fn config(json: &str) -> Contents {
    let document = Some(serde_json::from_str::<Plain>(json).unwrap().0);
    Contents { document, ..Contents::new("json", "parses as JSON") }
}

fn absent(what: &str) -> ResumePart {
    ResumePart { what: what.to_owned(), state: ResumeState::Absent, reason: "no file of it".to_owned() }
}

fn checkpoint(step: u64, loss: f64) -> Checkpoint {
    let path = format!("run.zip/step_{step}");
    let member = |name: &str, role| Member { path: format!("{path}/{name}"), role };
    Checkpoint {
        name: format!("step_{step}"),
        step: Some(step),
        epoch: Some(f64::from(u8::try_from(step).unwrap()) / 2.0),
        metrics: vec![("loss".into(), 9.0), ("accuracy".into(), 0.25), ("loss".into(), loss)],
        metrics_from: Some(format!("{path}/config.json")),
        files: vec![member("model.npz", Role::Model), member("config.json", Role::Config)],
        resume: Resume::of(vec![absent("rng")], &["rng"]),
        config: vec![format!("{path}/config.json")],
        path,
    }
}

fn opened() -> Opened {
    let broken = Finding::error("json-syntax", "expected a value, found the end").at(17);
    let unread = Contents { not_examined: Some("format not read".into()), ..Contents::new("unknown", "") };
    let flawed = Contents { findings: vec![broken], ..config("{}") };
    let files = vec![
        entry("run.zip", 5000, None),
        entry("run.zip/best.json", 17, Some(flawed)),
        entry("run.zip/events.tfevents", 5, Some(unread)),
        entry("run.zip/late.bin", 6, None),
        entry("run.zip/step_9/config.json", 20, Some(config(r#"{"model": {"size": 9}}"#))),
        entry("run.zip/step_9/model.npz", 1000, Some(npz(9))),
        entry("run.zip/step_10/config.json", 21, Some(config(r#"{"model": {"size": 1e1}}"#))),
        entry("run.zip/step_10/model.npz", 1001, Some(npz(10))),
    ];
    let (entries, contents) = files.into_iter().unzip();
    let pointer = |file: Option<&str>, checkpoint: Option<&str>| Marker {
        kind: MarkerKind::Best,
        file: file.map(str::to_owned),
        says: "outputs/x/step_9".into(),
        checkpoint: checkpoint.map(str::to_owned),
        agrees: checkpoint.map(|_| true),
    };
    let run = Run {
        path: "run.zip".into(),
        layout: "linear_nexus".into(),
        evidence: "structure.json beside model.npz".into(),
        markers: vec![pointer(Some("run.zip/best.json"), Some("step_9")), pointer(None, None)],
        checkpoints: vec![checkpoint(9, 0.5), checkpoint(10, f64::NAN)],
        directions: vec![("loss".into(), Direction::Lower)],
        best_metric: Some("loss".into()),
        rule: None,
        files: vec![Member { path: "run.zip/best.json".into(), role: Role::Marker }],
        findings: vec![Finding::note("metric-nan", "loss is NaN at step 10").in_file("run.zip/step_10/config.json")],
    };
    Opened {
        sources: vec![OpenedSource {
            id: SourceId(1),
            name: "run.zip".into(),
            kind: SourceKind::File,
            size_bytes: 5000,
            bytes_read: 700,
        }],
        entries,
        contents,
        runs: vec![run],
        findings: vec![Finding::warning("zip-data-descriptor", "sizes follow the data").in_file("run.zip").at(30)],
    }
}

fn integrity() -> Integrity {
    let check = |path: &str, actual: Option<&str>, status| Check {
        path: path.into(),
        manifest: Some("run.zip/SHA256SUMS".into()),
        algorithm: Algorithm::Sha256,
        expected: Some("ab".repeat(32)),
        actual: actual.map(|byte| byte.repeat(32)),
        status,
    };
    let entries = vec![
        check("run.zip/gone.npz", None, Status::Missing),
        check("run.zip/step_9/model.npz", Some("ab"), Status::Ok),
    ];
    Integrity { verdict: IntegrityVerdict::Failed, entries }
}

fn sheet(opened: &Opened) -> RunSheet {
    let run = &opened.runs[0];
    let mut changed = compare_neighbours(opened, &run.checkpoints).into_iter();
    let mut row = |at: usize| {
        let Neighbours { config, structure } = at.checked_sub(1).and_then(|_| changed.next()).unwrap_or_default();
        let checkpoint = &run.checkpoints[at];
        SheetRow {
            path: checkpoint.path.clone(),
            step: checkpoint.step,
            epoch: checkpoint.epoch.map(Real),
            metrics: vec![checkpoint.metrics.first().map(|(_, value)| Real(*value))],
            previous: at.checked_sub(1).map(|at| run.checkpoints[at].path.clone()),
            config,
            structure,
            movement: (at > 0).then(|| Movement {
                tensors: 2,
                changed: 1,
                l2: Some(Real(0.5)),
                previous_l2: Some(Real(2.0)),
                relative_l2: Some(Real(0.25)),
                max_abs: Some(Real(0.5)),
                most: Some("embed|<b>".into()),
                ..Movement::default()
            }),
        }
    };
    let best = Some(run.checkpoints[0].path.clone());
    let metrics = vec![SheetMetric { name: "loss".into(), direction: Direction::Lower, best }];
    let rows = vec![row(0), row(1)];
    RunSheet { path: run.path.clone(), along: "step".into(), metrics, rows }
}

/// Calls `check` with a report in which every part is there.
fn with_report(check: impl FnOnce(&Report<'_>)) {
    let (opened, integrity) = (opened(), integrity());
    let run = &opened.runs[0];
    let side = |index: usize| Side { opened: &opened, checkpoint: &run.checkpoints[index], shared: &run.files };
    let lower = |name: &str| if name == "loss" { Direction::Lower } else { Direction::Unknown };
    let mut comparison = compare(side(0), side(1), lower, Tolerance::default(), &BTreeSet::new());
    comparison.weights = Some(vec![WeightRow {
        name: "count".into(),
        equal: false,
        max_abs: Some(Real(f64::INFINITY)),
        l2: None,
        relative_l2: None,
        cosine: Some(Real(0.5)),
        changed_fraction: Some(Real(1.0)),
        ..WeightRow::default()
    }]);
    let policy = Policy { keep_last: 0, keep_best: 1, metric: Some("loss".into()), mode: Mode::Min };
    let plan = plan(run, |path| opened.find(path).map_or(0, |index| opened.entries[index].size), &policy);
    let sheet = sheet(&opened);
    check(&build(&ReportInput {
        app_version: "0.1.0",
        run_sheet: Some(&sheet),
        opened: &[&opened],
        integrity: Some(&integrity),
        signatures: &[Signature {
            path: "run.zip/model.sig".into(),
            digests: Stated::Checked,
            signature: Stated::Failed,
            identity: Stated::NotChecked,
            key: Some(SignatureKey { kind: "public_key", curve: "P-256", sha256: "cd".repeat(32) }),
            reason: None,
        }],
        comparison: Some(&comparison),
        retention: Some(&plan),
        extra_findings: &[Finding::error("digest-mismatch", "x").in_file("run.zip/step_10/model.npz")],
    }));
}

fn json(report: &Report<'_>) -> Json {
    serde_json::from_slice(&to_json(report).unwrap()).unwrap()
}

#[test]
fn the_json_is_pinned() {
    with_report(|report| insta::assert_snapshot!(String::from_utf8(to_json(report).unwrap()).unwrap()));
}

#[test]
fn the_markdown_is_pinned() {
    with_report(|report| insta::assert_snapshot!(to_markdown(report)));
}

/// Every element that is opened is closed, in order; nothing is run or loaded.
#[test]
fn the_html_is_whole_and_needs_nothing() {
    with_report(|report| {
        let html = to_html(report);
        let mut open = Vec::new();
        for tag in html.split('<').skip(2).map(|rest| rest.split('>').next().unwrap()) {
            let name = tag.split(' ').next().unwrap();
            match name.strip_prefix('/') {
                Some(closed) => assert_eq!(open.pop(), Some(closed), "{tag}"),
                None if name == "meta" => {}
                None => open.push(name),
            }
        }
        assert_eq!(open, [""; 0]);
        assert!(html.contains("<td>embed|&lt;b&gt;</td>"), "{html}");
        for word in ["<script", "src=", "href=", "url("] {
            assert!(!html.contains(word), "{word}");
        }
    });
}

#[test]
fn what_was_not_asked_for_is_null() {
    let report = json(&build(&ReportInput { app_version: "0.1.0", ..ReportInput::default() }));
    for key in ["integrity", "comparison", "retention", "run_sheet"] {
        assert_eq!(report.get(key), Some(&Json::Null), "{key}");
    }
    for key in ["sources", "runs", "tensors", "pickles", "findings", "not_examined"] {
        assert_eq!(report[key], serde_json::json!([]), "{key}");
    }
}

#[test]
fn a_report_of_any_layout_is_one_json_document() {
    with_report(|report| {
        let ours = json(report);
        assert_eq!(ours, serde_json::to_value(report).unwrap());
    });
}

#[test]
fn a_report_keeps_to_its_schema() {
    with_report(|report| {
        let mut report = json(report);
        assert_eq!(against_schema(&report), Ok(()));
        report["tensors"][0]["role"] = "weights".into();
        assert!(against_schema(&report).is_err(), "a word that is not in the interface");
    });
    let mut empty = json(&build(&ReportInput::default()));
    assert_eq!(against_schema(&empty), Ok(()));
    empty.as_object_mut().unwrap().remove("retention");
    assert!(against_schema(&empty).is_err(), "a key that is missing");
}

fn against_schema(report: &Json) -> Result<(), String> {
    let schema = serde_json::from_str(&std::fs::read_to_string(SCHEMA_FILE).unwrap()).unwrap();
    let mut compiler = boon::Compiler::new();
    compiler.add_resource("report.schema.json", schema).unwrap();
    let mut schemas = boon::Schemas::new();
    let index = compiler.compile("report.schema.json", &mut schemas).unwrap();
    schemas.validate(report, index).map_err(|error| format!("{error:#}"))
}

/// `UPDATE=1 cargo test --features schema schema_is_current` rewrites the file.
#[cfg(feature = "schema")]
#[test]
fn schema_is_current() {
    // What we write, not what a lenient reader would take: a key that may be null is still there.
    let generator = schemars::generate::SchemaSettings::draft2020_12().for_serialize().into_generator();
    let schema = generator.into_root_schema_for::<Report<'_>>();
    let mut current = serde_json::to_string_pretty(&schema).unwrap();
    current.push('\n');
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(SCHEMA_FILE, &current).unwrap();
    }
    assert!(
        std::fs::read_to_string(SCHEMA_FILE).unwrap() == current,
        "docs/report.schema.json is not current: set UPDATE=1"
    );
}
