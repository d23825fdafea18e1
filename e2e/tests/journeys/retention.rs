//! What may go.

use crate::run::rows;
use e2e::Result;
use e2e::expected::expected;
use e2e::fixtures::fixture;
use e2e::page::Page;
use serde_json::{Value, json};

const RUN: &str = "linearnexus_run.zip/checkpoints";

/// The last one and the best by loss are kept; sizes add up.
pub(crate) fn a_plan(page: &Page) -> Result {
    page.open(&[&fixture("archives/linearnexus_run.zip")])?;
    page.go("retention")?;
    page.choose("retention-metric", "loss")?;
    page.choose("retention-mode", "min")?;
    page.fill("retention-keep-last", "1")?;
    page.fill("retention-keep-best", "1")?;
    let report = page.report()?;
    let plan = &report["retention"];
    assert_eq!(plan["policy"], json!({ "keep_last": 1, "keep_best": 1, "metric": "loss", "mode": "min" }));
    assert_eq!(paths(&plan["keep"]), [format!("{RUN}/step_300"), format!("{RUN}/step_800")]);
    let dropped = ["step_200", "step_600", "step_700"].map(|name| format!("{RUN}/{name}"));
    assert_eq!(paths(&plan["drop"]), dropped);
    let size = |names: &[&str]| -> u64 {
        let wanted = rows(&expected()["run"], |row| names.iter().any(|name| row["name"] == *name));
        wanted.iter().filter_map(|row| row["size_bytes"].as_u64()).sum()
    };
    assert_eq!(plan["bytes_kept"], size(&["step_300", "step_800"]));
    assert_eq!(plan["bytes_freed"], size(&["step_200", "step_600", "step_700"]));
    Ok(())
}

fn paths(list: &Value) -> Vec<String> {
    let mut paths: Vec<String> =
        rows(list, |_| true).iter().filter_map(|row| row["path"].as_str()).map(str::to_owned).collect();
    paths.sort();
    paths
}
