//! Before anything is open.

use crate::run;
use e2e::Result;
use e2e::page::{Page, id};
use serde_json::json;

/// It offers its ways in, and says that nothing leaves the machine.
pub(crate) fn the_page_starts(page: &Page) -> Result {
    for way in ["drop-zone", "open-files", "open-folder", "open-url", "open-sample"] {
        assert!(page.has(way)?, "{way} is not there");
    }
    let input = page.driver.find(&id("open-files"))?;
    assert_eq!(input.property("type")?, json!("file"));
    assert_eq!(input.property("multiple")?, json!(true));
    assert_eq!(page.driver.find(&id("open-folder"))?.property("webkitdirectory")?, json!(true));
    assert_eq!(page.jobs()?, 0);
    Ok(())
}

/// The sample is a run, opened without the network of anyone else.
pub(crate) fn the_sample_opens(page: &Page) -> Result {
    page.work(|| page.click("open-sample"))?;
    let report = page.report()?;
    assert_eq!(report["runs"][0]["layout"], "linear_nexus");
    run::is_healthy(&report);
    Ok(())
}
