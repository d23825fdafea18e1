//! Any static host, any path, and none at all.

use crate::run;
use e2e::page::Page;
use e2e::{Result, site, wait};
use serde_json::json;

/// What the browser says when it asks for the page first and has to take it from its cache.
pub(crate) const NO_SERVER: &[&str] = &["net::ERR_CONNECTION_REFUSED", "net::ERR_FAILED"];

/// Below a path nothing is asked for outside of it, and everything that is asked for is there.
pub(crate) fn under_a_path(page: &Page) -> Result {
    let server = site::serve_under("some/where")?;
    let page = Page { driver: page.driver, site: server.url() };
    assert!(page.site.ends_with("/some/where/"));
    page.load()?;
    page.work(|| page.click("open-sample"))?;
    run::is_healthy(&page.report()?);
    for request in server.seen() {
        let is_browsers_own = request.path == "/favicon.ico";
        assert!(request.path.starts_with("/some/where/") || is_browsers_own, "{request:?}");
        assert!(request.status < 400 || is_browsers_own, "{request:?}");
    }
    Ok(())
}

/// After one visit the server is not needed any more, for the sample neither.
pub(crate) fn offline(page: &Page) -> Result {
    let server = site::serve()?;
    let page = Page { driver: page.driver, site: server.url() };
    page.load()?;
    wait::until("the service worker", || {
        let ready = "navigator.serviceWorker.ready.then((found) => arguments[0](found.active?.state ?? null))";
        let state = page.driver.run_async(ready, &[])?;
        Ok((state == json!("activated")).then_some(()))
    })?;
    drop(server);
    page.load()?;
    page.work(|| page.click("open-sample"))?;
    let report = page.report()?;
    assert_eq!(report["runs"][0]["layout"], "linear_nexus");
    run::is_healthy(&report);
    Ok(())
}
