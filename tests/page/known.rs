//! Tensors whose digests are known are found equal without being read again, with the numbers that reading them gives.
//! `expected/weights.py` made the files.

use std::path::Path;

use serde_json::{Value, json};
use weighbridge::session::Session;

use crate::page::Page;
use crate::weights::{Folder, compare, unpacked};

/// A page with two copies of a model, each in a folder of its own, and the paths of both.
struct Two {
    page: Page,
    paths: [String; 2],
    folders: [Folder; 2],
}

impl Two {
    fn new(what: &str, a: &Value, b: &Value, bytes: &[u8]) -> Self {
        let folders = [Folder::new(&format!("{what}-a"), a, bytes), Folder::new(&format!("{what}-b"), b, bytes)];
        let mut page = Page::new(2);
        page.open(&[folders[0].path().to_owned(), folders[1].path().to_owned()]);
        let paths = folders.each_ref().map(|folder| path_in(&page, folder.path()));
        Self { page, paths, folders }
    }

    fn compared(&mut self) -> Value {
        compare(&mut self.page, &self.paths[0], &self.paths[1]);
        self.page.work();
        self.page.report()["comparison"].clone()
    }

    fn identify(&mut self) {
        for path in self.paths.clone() {
            self.page.act(|session| session.identify(&path));
            self.page.work();
        }
    }

    /// Bytes read of both sources.
    fn read(&self) -> u64 {
        self.page.session.sources().map(|source| source.bytes_read).sum()
    }
}

fn path_in(page: &Page, folder: &Path) -> String {
    let name = folder.file_name().unwrap().to_str().unwrap();
    let found = page.session.checkpoints().find(|found| found.checkpoint.path.starts_with(name));
    found.unwrap().checkpoint.path.clone()
}

fn copies() -> (Value, Vec<u8>) {
    let told: Value = serde_json::from_slice(&unpacked("weights.json.gz")).unwrap();
    (told["copies"].clone(), unpacked("weights.bin.gz"))
}

/// How each row is known to be equal; and the rows without that, norms to what sums in another order leave of them.
fn split(comparison: &Value) -> (Vec<Value>, Vec<Value>) {
    let mut rows = comparison["weights"].as_array().unwrap().clone();
    let known = rows.iter_mut().map(|row| row.as_object_mut().unwrap().remove("equal_by").unwrap()).collect();
    for side in rows.iter_mut().flat_map(|row| ["a", "b"].map(|side| row[side]["l2"].take())) {
        assert!(side.is_null() || side.as_f64().is_some_and(|norm| norm >= 0.0), "{side}");
    }
    (known, rows)
}

fn norms(comparison: &Value) -> Vec<f64> {
    let rows = comparison["weights"].as_array().unwrap().iter();
    rows.flat_map(|row| [&row["a"]["l2"], &row["b"]["l2"]]).map(|norm| norm.as_f64().unwrap_or(-1.0)).collect()
}

fn assert_same_numbers(found: &Value, read: &Value, what: &str) {
    assert_eq!(split(found).1, split(read).1, "{what}");
    for (x, y) in norms(found).into_iter().zip(norms(read)) {
        assert!((x - y).abs() <= 1e-12 * y.abs(), "{what}: {x} {y}");
    }
}

#[test]
fn what_was_identified_is_not_read_again_whatever_holds_it() {
    let (told, bytes) = copies();
    let same = told["same"].as_array().unwrap();
    for (at, other) in same.iter().enumerate() {
        let mut two = Two::new(&format!("identified-{at}"), &same[0], other, &bytes);
        let read = two.compared();
        assert!(split(&read).0.iter().all(|by| by == "bytes"), "{read}");
        two.identify();
        let before = two.read();
        let found = two.compared();
        assert_eq!(two.read(), before, "nothing was read: {other}");
        assert!(split(&found).0.iter().all(|by| by == "tensor_digest"), "{found}");
        assert_same_numbers(&found, &read, &other.to_string());
        let rows = found["weights"].as_array().unwrap().len();
        let markdown = two.page.session.report_markdown();
        assert!(markdown.contains(&format!("{rows}\u{202f}tensors equal by digest")), "{markdown}");
        let csv = two.page.session.comparison_csv(weighbridge::session::CsvTable::Weights);
        assert_eq!(csv.matches(",tensor_digest").count(), rows, "{csv}");
    }
}

