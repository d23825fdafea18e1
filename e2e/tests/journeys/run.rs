//! The LinearNexus run of the fixtures: what a report about it has to say.

use e2e::expected::expected;
use serde_json::{Value, json};

/// Rows of a list that satisfy a condition.
pub(crate) fn rows(list: &Value, is_wanted: impl Fn(&Value) -> bool) -> Vec<&Value> {
    list.as_array().into_iter().flatten().filter(|row| is_wanted(row)).collect()
}

/// The tensors that a report lists of one file, without the file's path and their role.
pub(crate) fn tensors_of(report: &Value, file: &str) -> Vec<Value> {
    let plain = |row: &&Value| json!({ "name": row["name"], "dtype": row["dtype"], "shape": row["shape"], "size_bytes": row["size_bytes"] });
    rows(&report["tensors"], |row| row["file"] == file).iter().map(plain).collect()
}

/// The same tensors, whatever their order.
pub(crate) fn assert_same_tensors(mut found: Vec<Value>, expected: &Value, file: &str) {
    let name = |tensor: &Value| tensor["name"].as_str().unwrap_or_default().to_owned();
    let mut expected = expected.as_array().cloned().unwrap_or_default();
    found.sort_by_key(name);
    expected.sort_by_key(name);
    assert_eq!(found, expected, "the tensors of {file}");
}

/// Everything NumPy, json and the file system say of the five checkpoints, found below `path`.
pub(crate) fn assert_is_the_run(report: &Value, path: &str) {
    let runs = report["runs"].as_array().expect("runs");
    assert_eq!(runs.len(), 1, "one run");
    assert_eq!((&runs[0]["layout"], &runs[0]["path"]), (&json!("linear_nexus"), &json!(path)));
    let checkpoints = runs[0]["checkpoints"].as_array().expect("checkpoints");
    let expected = expected()["run"].as_array().expect("checkpoints");
    assert_eq!(checkpoints.len(), expected.len());
    for (found, expected) in checkpoints.iter().zip(expected) {
        assert_is_the_checkpoint(report, found, expected, path);
    }
    is_healthy(report);
}

fn assert_is_the_checkpoint(report: &Value, found: &Value, expected: &Value, path: &str) {
    let name = expected["name"].as_str().expect("a name");
    let folder = format!("{path}/{name}");
    assert_eq!(found["path"], folder);
    for key in ["name", "step", "metrics", "size_bytes"] {
        assert_eq!(found[key], expected[key], "{key} of {name}");
    }
    let files = found["files"].as_array().expect("files");
    let names: Vec<String> =
        expected["files"].as_object().expect("files").keys().map(|n| format!("{folder}/{n}")).collect();
    assert_eq!(files.iter().map(|file| file["path"].as_str().expect("a path")).collect::<Vec<_>>(), names);
    for (file, expected) in files.iter().zip(expected["files"].as_object().expect("files").values()) {
        assert_eq!(file["size_bytes"], expected["size_bytes"], "size of {}", file["path"]);
    }
    assert_eq!(found["tensors"]["parameters"], expected["parameters"], "parameters of {name}");
    for part in ["model", "optimizer"] {
        let file = format!("{folder}/{part}.npz");
        assert_same_tensors(tensors_of(report, &file), &expected[part], &file);
    }
}

/// A healthy checkpoint has no finding of severity `error`.
pub(crate) fn is_healthy(report: &Value) {
    let errors = rows(&report["findings"], |finding| finding["severity"] == "error");
    assert!(errors.is_empty(), "errors in healthy files: {errors:?}");
}
