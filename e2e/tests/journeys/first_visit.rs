//! Before anything is open.

use crate::run;
use e2e::Result;
use e2e::page::{Page, id};
use e2e::wait;
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

/// What loads first is enough to start; the rest comes of itself, or when something is opened before it came.
pub(crate) fn the_rest_comes_when_needed(page: &Page) -> Result {
    const NEVER: &str = "const ask = window.fetch; window.fetch = (what, ...how) => \
                         String(what).includes('_rest') ? Promise.reject(new Error('not now')) : ask(what, ...how); \
                         const open = XMLHttpRequest.prototype.open; window.asked = []; \
                         XMLHttpRequest.prototype.open = function (...how) { \
                         window.asked.push(new Error().stack); return open.apply(this, how); };";
    const RESTS: &str = "return performance.getEntriesByType('resource').map((entry) => new URL(entry.name).pathname) \
                         .filter((path) => path.includes('app_rest')).length";
    let rests = || page.driver.run(RESTS, &[]);
    wait::until("the rest of the page", || Ok((rests()? == json!(1)).then_some(())))?;
    page.driver.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": NEVER }))?;
    page.load()?;
    assert_eq!(page.jobs()?, 0);
    let asked = page.driver.run("return window.asked", &[])?;
    assert_eq!(
        asked,
        json!([]),
        "the landing page needs what xtask/src/split gives to the rest; target/split-app.txt has names"
    );
    assert_eq!(rests()?, json!(0));
    page.work(|| page.click("open-sample"))?;
    run::is_healthy(&page.report()?);
    assert_eq!(rests()?, json!(1));
    Ok(())
}
