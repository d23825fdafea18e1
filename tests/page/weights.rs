//! Comparing the values of two checkpoints. `expected/weights.py` made the files; what NumPy says of the sample run is in
//! `e2e/expected.json`.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde_json::Value;
use weighbridge::session::{ActivityId, Session, WeighingState};

use crate::page::{Page, fixture, npy, safetensors};

pub(crate) fn compare(page: &mut Page, a: &str, b: &str) {
    page.act(|session| session.choose_comparison(Some(a.to_owned()), Some(b.to_owned())));
    page.act(Session::compare);
}

#[test]
fn the_values_of_a_run_compare_as_numpy_says() {
    let expected: Value = serde_json::from_str(include_str!("../../e2e/expected.json")).unwrap();
    for workers in [1, 3] {
        let mut page = Page::new(workers);
        page.open(&[fixture("archives/linearnexus_run.zip")]);
        let path = |step: u32| format!("linearnexus_run.zip/checkpoints/step_{step}");
        compare(&mut page, &path(300), &path(800));
        assert!(page.report()["comparison"]["weights"].is_null(), "nothing is told before it is known");
        page.work();
        let report = page.report();
        let rows = report["comparison"]["weights"].as_array().unwrap();
        let expected = expected["comparison"]["weights"].as_array().unwrap();
        assert_eq!(rows.len(), expected.len());
        for theirs in expected {
            let ours = rows.iter().find(|row| row["name"] == theirs["name"]).unwrap();
            assert_eq!(ours["equal"], theirs["equal"], "{ours}");
            for key in ["max_abs", "l2", "relative_l2", "cosine", "changed_fraction"] {
                let (x, y) = (ours[key].as_f64().unwrap(), theirs[key].as_f64().unwrap());
                assert!((x - y).abs() <= 1e-6 * y.abs(), "{key} of {}: {x} {y}", ours["name"]);
            }
        }
        assert_eq!(page.session.finished, 2, "opened, and compared");
        let markdown = page.session.report_markdown();
        assert!(markdown.contains("It does not say whether the model became better"), "{markdown}");
    }
}

/// A folder of its own for the files of a copy.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new(name: &str, files: &Value, bytes: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("weighbridge-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        for file in files.as_array().unwrap() {
            let number = |key: &str| usize::try_from(file[key].as_u64().unwrap()).unwrap();
            let bytes = &bytes[number("offset")..number("offset") + number("len")];
            fs::write(path.join(file["name"].as_str().unwrap()), bytes).unwrap();
        }
        Self(path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap_or_default();
    }
}

