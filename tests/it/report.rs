//! Reports of the fixtures, opened as the page opens them: against the schema, NumPy and the files themselves.

use std::collections::BTreeMap;
use std::fs;
use std::rc::Rc;

use serde_json::Value;
use weighbridge::diff::{Side, Tolerance, compare};
use weighbridge::layout::direction;
use weighbridge::model::{Check, Opened, Status};
use weighbridge::report::{Report, ReportInput, build, to_json, to_markdown, to_sarif};
use weighbridge::retention::{Mode, Plan, Policy, plan};
use weighbridge::source::{Memory, ReadAt};

use crate::manifests::verify;
use crate::opening::inspect_folder;
use crate::support::{fixtures, root};

/// The fixtures under `folder`, opened in one go.
fn opened(folder: &str) -> Opened {
    let inside = |path: &str| path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let files: Vec<(String, Rc<dyn ReadAt>)> = fixtures()
        .into_iter()
        .filter(|(path, _)| inside(path))
        .map(|(path, bytes)| (path, Rc::new(Memory::new(bytes)) as Rc<dyn ReadAt>))
        .collect();
    inspect_folder(folder, files)
}

fn reported(opened: &Opened) -> Value {
    let input = ReportInput { app_version: "0", opened: &[opened], ..ReportInput::default() };
    serde_json::from_slice(&to_json(&build(&input)).unwrap()).unwrap()
}

#[test]
fn the_report_of_any_fixture_keeps_to_the_schema() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/report.schema.json");
    let schema = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let (mut compiler, mut schemas) = (boon::Compiler::new(), boon::Schemas::new());
    compiler.add_resource("report.schema.json", schema).unwrap();
    let index = compiler.compile("report.schema.json", &mut schemas).unwrap();
    let families: std::collections::BTreeSet<String> =
        fixtures().into_iter().map(|(path, _)| path.split('/').next().unwrap().to_owned()).collect();
    for family in families {
        let opened = opened(&family);
        let report = reported(&opened);
        schemas.validate(&report, index).unwrap_or_else(|error| panic!("{family}: {error:#}"));
        let input = ReportInput { app_version: "0", opened: &[&opened], ..ReportInput::default() };
        let page = to_markdown(&build(&input));
        assert!(!page.contains(['<', '>', '\u{0}', '\u{202e}']), "{family}: something of a file came through");
        assert_eq!(report, reported(&opened), "{family}: the same again");
    }
}

/// What is wrong in `report`, by rule and byte, as its SARIF has it.
fn check_sarif(report: &Report<'_>, document: &Value, family: &str) {
    let run = &document["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let told: Vec<(String, Value, Value)> = run["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| {
            let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
            assert_eq!(rule["id"], result["ruleId"], "{family}");
            let region = result["locations"].get(0).map_or(&Value::Null, |place| &place["physicalLocation"]["region"]);
            (rule["id"].as_str().unwrap().to_owned(), result["level"].clone(), region["byteOffset"].clone())
        })
        .collect();
    let failed = |check: &&Check| matches!(check.status, Status::Mismatch | Status::Missing);
    let failed = report.integrity.iter().flat_map(|integrity| &integrity.entries).filter(failed).count();
    assert_eq!(told.len(), report.findings.len() + failed, "{family}");
    for (finding, (code, level, offset)) in report.findings.iter().zip(&told) {
        let severity = serde_json::to_value(finding.severity).unwrap();
        assert_eq!((&finding.code, &severity), (code, level), "{family}");
        assert_eq!(finding.offset.filter(|_| !finding.file.is_empty()), offset.as_u64(), "{family}");
    }
    let unseen = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    assert_eq!(unseen.len(), report.not_examined.len(), "{family}");
}

/// The schema of OASIS, as the crate `serde-sarif` 0.8.0 carries it.
#[test]
fn the_sarif_of_any_fixture_keeps_to_the_standard() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/expected/sarif-schema-2.1.0.json.gz");
    let schema = serde_json::from_reader(flate2::read::GzDecoder::new(fs::File::open(path).unwrap())).unwrap();
    let (mut compiler, mut schemas) = (boon::Compiler::new(), boon::Schemas::new());
    compiler.enable_format_assertions();
    compiler.add_resource("sarif-schema-2.1.0.json", schema).unwrap();
    let index = compiler.compile("sarif-schema-2.1.0.json", &mut schemas).unwrap();
    let families: std::collections::BTreeSet<String> =
        fixtures().into_iter().map(|(path, _)| path.split('/').next().unwrap().to_owned()).collect();
    for family in families {
        let opened = opened(&family);
        let integrity = (family == "manifests").then(|| verify(&opened, &root()));
        let input = ReportInput {
            app_version: "0",
            opened: &[&opened],
            integrity: integrity.as_ref(),
            ..ReportInput::default()
        };
        let report = build(&input);
        let document: Value = serde_json::from_str(&to_sarif(&report)).unwrap();
        schemas.validate(&document, index).unwrap_or_else(|error| panic!("{family}: {error:#}"));
        check_sarif(&report, &document, &family);
    }
    let wrong = serde_json::json!({"version": "2.1.0", "runs": [{"tool": {}}]});
    assert!(schemas.validate(&wrong, index).is_err(), "a schema that takes everything shows nothing");
}

