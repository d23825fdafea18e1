//! Several things open at once.

use crate::run::{assert_same_tensors, rows, tensors_of};
use e2e::Result;
use e2e::expected::expected;
use e2e::fixtures::fixture;
use e2e::page::{Page, id};

/// Two files of one name from two folders: each keeps its tensors, under a path of its own.
pub(crate) fn same_name(page: &Page) -> Result {
    let model = |step: &str| fixture("linearnexus/run/checkpoints").join(step).join("model.npz");
    page.open(&[&model("step_800")])?;
    page.open(&[&fixture("linearnexus/variants/bf16/model.npz")])?;
    assert_eq!(page.texts("source-item")?.len(), 2);
    let report = page.report()?;
    let names: Vec<&str> = rows(&report["sources"], |_| true).iter().filter_map(|row| row["name"].as_str()).collect();
    assert_eq!(names.len(), 2);
    assert_ne!(names[0], names[1]);
    assert_same_tensors(tensors_of(&report, names[0]), &expected()["run"][4]["model"], names[0]);
    let other = tensors_of(&report, names[1]);
    assert_eq!(other.len(), expected()["run"][4]["model"].as_array().map_or(0, Vec::len));
    assert_eq!(other[0]["size_bytes"], 128, "8 × 8 of two bytes each");
    Ok(())
}

/// Nothing of it is on screen or in the report any more; the other stays.
pub(crate) fn closing(page: &Page) -> Result {
    page.open(&[&fixture("archives/linearnexus_run.zip")])?;
    page.open(&[&fixture("frameworks/mlx/model.safetensors")])?;
    assert_eq!(page.texts("source-item")?.len(), 2);
    close(page, "linearnexus_run.zip")?;
    page.text_where("source-item", "the other file", |text| text.contains("model.safetensors"))?;
    assert_eq!(page.texts("source-item")?.len(), 1);
    let report = page.report()?;
    assert!(!report.to_string().contains("linearnexus_run"), "{report:#}");
    assert_same_tensors(tensors_of(&report, "model.safetensors"), &expected()["safetensors"], "model.safetensors");
    close(page, "model.safetensors")?;
    page.text("open-sample").map(drop)
}

/// The button is shown to the pointer on its line, and to the keyboard.
fn close(page: &Page, name: &str) -> Result {
    let button = format!("{} button[aria-label=\"Close {name}\"]", id("source-item"));
    page.driver.find(&button)?.hover()?;
    page.driver.click(&button)
}
