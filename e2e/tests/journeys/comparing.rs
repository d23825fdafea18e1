//! Two checkpoints side by side: what NumPy says of them.

use e2e::Result;
use e2e::expected::{expected, is_close};
use e2e::fixtures::fixture;
use e2e::page::Page;
use serde_json::{Value, json};

const A: &str = "linearnexus_run.zip/checkpoints/step_300";
const B: &str = "linearnexus_run.zip/checkpoints/step_800";

/// Metrics, configuration, structure and weights of step 800 against step 300.
pub(crate) fn two_checkpoints(page: &Page) -> Result {
    page.open(&[&fixture("archives/linearnexus_run.zip")])?;
    page.compare(A, B)?;
    let report = page.report()?;
    let comparison = &report["comparison"];
    assert_eq!((&comparison["a"], &comparison["b"]), (&json!(A), &json!(B)));
    assert_rows(&comparison["metrics"], &expected()["comparison"]["metrics"]);
    assert_rows(&comparison["weights"], &expected()["comparison"]["weights"]);
    let step = json!([{ "path": "step", "change": "changed", "a": 300, "b": 800 }]);
    assert_eq!(comparison["config"], step);
    assert_eq!(comparison["structure"], json!([]));
    Ok(())
}

/// Rows by name; numbers but for the order of additions.
fn assert_rows(found: &Value, expected: &Value) {
    let (found, expected) = (found.as_array().expect("rows"), expected.as_array().expect("rows"));
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for row in expected {
        let found = found.iter().find(|found| found["name"] == row["name"]);
        let found = found.unwrap_or_else(|| panic!("there is no {}", row["name"]));
        for (key, value) in row.as_object().into_iter().flatten() {
            assert!(is_close(&found[key], value), "{key} of {} is {}, not {value}", row["name"], found[key]);
        }
    }
}