#[test]
fn the_tensors_are_numpys() {
    let expected: BTreeMap<String, BTreeMap<String, Value>> =
        serde_json::from_str(&fs::read_to_string(root().join("expected.json")).unwrap()).unwrap();
    let is_ours = |path: &str| path.starts_with("linearnexus/");
    let report = reported(&opened("linearnexus"));
    let mut found: BTreeMap<&str, BTreeMap<&str, (&Value, &Value)>> = BTreeMap::new();
    for tensor in report["tensors"].as_array().unwrap() {
        let of_file = found.entry(tensor["file"].as_str().unwrap()).or_default();
        of_file.insert(tensor["name"].as_str().unwrap(), (&tensor["dtype"], &tensor["shape"]));
    }
    let mut files = 0;
    for (path, arrays) in expected["arrays"].iter().filter(|(path, _)| is_ours(path)) {
        let arrays = arrays.as_object().unwrap();
        let arrays: BTreeMap<&str, _> =
            arrays.iter().map(|(name, fact)| (name.as_str(), (&fact[0], &fact[1]))).collect();
        assert_eq!(found.remove(path.as_str()).unwrap_or_default(), arrays, "{path}");
        files += 1;
    }
    assert!(files > 30, "{files} files");
}

#[test]
fn the_metrics_are_those_of_the_files() {
    let opened = opened("linearnexus/run");
    let report = reported(&opened);
    let checkpoints = report["runs"][0]["checkpoints"].as_array().unwrap();
    let steps: Vec<_> = checkpoints.iter().map(|checkpoint| checkpoint["step"].as_u64().unwrap()).collect();
    assert_eq!(steps, [200, 300, 600, 700, 800]);
    for checkpoint in checkpoints {
        let text = fs::read_to_string(root().join(checkpoint["metrics_from"].as_str().unwrap())).unwrap();
        assert_eq!(checkpoint["metrics"], serde_json::from_str::<Value>(&text).unwrap());
    }
    let run = &opened.runs[0];
    let side = |index: usize| Side { opened: &opened, checkpoint: &run.checkpoints[index], shared: &run.files };
    let comparison = compare(side(0), side(4), direction, Tolerance::default(), &std::collections::BTreeSet::new());
    let told: Vec<_> = comparison.metrics.iter().map(|row| format!("{} {:?}", row.name, row.verdict)).collect();
    assert_eq!(told, ["accuracy Better", "loss Worse"]);
    assert_eq!(comparison.structure, Some(Vec::new()));
    let changed: Vec<_> = comparison.config.unwrap().into_iter().map(|row| row.path).collect();
    assert_eq!(changed, ["step"]);
}

/// What a reader of the Markdown gets of a run, and of a folder whose manifests were checked; the long list of tensors
/// is left out.
#[test]
fn the_markdown_of_a_run_and_of_manifests() {
    for folder in ["linearnexus/run", "manifests"] {
        let opened = opened(folder);
        let integrity = (folder == "manifests").then(|| verify(&opened, &root()));
        let input = ReportInput {
            app_version: "0",
            opened: &[&opened],
            integrity: integrity.as_ref(),
            ..ReportInput::default()
        };
        let page = to_markdown(&build(&input));
        let (page, _tensors) = page.split_once("## Tensors").unwrap();
        insta::assert_snapshot!(format!("markdown_{}", folder.replace('/', "_")), page);
    }
}

fn planned(folder: &str, metric: &str, mode: Mode) -> Plan {
    let opened = opened(folder);
    let policy = Policy { keep_last: 1, keep_best: 1, metric: Some(metric.to_owned()), mode };
    plan(&opened.runs[0], |path| opened.find(path).map_or(0, |index| opened.entries[index].size), &policy)
}

/// Of equal values the writer, LinearNexus, ranks the lower step first; an infinite loss is never the best.
#[test]
fn the_plan_breaks_ties_as_the_writer_does_and_distrusts_infinities() {
    let kept = |plan: &Plan| plan.keep.iter().map(|choice| choice.path.clone()).collect::<Vec<_>>();
    let ties = planned("linearnexus/variants/ties", "acc", Mode::Max);
    assert_eq!(kept(&ties), ["linearnexus/variants/ties/step_2", "linearnexus/variants/ties/step_5"]);
    let infinite = planned("linearnexus/variants/nan_metrics", "loss", Mode::Min);
    let folder = "linearnexus/variants/nan_metrics";
    assert_eq!(kept(&infinite), [format!("{folder}/step_3"), format!("{folder}/step_5")]);
    let on_disk = |folder: &str| {
        let all = fixtures().into_iter().filter(|(path, _)| path.starts_with(folder));
        all.map(|(_, bytes)| bytes.len() as u64).sum::<u64>()
    };
    assert_eq!(infinite.bytes_freed, on_disk(&format!("{folder}/step_4/")));
    assert_eq!(infinite.bytes_kept + infinite.bytes_freed, on_disk(&format!("{folder}/")));
}
