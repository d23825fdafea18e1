//! The sheet of a run: how far its weights moved, as NumPy and PyTorch have it (`tests/expected/movement.json`), what changed
//! between its checkpoints, and the way to compare two of them.

use e2e::Result;
use e2e::driver::Key;
use e2e::fixtures::fixture;
use e2e::page::{Page, id};
use serde_json::{Value, json};

/// Shares on screen have at least two digits, and a small one two decimals of a percent.
const SHOWN: f64 = 0.05;

pub(crate) fn linear_nexus(page: &Page) -> Result {
    moves(page, "linearnexus/run/checkpoints")?;
    // What changed, and the comparison of the two.
    page.go("metrics")?;
    page.click("sheet-unfold")?;
    page.text_where("sheet-changes", "the steps", |text| text.contains("step") && text.contains("200 → 300"))?;
    page.work(|| page.click("compare-previous"))?;
    page.text_where("comparison-summary", "both names", |text| text.contains("From step_200 to step_300"))?;
    let comparison = &page.report()?["comparison"];
    assert_eq!(comparison["b"], "checkpoints/step_300");
    Ok(())
}

pub(crate) fn codex(page: &Page) -> Result {
    moves(page, "codex/canonical-manager/outputs/run-123/checkpoints")
}

pub(crate) fn prism(page: &Page) -> Result {
    moves(page, "prism/emulated-documented-manager/experiment/checkpoints")
}

pub(crate) fn torch_files(page: &Page) -> Result {
    moves(page, "slash-checkpoint/keep-best-k")
}

/// A run whose weights are elsewhere has a sheet of its metrics.
pub(crate) fn tinker_cookbook(page: &Page) -> Result {
    page.open_folder(&fixture("tinkex/cookbook-run"))?;
    page.go("metrics")?;
    let told: Value =
        serde_json::from_str(include_str!("../../../tests/expected/runs.json")).map_err(|c| c.to_string())?;
    let told = told["tinkex/cookbook-run"]["checkpoints"].as_object().ok_or("no checkpoints are expected")?;
    let rows = page.texts("run-row")?;
    assert_eq!(rows.len(), told.len(), "{rows:?}");
    assert!(!page.has("movement-start")?, "there are no weights to read");
    let sheet = page.report()?["run_sheet"].clone();
    let at = |name: &str| sheet["metrics"].as_array().and_then(|all| all.iter().position(|own| own["name"] == name));
    let at = at("test/nll").ok_or("test/nll is no metric of the sheet")?;
    for row in sheet["rows"].as_array().into_iter().flatten() {
        let expected = &told[last(row)];
        assert_eq!((&row["step"], &row["metrics"][at]), (&expected["step"], &expected["metrics"]["test/nll"]), "{row}");
    }
    assert_eq!(sheet["metrics"][at]["best"], sheet["rows"][told.len() - 1]["path"], "the lowest comes last");
    Ok(())
}

/// Opens the run, measures how far its weights moved with the keyboard, and holds that against what is expected.
fn moves(page: &Page, run: &str) -> Result {
    let told: Value = serde_json::from_str(include_str!("../../../tests/expected/movement.json"))
        .map_err(|cause| cause.to_string())?;
    let told = told[run].as_object().ok_or_else(|| format!("nothing is expected of {run}"))?;
    page.open_folder(&fixture(run))?;
    page.go("metrics")?;
    page.text("movement-start")?;
    page.work(|| {
        page.driver.run("document.querySelector(arguments[0]).focus()", &[json!(id("movement-start"))])?;
        page.driver.press(&[Key::Enter])
    })?;
    assert!(!page.has("movement-start")?, "nothing is left to measure");
    let shown = page.texts("run-row")?;
    assert_eq!(shown.len(), told.len() + 1, "{shown:?}");
    let report = page.report()?;
    let rows = report["run_sheet"]["rows"].as_array().ok_or("the report has no sheet")?;
    for (row, shown) in rows.iter().zip(&shown).skip(1) {
        let expected = &told[last(row)];
        assert_eq!(row["movement"]["changed"], expected["changed"], "{row}");
        for key in ["l2", "previous_l2", "relative_l2", "max_abs"] {
            let (x, y) =
                (row["movement"][key].as_f64().unwrap_or(f64::NAN), expected[key].as_f64().unwrap_or_default());
            assert!((x - y).abs() <= 1e-6 * y.abs(), "{key} of {row} is not {y}");
        }
        let share = expected["relative_l2"].as_f64().unwrap_or_default() * 100.0;
        let is_there = percents(shown).any(|found| (found - share).abs() <= SHOWN * share);
        assert!(is_there, "{share} % is not in {shown:?}");
    }
    let markdown = page.markdown()?;
    assert!(markdown.contains("## Run sheet"), "{markdown}");
    Ok(())
}

/// The last part of a row's path.
fn last(row: &Value) -> &str {
    row["path"].as_str().and_then(|path| path.rsplit('/').next()).unwrap_or_default()
}

/// The numbers in front of percent signs.
fn percents(text: &str) -> impl Iterator<Item = f64> + '_ {
    let ends = text.match_indices('%').map(|(at, _)| text[..at].trim_end());
    ends.filter_map(|before| {
        before.rsplit(|letter: char| !(letter.is_ascii_digit() || letter == '.')).next()?.parse().ok()
    })
}
