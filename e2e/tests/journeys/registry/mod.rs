//! The registry page, against servers of this machine.

pub(crate) mod bad_servers;
pub(crate) mod hub;
pub(crate) mod keys;
pub(crate) mod saving;
pub(crate) mod shelves;
pub(crate) mod tinker;
pub(crate) mod tokens;

use e2e::page::{Page, id};
use e2e::server::Server;
use e2e::{Result, wait};
use serde_json::{Value, json};
use std::process::Command;
use xtask::peer;

/// Connects to a Tinker server and waits until all is listed.
pub(crate) fn connect(page: &Page, url: &str, key: &str) -> Result {
    connect_to(page, "tinker", url, key)
}

/// Connects to what an address of a service names, and waits until all is listed.
pub(crate) fn connect_to(page: &Page, service: &str, url: &str, key: &str) -> Result {
    page.driver.names(&url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/"));
    show(page)?;
    page.choose("registry-service", service)?;
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

/// Chooses exactly these rows, by their whole names.
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

/// Whether the real servers can be had; if not, that is said.
pub(crate) fn can_have(what: &str) -> bool {
    let found = peer::python();
    if let Err(why) = &found {
        eprintln!("\n{what}: skipped, {why}");
    }
    found.is_ok()
}

/// What `curl` gets.
pub(crate) fn curl(args: &[&str]) -> Result<Vec<u8>> {
    let got = Command::new("curl").arg("-sSf").args(args).output().map_err(|cause| format!("curl: {cause}"))?;
    if got.status.success() { Ok(got.stdout) } else { Err(String::from_utf8_lossy(&got.stderr).into_owned()) }
}

/// What `sha256sum` says of what `curl` gets, after a pipe if one is wanted.
pub(crate) fn sha256_of(url: &str, pipe: &str) -> Result<String> {
    let line = format!("curl -sSf \"$0\" {pipe} | sha256sum");
    let said = Command::new("sh").args(["-c", &line, url]).output().map_err(|cause| format!("sh: {cause}"))?;
    Ok(String::from_utf8_lossy(&said.stdout).split(' ').next().unwrap_or_default().to_owned())
}

/// The weights of the two made-up adapters of the peers: every value of one is the BF16 0x3C10, of the other 0x3C20, which
/// is 2⁻¹⁰ more.
pub(crate) fn assert_are_apart(report: &Value) -> Result {
    let weights = report["comparison"]["weights"].as_array().ok_or("no weights were compared")?;
    let is_apart =
        |row: &Value| row["equal"] == false && row["max_abs"] == json!(1.0 / 1024.0) && row["changed_fraction"] == 1.0;
    assert!(weights.len() == 12 && weights.iter().all(is_apart), "{weights:?}");
    Ok(())
}
