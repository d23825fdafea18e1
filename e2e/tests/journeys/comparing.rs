//! Two checkpoints side by side: what NumPy says of them.

use crate::opening::five_digits;
use crate::run::rows;
use e2e::driver::Key;
use e2e::expected::{expected, is_close};
use e2e::fixtures::{Folder, fixture};
use e2e::page::{Page, id};
use e2e::{Result, axe};
use serde_json::{Value, json};

const A: &str = "linearnexus_run.zip/checkpoints/step_300";
const B: &str = "linearnexus_run.zip/checkpoints/step_800";

/// Metrics, configuration and structure of step 800 against step 300, on screen and in the report.
pub(crate) fn two_checkpoints(page: &Page) -> Result {
    compare(page)?;
    for row in metrics() {
        let name = row["name"].as_str().unwrap_or_default();
        let shown = await_verdict(page, name, row["verdict"].as_str().unwrap_or_default())?;
        for key in ["a", "b"] {
            let text = five_digits(row[key].as_f64().unwrap_or_default());
            assert!(shown.contains(&text), "{key} of {name}, {text}, is not in {shown:?}");
        }
    }
    let report = page.report()?;
    let comparison = &report["comparison"];
    assert_eq!((&comparison["a"], &comparison["b"]), (&json!(A), &json!(B)));
    assert_rows(&comparison["metrics"], &expected()["comparison"]["metrics"]);
    let config = comparison["config"].as_array().ok_or("no configuration was compared")?;
    assert_eq!(config.len(), 1, "{config:?}");
    let changed = ["path", "change", "a", "b"].map(|key| config[0][key].clone());
    assert_eq!(changed, [json!("step"), json!("changed"), json!(300), json!(800)]);
    assert_eq!(comparison["structure"], json!([]));
    Ok(())
}

/// Values of every tensor of step 800 against step 300.
pub(crate) fn weights(page: &Page) -> Result {
    compare(page)?;
    let report = page.report()?;
    assert_rows(&report["comparison"]["weights"], &expected()["comparison"]["weights"]);
    Ok(())
}

/// The user knows better whether lower is better, and when two values are the same.
pub(crate) fn direction_and_tolerance(page: &Page) -> Result {
    compare(page)?;
    flip(page, "loss")?;
    await_verdict(page, "loss", "better")?;
    await_verdict(page, "accuracy", "better")?;
    page.click("only-differences")?;
    // 0.25 is the difference of the accuracies, and less than that of the losses.
    page.fill("tolerance-absolute", "0.26")?;
    page.driver.press(&[Key::Tab])?;
    await_verdict(page, "accuracy", "the same")?;
    await_verdict(page, "loss", "better")?;
    let comparison = &page.report()?["comparison"];
    let of = |name: &str| rows(&comparison["metrics"], |row| row["name"] == name)[0].clone();
    assert_eq!((&of("loss")["direction"], &of("loss")["verdict"]), (&json!("higher"), &json!("better")));
    assert_eq!(of("accuracy")["verdict"], "same");
    Ok(())
}

/// The other way round, every sign turns.
pub(crate) fn swapping(page: &Page) -> Result {
    compare(page)?;
    page.driver.click("[aria-label=\"Swap A and B\"]")?;
    await_verdict(page, "loss", "better")?;
    await_verdict(page, "accuracy", "worse")?;
    let comparison = &page.report()?["comparison"];
    assert_eq!((&comparison["a"], &comparison["b"]), (&json!(B), &json!(A)));
    for row in metrics() {
        let found = rows(&comparison["metrics"], |found| found["name"] == row["name"]);
        let delta = found[0]["delta"].as_f64().unwrap_or_default();
        assert!(is_close(&json!(-delta), &row["delta"]), "{found:?}");
    }
    Ok(())
}

/// Two files that were identified: what both have is not read again, and the report says how it is known.
pub(crate) fn by_digest(page: &Page) -> Result {
    let folder = Folder::new()?;
    let (same, before, after) = ([3.0, -4.0], [1.0, 2.0], [1.0, 2.5]);
    let paths = [("a.safetensors", before), ("b.safetensors", after)].map(|(name, changed)| {
        let bytes = safetensors(&[("embed.weight", same), ("head.weight", changed)]);
        folder.write(name, &bytes)
    });
    for (path, name) in paths.into_iter().zip(["a.safetensors", "b.safetensors"]) {
        page.open(&[&path?])?;
        page.select(name)?;
        page.go("integrity")?;
        page.work(|| page.click("identity-start"))?;
    }
    page.compare("a.safetensors", "b.safetensors")?;
    page.text_where("weights-summary", "how it is known", |text| text.contains("1\u{202f}tensor equal by digest"))?;
    page.click("only-differences")?;
    page.text_where("weight-row", "the reason", |row| {
        row.contains("embed.weight") && row.contains("equal by the digest of its content")
    })?;
    assert_eq!(axe::violations(page.driver)?, Vec::<String>::new());
    let report = page.report()?;
    // A tensor of 3 and −4 has the norm 5.
    let expected = json!([
        { "name": "embed.weight", "equal": true, "equal_by": "tensor_digest", "max_abs": 0.0, "l2": 0.0, "relative_l2": 0.0,
          "cosine": 1.0, "changed": 0, "mean_shift": 0.0, "sign_flips": 0 },
        { "name": "head.weight", "equal": false, "equal_by": null, "max_abs": 0.5, "l2": 0.5, "changed": 1 },
    ]);
    let found = &report["comparison"]["weights"];
    assert_rows(found, &expected);
    assert_eq!((&found[0]["a"]["l2"], &found[0]["b"]["l2"]), (&json!(5.0), &json!(5.0)));
    let markdown = page.markdown()?;
    assert!(markdown.contains("tensor equal by digest"), "{markdown}");
    Ok(())
}

/// Tensors of two 32-bit floats each, as safetensors has them.
fn safetensors(tensors: &[(&str, [f32; 2])]) -> Vec<u8> {
    let mut header = serde_json::Map::new();
    for ((name, _), at) in tensors.iter().zip((0..).step_by(8)) {
        header.insert((*name).to_owned(), json!({ "dtype": "F32", "shape": [2], "data_offsets": [at, at + 8] }));
    }
    let header = Value::Object(header).to_string();
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend(tensors.iter().flat_map(|(_, values)| values).flat_map(|value| value.to_le_bytes()));
    file
}

fn compare(page: &Page) -> Result {
    page.open(&[&fixture("archives/linearnexus_run.zip")])?;
    page.compare(A, B)
}

fn metrics() -> Vec<&'static Value> {
    rows(&expected()["comparison"]["metrics"], |_| true)
}

/// Waits until the row of a metric has a verdict, and answers with its cells.
fn await_verdict(page: &Page, name: &str, wanted: &str) -> Result<Vec<String>> {
    let row = page.text_where("metric-row", &format!("{name}: {wanted}"), |row| {
        let cells = cells(row);
        cells.first().is_some_and(|first| first == name) && cells.iter().any(|cell| cell == wanted)
    });
    Ok(cells(&row?))
}

fn cells(row: &str) -> Vec<String> {
    row.split(['\t', '\n']).map(|cell| cell.trim().to_owned()).collect()
}

/// Presses the button in the row of a metric.
fn flip(page: &Page, name: &str) -> Result {
    let rows = page.texts("metric-row")?;
    let at = rows.iter().position(|row| cells(row).first().is_some_and(|first| first == name));
    let at = at.ok_or_else(|| format!("{name} is not in {rows:?}"))?;
    page.driver.click(&format!("{}:nth-child({}) button", id("metric-row"), at + 1))
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