#[test]
fn renamed_tensors_are_known_by_their_digests_too() {
    let (told, bytes) = copies();
    let (same, wrapped) = (&told["same"][0], &told["wrapped"][0]);
    let mut two = Two::new("wrapped-known", same, wrapped, &bytes);
    let read = two.compared();
    two.identify();
    let found = two.compared();
    assert!(split(&found).0.iter().all(|by| by == "tensor_digest"), "{found}");
    assert_same_numbers(&found, &read, "wrapped");
}

#[test]
fn only_what_differs_is_read() {
    let (told, bytes) = copies();
    for (at, moved) in told["moved"].as_array().unwrap().iter().enumerate() {
        let mut two = Two::new(&format!("moved-known-{at}"), &told["same"][0], moved, &bytes);
        let read = two.compared();
        two.identify();
        let found = two.compared();
        assert_same_numbers(&found, &read, &moved.to_string());
        let rows = found["weights"].as_array().unwrap();
        let compared: Vec<&Value> = rows.iter().filter(|row| row["equal_by"] != "tensor_digest").collect();
        assert_eq!(compared.len(), 1, "{moved}");
        assert_eq!((&compared[0]["name"], &compared[0]["equal_by"]), (&told["changed"], &Value::Null));
    }
}

/// Equal files have equal tensors, but their norms were not found when the files were hashed: one side is read for them.
#[test]
fn what_was_verified_is_read_once() {
    let (told, bytes) = copies();
    let same = &told["same"][0];
    let mut two = Two::new("verified", same, same, &bytes);
    let before = two.read();
    let read = two.compared();
    let both = two.read() - before;
    two.page.act(Session::verify);
    two.page.work();
    let before = two.read();
    let found = two.compared();
    assert_eq!(2 * (two.read() - before), both, "one side was read");
    assert!(split(&found).0.iter().all(|by| by == "file_digest"), "{found}");
    assert_same_numbers(&found, &read, "verified");
    // What was identified as well needs no reading at all.
    let [a, _] = two.paths.clone();
    two.page.act(|session| session.identify(&a));
    two.page.work();
    let before = two.read();
    let found = two.compared();
    assert_eq!(two.read(), before);
    assert!(split(&found).0.iter().all(|by| by == "file_digest"), "{found}");
    assert_same_numbers(&found, &read, "verified and identified");
}

/// A digest of a file that is closed says nothing of another of the same name.
#[test]
fn what_is_closed_takes_its_digests_along() {
    let (told, bytes) = copies();
    let (same, moved) = (&told["same"][0], &told["moved"][0]);
    let mut two = Two::new("closed", same, same, &bytes);
    two.identify();
    two.page.act(Session::verify);
    two.page.work();
    assert!(split(&two.compared()).0.iter().all(|by| by == "tensor_digest"));
    let sources: Vec<_> = two.page.session.sources().map(|source| source.id).collect();
    sources.into_iter().for_each(|source| two.page.act(|session| session.close(source)));
    // The same names, another content of the second.
    let changed = Folder::new("closed-b", moved, &bytes);
    two.page.open(&[two.folders[0].path().to_owned(), changed.path().to_owned()]);
    two.paths = [two.folders[0].path(), changed.path()].map(|folder| path_in(&two.page, folder));
    let found = two.compared();
    let differ = found["weights"].as_array().unwrap().iter().filter(|row| row["equal"] == json!(false)).count();
    assert_eq!(differ, 1, "{found}");
    assert!(split(&found).0.iter().all(|by| by == "bytes" || by.is_null()), "{found}");
}

/// An identity that is still being found when its file is closed is dropped with it.
#[test]
fn an_identity_of_what_was_closed_is_not_kept() {
    let (told, bytes) = copies();
    let mut two = Two::new("stale", &told["same"][0], &told["same"][0], &bytes);
    let [a, _] = two.paths.clone();
    two.page.act(|session| session.identify(&a));
    let source = two.page.session.sources().next().unwrap().id;
    two.page.act(|session| session.close(source));
    two.page.work();
    assert!(two.page.session.identified.is_empty() && two.page.session.is_idle());
}
