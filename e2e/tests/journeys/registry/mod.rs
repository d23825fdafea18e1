//! The registry page, against servers of this machine.

pub(crate) mod bad_servers;
pub(crate) mod hub;
pub(crate) mod keys;
pub(crate) mod tinker;

use e2e::page::{Page, id};
use e2e::server::Server;
use e2e::{Result, wait};
use serde_json::json;

/// Connects to a server and waits until all is listed.
pub(crate) fn connect(page: &Page, url: &str, key: &str) -> Result {
    page.driver.names(url);
    show(page)?;
    page.fill("registry-url", url)?;
    page.fill("registry-key", key)?;
    page.work(|| page.click("registry-connect"))
}

/// Goes to the page, wherever it is.
pub(crate) fn show(page: &Page) -> Result {
    page.driver.run("location.hash = '#/registry'", &[])?;
    page.driver.find(".page").map(drop)
}

/// Looks at a checkpoint: a click on its row.
pub(crate) fn look_at(page: &Page, path: &str) -> Result {
    let (run, rest) = path.trim_start_matches("tinker://").split_once('/').ok_or("no path")?;
    let row = format!("{} [title=\"tinker://{run}/{rest}\"]", id("registry-row"));
    page.driver.click(&row)?;
    page.jobs().map(drop)
}

/// Chooses exactly these checkpoints.
pub(crate) fn choose(page: &Page, paths: &[&str]) -> Result {
    let unchoose =
        "document.querySelectorAll('[data-testid=registry-row] input:checked').forEach((box) => box.click())";
    page.driver.run(unchoose, &[])?;
    for path in paths {
        page.driver.click(&format!("input[aria-label=\"Choose {path}\"]"))?;
    }
    wait::until("the choice", || {
        let count = "return document.querySelectorAll('[data-testid=registry-row] input:checked').length";
        Ok((page.driver.run(count, &[])? == json!(paths.len())).then_some(()))
    })
}

/// Requests to these servers come from a page that the user pointed there.
pub(crate) fn name(page: &Page, servers: &[&Server]) {
    servers.iter().for_each(|server| page.driver.names(&server.url()));
}
