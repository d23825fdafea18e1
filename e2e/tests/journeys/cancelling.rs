//! Stopping what takes long.

use crate::pictures::look;
use e2e::fixtures::Folder;
use e2e::page::{Page, id};
use e2e::{Result, wait};
use serde_json::json;

/// Seconds of hashing on any machine, without the space on the disk.
const LENGTH: u64 = 2 << 30;
const AT_ONCE_MS: f64 = 100.0;

// Clicks, and tells how long it took until nothing was being worked on.
const CANCEL: &str = "
    const [button, ready, done] = arguments;
    const start = performance.now();
    const look = () => document.querySelector(ready) ? done(performance.now() - start) : setTimeout(look, 1);
    document.querySelector(button).click();
    look();";

/// The page is idle at once, stays alive, and the report says that the check is incomplete.
pub(crate) fn a_long_verification(page: &Page) -> Result {
    let folder = Folder::new()?;
    let file = folder.write_zeros("zeros.bin", LENGTH)?;
    page.open(&[&file])?;
    page.go("integrity")?;
    let before = page.jobs()?;
    page.click("verify-start")?;
    wait::until("the verification to be under way", || {
        let shown = page.texts("job-cancel")?;
        Ok((!shown.is_empty() && page.jobs_now()?.is_none()).then_some(()))
    })?;
    let took = page.driver.run_async(CANCEL, &[json!(id("job-cancel")), json!(id("ready"))])?;
    let took = took.as_f64().ok_or("no time was measured")?;
    assert!(took <= AT_ONCE_MS, "idle {took} ms after the click");
    assert_eq!(page.jobs()?, before + 1, "a cancelled job has ended");
    assert_eq!(page.report()?["integrity"]["verdict"], "incomplete");
    page.go("integrity")?;
    look(page, "incomplete")?;
    page.open(&[&folder.write("notes.txt", b"the page still works\n")?])
}
