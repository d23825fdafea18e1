//! The report after everything has been asked for.

use crate::verifying;
use e2e::Result;
use e2e::fixtures::fixture;
use e2e::page::Page;
use serde_json::Value;

/// What was not asked for is null; what was is there, for programs and for people.
pub(crate) fn everything(page: &Page) -> Result {
    page.open(&[&fixture("archives/linearnexus_run.zip")])?;
    let report = page.report()?;
    for part in ["integrity", "comparison", "retention"] {
        assert_eq!(report.get(part), Some(&Value::Null), "{part} before it was asked for");
    }
    let folder = verifying::checkpoint(Some("SHA256SUMS.one_bad"))?;
    page.open_folder(&folder.path().join("step_800"))?;
    page.verify()?;
    page.compare("linearnexus_run.zip/checkpoints/step_200", "step_800")?;
    let report = page.report()?;
    assert_eq!(report["schema"], "weighbridge.report/1");
    assert_eq!(report["integrity"]["verdict"], "failed");
    assert_eq!(report["comparison"]["b"], "step_800");
    // A backslash before a sign that Markdown would take for its own.
    let markdown = page.markdown()?.replace('\\', "");
    for words in ["linearnexus_run.zip", "step_300", "missing_file.bin", "accuracy", "step_200"] {
        assert!(markdown.contains(words), "{words} is not in the Markdown report:\n{markdown}");
    }
    Ok(())
}