pub(crate) fn unpacked(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected").join(name);
    let mut bytes = Vec::new();
    GzDecoder::new(File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

/// Opens two copies, each in a folder of its own, compares them and answers with the comparison.
fn compared(what: &str, a: &Value, b: &Value, bytes: &[u8]) -> Value {
    let (a, b) = (Folder::new(&format!("{what}-a"), a, bytes), Folder::new(&format!("{what}-b"), b, bytes));
    let mut page = Page::new(2);
    page.open(&[a.0.clone(), b.0.clone()]);
    let paths: Vec<String> = page.session.checkpoints().map(|found| found.checkpoint.path.clone()).collect();
    assert_eq!(paths.len(), 2, "{what}: {paths:?}");
    let is_of = |path: &String, folder: &Folder| path.starts_with(folder.0.file_name().unwrap().to_str().unwrap());
    let of_a = paths.iter().find(|path| is_of(path, &a)).unwrap();
    let of_b = paths.iter().find(|path| is_of(path, &b)).unwrap();
    compare(&mut page, of_a, of_b);
    page.work();
    page.report()["comparison"].clone()
}

#[test]
fn the_same_weights_are_the_same_whatever_holds_them() {
    let told: Value = serde_json::from_slice(&unpacked("weights.json.gz")).unwrap();
    let (told, bytes) = (&told["copies"], unpacked("weights.bin.gz"));
    let names: BTreeSet<&str> = told["names"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let each = |kind: &str| told[kind].as_array().unwrap().clone();
    let same = each("same");
    let first = &same[0];
    for (at, other) in same.iter().enumerate() {
        let found = compared(&format!("same-{at}"), first, other, &bytes);
        let rows = found["weights"].as_array().unwrap();
        assert_eq!(rows.iter().map(|row| row["name"].as_str().unwrap()).collect::<BTreeSet<_>>(), names, "{other}");
        assert!(rows.iter().all(|row| row["equal"] == true), "{other}");
        assert_eq!(found["structure"], serde_json::json!([]), "{other}");
    }
    for (at, other) in each("wrapped").iter().enumerate() {
        let found = compared(&format!("wrapped-{at}"), first, other, &bytes);
        let structure = found["structure"].as_array().unwrap();
        assert_eq!(structure.len(), names.len(), "{other}");
        for row in structure {
            assert_eq!((&row["change"], &row["rule"]), (&"renamed".into(), &"a key around the model".into()));
            assert_eq!(row["name"].as_str(), Some(format!("module.{}", row["from"].as_str().unwrap()).as_str()));
        }
        assert!(found["weights"].as_array().unwrap().iter().all(|row| row["equal"] == true && !row["from"].is_null()));
    }
    for (at, other) in each("moved").iter().enumerate() {
        let found = compared(&format!("moved-{at}"), first, other, &bytes);
        let rows = found["weights"].as_array().unwrap();
        let differ: Vec<&Value> = rows.iter().filter(|row| row["equal"] == false).collect();
        assert_eq!((rows.len(), differ.len()), (names.len(), 1), "{other}");
        assert_eq!((&differ[0]["name"], &differ[0]["changed"]), (&told["changed"], &1.into()));
    }
}

/// A page with two checkpoints of one tensor each, of the same name.
fn two(a: &[f32], b: &[f32]) -> (Page, [String; 2]) {
    let mut page = Page::new(1);
    page.open_bytes("a.safetensors", safetensors(a));
    page.open_bytes("b.safetensors", safetensors(b));
    let paths: Vec<String> = page.session.checkpoints().map(|found| found.checkpoint.path.clone()).collect();
    (page, paths.try_into().unwrap())
}

#[test]
fn a_stopped_comparison_says_so_and_can_be_done_again() {
    let (mut page, [a, b]) = two(&vec![1.0; 9_000_000], &vec![1.5; 9_000_000]);
    compare(&mut page, &a, &b);
    page.slice();
    let activity = page.session.activities()[0].clone();
    assert_eq!((activity.label.as_str(), activity.target), ("comparing 0 of 1 tensors", ActivityId::Weigh));
    page.act(|session| session.cancel(ActivityId::Weigh));
    assert!(page.session.is_idle());
    let state = |page: &Page| page.session.comparing.weighing.as_ref().unwrap().state;
    assert_eq!(state(&page), WeighingState::Stopped);
    let stopped = page.report();
    assert_eq!(stopped["comparison"]["weights"], serde_json::json!([]));
    let told = |report: &Value| {
        let all = report["comparison"]["findings"].as_array().unwrap();
        all.iter().map(|finding| finding["message"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(told(&stopped), ["stopped: 0 of 1 tensors were compared"]);
    page.act(Session::weigh);
    page.work();
    let report = page.report();
    assert_eq!((state(&page), told(&report)), (WeighingState::Done, Vec::new()));
    assert_eq!(report["comparison"]["weights"][0]["max_abs"], 0.5);
}

#[test]
fn what_is_not_finite_or_of_another_shape_is_told() {
    let (mut page, [a, b]) = two(&[1.0, f32::NAN, 3.0], &[1.0, 2.0, f32::INFINITY]);
    compare(&mut page, &a, &b);
    page.work();
    let report = page.report();
    let row = &report["comparison"]["weights"][0];
    assert_eq!((&row["max_abs"], &row["a"]["nan"], &row["b"]["infinite"]), (&0.0.into(), &1.into(), &1.into()));
    assert_eq!(report["comparison"]["findings"][0]["code"], "weights-not-finite");
    let (mut page, [a, b]) = two(&[1.0], &[1.0, 2.0]);
    compare(&mut page, &a, &b);
    page.work();
    let row = &page.report()["comparison"]["weights"][0];
    assert_eq!((&row["equal"], &row["max_abs"]), (&false.into(), &Value::Null));
    assert_eq!(row["problem"], "its shape is [1] in A and [2] in B");
}

#[test]
fn another_tolerance_keeps_the_values_and_another_choice_drops_them() {
    let (mut page, [a, b]) = two(&[1.0, 2.0], &[1.0, 2.5]);
    let read = |page: &Page| page.report()["sources"][0]["bytes_read"].as_u64().unwrap();
    let before = read(&page);
    compare(&mut page, &a, &b);
    page.work();
    assert_eq!(read(&page), before + 8, "what was read is told");
    page.session.set_tolerance(weighbridge::session::Tolerance { absolute: 1.0, relative: 0.0 });
    assert_eq!(page.report()["comparison"]["weights"][0]["l2"], 0.5);
    page.act(|session| session.choose_comparison(Some(b.clone()), Some(a.clone())));
    assert_eq!(page.report()["comparison"], Value::Null);
    page.act(Session::compare);
    page.slice();
    let source = page.session.sources().last().unwrap().id;
    page.act(|session| session.close(source));
    assert!(page.session.is_idle(), "what is closed is not read on");
}

#[test]
fn a_tensor_under_another_name_is_known_by_what_it_holds() {
    let mut page = Page::new(1);
    page.open_bytes("before.npy", npy(&[1.0, 2.0, 3.0]));
    page.open_bytes("after.npy", npy(&[1.0, 2.0, 3.0]));
    page.open_bytes("other.npy", npy(&[1.0, 2.0, 3.5]));
    page.open_bytes("nothing.npy", npy(&[0.0, 0.0]));
    page.open_bytes("naught.npy", npy(&[0.0, 0.0]));
    let mut told = |a: &str, b: &str| {
        compare(&mut page, a, b);
        page.work();
        let comparison = page.report()["comparison"].clone();
        let change = |row: &Value| row["change"].as_str().unwrap().to_owned();
        let changes: Vec<String> = comparison["structure"].as_array().unwrap().iter().map(change).collect();
        (changes.join(" "), comparison["weights"].as_array().unwrap().len(), comparison)
    };
    let (changes, rows, comparison) = told("before.npy", "after.npy");
    assert_eq!((changes.as_str(), rows), ("renamed", 1));
    let row = &comparison["structure"][0];
    assert_eq!((&row["from"], &row["rule"]), (&"before".into(), &"the same content".into()));
    for (a, b) in [("before.npy", "other.npy"), ("nothing.npy", "naught.npy")] {
        let (changes, rows, comparison) = told(a, b);
        assert!(changes == "added removed" || changes == "removed added", "{changes}");
        let finding = &comparison["findings"][0];
        assert_eq!((rows, finding["code"].as_str()), (0, Some("weights-nothing-common")));
    }
}

#[test]
fn with_nothing_in_common_the_closest_names_are_told() {
    let mut page = Page::new(1);
    page.open_bytes("weights.npy", npy(&[1.0]));
    page.open_bytes("weight_2.npy", npy(&[1.0, 2.0]));
    compare(&mut page, "weights.npy", "weight_2.npy");
    page.work();
    let finding = page.report()["comparison"]["findings"][0]["message"].as_str().unwrap().to_owned();
    let expected =
        "no tensor is on both sides: no values were compared; the closest names are weights in A and weight_2 in B";
    assert_eq!(finding, expected);
}

/// What was opened first alone is compared with what comes next, unless the user chose otherwise.
#[test]
fn the_second_file_is_suggested_when_it_comes() {
    let (page, [a, b]) = two(&[1.0], &[2.0]);
    assert_eq!((&page.session.comparing.a, &page.session.comparing.b), (&Some(a.clone()), &Some(b)));
    let (mut page, _) = two(&[1.0], &[2.0]);
    page.act(|session| session.choose_comparison(Some(a.clone()), Some(a.clone())));
    page.act(Session::compare);
    page.work();
    page.open_bytes("c.safetensors", safetensors(&[3.0]));
    assert_eq!(page.session.comparing.b, Some(a), "what is shown stays");
}

#[test]
fn what_was_stopped_is_told_in_the_report_for_people() {
    let (mut page, [a, b]) = two(&vec![1.0; 9_000_000], &vec![1.5; 9_000_000]);
    compare(&mut page, &a, &b);
    page.slice();
    page.act(|session| session.cancel(ActivityId::Weigh));
    let told = page.session.comparing.result.as_ref().unwrap().weights_sentence().unwrap();
    assert_eq!(told, "Stopped: 0 of 1 tensors were compared");
}
