//! Files behind an address: only the parts that are needed are asked for.

use crate::run::{assert_same_tensors, tensors_of};
use e2e::driver::Key;
use e2e::fixtures::Folder;
use e2e::page::{Page, id};
use e2e::{Result, site};
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::io::Write as _;
use xtask::serve::{Options, Seen, Server};

const LENGTH: u64 = 256 << 20;
/// The header and what is read ahead of it.
const ENOUGH: u64 = 4 << 20;

/// Typed into the box.
pub(crate) fn typed(page: &Page) -> Result {
    let (_folder, server) = serve()?;
    let page = Page { driver: page.driver, site: server.url() };
    page.load()?;
    page.work(|| {
        page.fill("open-url", &format!("{}files/large.safetensors", page.site))?;
        page.click("open-url-go")
    })?;
    assert_is_open(&page, &server)
}

/// In the page's own address, as someone else would send it.
pub(crate) fn linked(page: &Page) -> Result {
    let (_folder, server) = serve()?;
    let page = Page { driver: page.driver, site: server.url() };
    page.driver.go(&format!("{}?url={}files/large.safetensors", page.site, page.site))?;
    page.text("source-item")?;
    page.jobs()?;
    assert_is_open(&page, &server)
}

/// Two files and the page that compares, as someone else would send it: the first is the reference.
pub(crate) fn compared(page: &Page) -> Result {
    let folder = Folder::new()?;
    folder.write("b.safetensors", &small([1.0, 2.0]))?;
    folder.write("a.safetensors", &small([1.0, 2.5]))?;
    let more = vec![("/files".to_owned(), folder.path().to_owned())];
    let server = Server::start(Options { more, ..Options::new(site::folder()?) });
    let server = server.map_err(|cause| format!("the site could not be served: {cause}"))?;
    let page = Page { driver: page.driver, site: server.url() };
    let link = format!("{0}?url={0}files/b.safetensors&url={0}files/a.safetensors#/compare", page.site);
    page.driver.go(&link)?;
    page.text_where("comparison-summary", "both names", |text| text.contains("From b.safetensors to a.safetensors"))?;
    page.text_where("weights-summary", "what changed", |text| text.contains("changed"))?;
    let comparison = &page.report()?["comparison"];
    assert_eq!((&comparison["a"], &comparison["b"]), (&json!("b.safetensors"), &json!("a.safetensors")));
    assert_eq!(comparison["weights"][0]["max_abs"], 0.5);
    Ok(())
}

/// A tensor of two 32-bit floats, as safetensors has it.
fn small(values: [f32; 2]) -> Vec<u8> {
    let header = json!({ "w": { "dtype": "F32", "shape": [2], "data_offsets": [0, 8] } }).to_string();
    let values = values.iter().flat_map(|value| value.to_le_bytes());
    (header.len() as u64).to_le_bytes().into_iter().chain(header.bytes()).chain(values).collect()
}

/// What cannot be had is told, and the page goes on.
pub(crate) fn refused(page: &Page) -> Result {
    let (_folder, server) = serve()?;
    let page = Page { driver: page.driver, site: server.url() };
    page.load()?;
    page.work(|| {
        page.fill("open-url", &format!("{}files/none.safetensors", page.site))?;
        page.driver.find(&id("open-url"))?.press(Key::Enter)
    })?;
    page.text_where("problem", "the status", |text| text.contains("404"))?;
    Ok(())
}

/// The site, and beside it a file that no one wants to wait for.
fn serve() -> Result<(Folder, Server)> {
    let folder = Folder::new()?;
    let header = header().to_string();
    let path = folder.write_zeros("large.safetensors", 8 + header.len() as u64 + LENGTH)?;
    let head = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat();
    let written = OpenOptions::new().write(true).open(&path).and_then(|mut file| file.write_all(&head));
    written.map_err(|cause| format!("{}: {cause}", path.display()))?;
    let more = vec![("/files".to_owned(), folder.path().to_owned())];
    let server = Server::start(Options { more, ..Options::new(site::folder()?) });
    Ok((folder, server.map_err(|cause| format!("the site could not be served: {cause}"))?))
}

fn header() -> Value {
    json!({ "layer.weight": { "dtype": "F32", "shape": [8192, 8192], "data_offsets": [0, LENGTH] } })
}

fn assert_is_open(page: &Page, server: &Server) -> Result {
    let expected = json!([{ "name": "layer.weight", "dtype": "F32", "shape": [8192, 8192], "size_bytes": LENGTH }]);
    let report = page.report()?;
    assert_same_tensors(tensors_of(&report, "large.safetensors"), &expected, "large.safetensors");
    assert_eq!(report["sources"][0]["kind"], "url");
    let asked: Vec<Seen> = server.seen().into_iter().filter(|seen| seen.path.ends_with("large.safetensors")).collect();
    let sent: u64 = asked.iter().map(|seen| seen.sent).sum();
    assert!(sent < ENOUGH, "{sent} bytes were sent for a header: {asked:?}");
    Ok(())
}
