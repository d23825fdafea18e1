//! Servers that misbehave: what a person reads, and what is still to be had.

use super::{choose, connect, name, show};
use crate::pictures::look;
use crate::run::{rows, tensors_of};
use e2e::Result;
use e2e::driver::Key;
use e2e::fixtures::{Folder, bytes};
use e2e::page::{Page, id};
use e2e::server::{Asked, Reply, Server};
use serde_json::{Value, json};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const MODEL: &str = "safetensors/small.safetensors";
const ARCHIVE: &str = "tinkex/archives/79db3d29-8bda-515f-a3c3-f9c1a8806642_weights_0001.tar";
/// Where some servers let go.
const SEVEN_MB: usize = 7_000_000;

fn open_address(page: &Page, url: &str) -> Result {
    page.driver.names(url.splitn(4, '/').take(3).collect::<Vec<_>>().join("/").as_str());
    page.load()?;
    page.driver.run("location.hash = ''", &[])?;
    page.work(|| {
        page.fill("open-url", url)?;
        page.driver.find(&id("open-url"))?.press(Key::Enter)
    })
}

fn says(page: &Page, name: &str, words: &[&str]) -> Result {
    let is_said = |text: &str| words.iter().all(|word| text.contains(word));
    page.text_where(name, &words.join(", "), is_said).map(drop)
}

/// The part that cannot be asked for is an offer to download the whole, which opens.
pub(crate) fn one_that_ignores_ranges(page: &Page) -> Result {
    let model = bytes(MODEL)?;
    let server = Server::open(move |_| Reply::whole(&model))?;
    open_address(page, &format!("{}/small.safetensors", server.url()))?;
    let host = server.url().replace("http://", "");
    says(page, "offer", &["small.safetensors", &host, "ignores Range", "download all of it", "260"])?;
    look(page, "ignores-ranges")?;
    page.work(|| page.click("offer-accept"))?;
    assert!(!page.has("offer")?);
    opened(page, "small.safetensors")
}

/// Nothing of it can be read, and the page says all that may be the reason and what to do.
pub(crate) fn one_without_cors(page: &Page) -> Result {
    let model = bytes(MODEL)?;
    let server = Server::closed(move |asked| match asked.path() {
        "/small.safetensors" => Reply::file(asked, &model),
        _ => Reply::json(200, r#"{"status":"ok"}"#),
    })?;
    open_address(page, &format!("{}/small.safetensors", server.url()))?;
    says(page, "problem", &["127.0.0.1", "CORS", "redirect", "does not tell a page which", "drop the file here"])?;
    look(page, "no-cors-url")?;
    page.driver.click("[aria-label=Dismiss]")?;
    connect(page, &server.url(), "tml-any")?;
    says(page, "registry-problem", THREE_WAYS)?;
    look(page, "no-cors-registry")
}

/// What to do about a server that lets no other site read it.
pub(crate) const THREE_WAYS: &[&str] =
    &["CORS", "Three ways out", "proxy", "hosted on the server's own address", "dropped here"];

/// Every seven megabytes the connection is gone. What is read goes on where it broke.
pub(crate) fn one_that_drops_connections(page: &Page) -> Result {
    let large = Arc::new(large_model());
    let held = Arc::clone(&large);
    let server = Server::open(move |asked| match asked.path() {
        "/large.safetensors" => Reply::file(asked, &held).cut(SEVEN_MB),
        _ => Reply::whole(&held).cut(SEVEN_MB),
    })?;
    open_address(page, &format!("{}/large.safetensors", server.url()))?;
    page.verify()?;
    let report = page.report()?;
    let row = rows(&report["integrity"]["entries"], |row| row["path"] == "large.safetensors");
    assert_eq!(row[0]["actual"], json!(sha256(&large)?), "what came in pieces is what was sent");
    // A browser may lose the last bytes before a break.
    let parts = server.seen().iter().filter_map(Asked::range).filter(|(first, _)| *first > SEVEN_MB / 2).count();
    assert!(parts >= 3, "{parts} requests went on where a connection broke");
    // One that cannot go on either: it ends, with words.
    open_address(page, &format!("{}/whole.safetensors", server.url()))?;
    page.work(|| page.click("offer-accept"))?;
    says(page, "problem", &["whole.safetensors", "broke at byte 7000000", "cannot go on from there"])?;
    look(page, "broken-for-good")
}

/// Each way of saying when to come again, on lists, on an archive and on a file.
pub(crate) fn one_with_too_many_requests(page: &Page) -> Result {
    let count = AtomicUsize::new(0);
    let model = bytes(MODEL)?;
    let server = Server::open(move |asked| {
        if asked.path() == "/api/v1/healthz" {
            return Reply::json(200, r#"{"status":"ok"}"#);
        }
        let at = count.fetch_add(1, Ordering::SeqCst);
        let busy = || Reply::json(429, r#"{"detail":"slow down"}"#);
        match at {
            0 => busy().with("Retry-After", "1"),
            2 => busy().with("Retry-After", "0.7"),
            4 => busy().with("Retry-After", &date_in(3)),
            6 => busy().with("retry-after-ms", "600").with("Retry-After", "50"),
            8 => busy(),
            _ if asked.path() == "/small.safetensors" => Reply::file(asked, &model),
            _ => listed(asked),
        }
    })?;
    let start = Instant::now();
    connect(page, &server.url(), "tml-any")?;
    page.text_where("registry-row", "a checkpoint", |row| row.contains("one"))?;
    open_address(page, &format!("{}/small.safetensors", server.url()))?;
    opened(page, "small.safetensors")?;
    assert!(start.elapsed() > Duration::from_millis(1000 + 700 + 1000 + 600 + 500), "{:?}", start.elapsed());
    // One that stays so is given up, with what it said.
    let never = Server::open(|asked| match asked.path() {
        "/api/v1/healthz" => Reply::json(200, r#"{"status":"ok"}"#),
        _ => Reply::json(429, r#"{"detail":"slow down"}"#).with("Retry-After", "0.1"),
    })?;
    page.load()?;
    connect(page, &never.url(), "tml-any")?;
    says(page, "registry-problem", &["429", "too many requests", "slow down"])?;
    look(page, "too-many-registry")?;
    open_address(page, &format!("{}/a.npz", never.url()))?;
    says(page, "problem", &["429", "too many requests"])?;
    look(page, "too-many-url")
}

/// While it waits, the job bar says so.
pub(crate) fn waiting_is_told(page: &Page) -> Result {
    let server = Server::open(|asked| match asked.path() {
        "/api/v1/healthz" => Reply::json(200, r#"{"status":"ok"}"#),
        _ => Reply::json(429, r#"{"detail":"slow down"}"#).with("Retry-After", "40"),
    })?;
    page.driver.names(&server.url());
    show(page)?;
    page.fill("registry-url", &server.url())?;
    page.click("registry-connect")?;
    page.shows(["in 40", "the server asks for patience"])?;
    look(page, "waiting")?;
    page.click("job-cancel")?;
    page.jobs().map(drop)
}

/// Longer, shorter, and something else than it said.
pub(crate) fn one_that_lies(page: &Page) -> Result {
    let model = bytes(MODEL)?;
    let length = model.len();
    let server = Server::open(move |asked| {
        let (first, last) = asked.range().unwrap_or((0, None));
        let last = last.unwrap_or(length - 1).min(length - 1);
        let part = |total: usize| {
            let range = format!("bytes {first}-{last}/{total}");
            Reply::bytes(206, model.get(first..=last).unwrap_or_default()).with("Content-Range", &range)
        };
        match asked.path() {
            "/longer.safetensors" if first < length => part(length + 1_000_000),
            "/longer.safetensors" => Reply::status(416),
            "/shorter.safetensors" => part(length - 60),
            "/page.safetensors" => Reply::file(asked, b"<!DOCTYPE html><title>Sign in</title><h1>403</h1>"),
            "/other.safetensors" => Reply::bytes(206, &model[..4]).with("Content-Range", "bytes 7-10/260"),
            "/empty.safetensors" => Reply::whole(b""),
            _ => Reply::redirect(302, "file:///etc/passwd"),
        }
    })?;
    for (name, words) in [("other", &["other bytes than those asked for"][..]), ("file", &["redirect", "CORS"])] {
        open_address(page, &format!("{}/{name}.safetensors", server.url()))?;
        says(page, "problem", words)?;
        look(page, &format!("lies-{name}"))?;
    }
    for (name, words) in [
        ("longer", &["its length was not true", "at byte 260"][..]),
        ("shorter", &["200"]),
        ("page", &["Sign in"]),
        ("empty", &["no bytes"]),
    ] {
        let file = format!("{name}.safetensors");
        open_address(page, &format!("{}/{file}", server.url()))?;
        let report = page.report()?;
        page.go("overview")?;
        look(page, &format!("lies-{name}"))?;
        let told = rows(&report["findings"], |row| row["file"] == file.as_str() && row["severity"] != "note");
        let told: Vec<&str> = told.iter().filter_map(|row| row["message"].as_str()).collect();
        assert!(
            !told.is_empty() && words.iter().all(|word| told.iter().any(|told| told.contains(word))),
            "{name}: {told:?}"
        );
    }
    Ok(())
}

/// An API that answers with pages for people, with lists without an end, and with addresses of its own disk.
pub(crate) fn an_api_that_makes_no_sense(page: &Page) -> Result {
    let html = Server::open(|_| Reply::bytes(200, "<html>hello</html>").with("Content-Type", "text/html"))?;
    connect(page, &html.url(), "tml-any")?;
    says(page, "registry-problem", &["not JSON"])?;
    look(page, "html-registry")?;
    let endless = Server::open(|asked| {
        let offset = asked.target.rsplit_once("offset=").and_then(|(_, text)| text.parse::<u64>().ok());
        match (asked.path(), offset) {
            ("/api/v1/training_runs", Some(offset)) => {
                let run = |at: u64| json!({ "training_run_id": format!("run-{at}"), "base_model": "b" });
                let runs: Vec<Value> = (offset..offset + 100).map(run).collect();
                Reply::json(
                    200,
                    json!({ "training_runs": runs, "cursor": { "offset": offset, "limit": 100, "total_count": 1u64 << 40 } }),
                )
            }
            _ => listed(asked),
        }
    })?;
    page.driver.names(&endless.url());
    page.fill("registry-url", &endless.url())?;
    page.click("registry-connect")?;
    says(page, "registry-count", &["more are coming"])?;
    page.click("registry-list")?;
    says(page, "registry-unlisted", &["the listing was stopped: there may be more"])?;
    look(page, "pages-for-ever")?;
    page.jobs()?;
    page.click("registry-disconnect")?;
    let disk = Server::open(|asked| match asked.path().rsplit('/').next() {
        Some("archive") => Reply::json(200, r#"{"url":"file:///srv/checkpoints/one.tar"}"#),
        _ => listed(asked),
    })?;
    connect(page, &disk.url(), "tml-any")?;
    choose(page, &["tinker://m/weights/one"])?;
    page.work(|| page.click("registry-open"))?;
    says(page, "registry-outcome", &["not one of the web", "file:", "refused"])?;
    look(page, "archive-on-disk")
}

/// An archive that ends early: what is whole of it is shown, and that it was cut.
pub(crate) fn an_archive_cut_short(page: &Page) -> Result {
    let archive = bytes(ARCHIVE)?;
    let half = archive[..archive.len() / 2].to_vec();
    let store = Server::open(move |asked| Reply::file(asked, &half))?;
    let place = store.url();
    let api = Server::open(move |asked| match asked.path().rsplit('/').next() {
        Some("archive") => Reply::json(200, json!({ "url": format!("{place}/one.tar?sig=1") })),
        _ => listed(asked),
    })?;
    name(page, &[&store]);
    connect(page, &api.url(), "tml-any")?;
    choose(page, &["tinker://m/weights/one"])?;
    page.work(|| page.click("registry-open"))?;
    let report = page.report()?;
    let told = report["findings"].to_string();
    page.go("overview")?;
    look(page, "archive-cut")?;
    assert!(told.contains("truncated") || told.contains("cut"), "{told}");
    assert!(report["runs"].to_string().contains("adapter_config.json"), "what is whole is shown: {}", report["runs"]);
    Ok(())
}

fn listed(asked: &Asked) -> Reply {
    match asked.path() {
        "/api/v1/healthz" => Reply::json(200, r#"{"status":"ok"}"#),
        "/api/v1/get_server_capabilities" => Reply::json(200, r#"{"supported_models":[{"model_name":"b"}]}"#),
        "/api/v1/training_runs" => Reply::json(200, r#"{"training_runs":[{"training_run_id":"m","base_model":"b"}]}"#),
        "/api/v1/checkpoints" => Reply::json(200, r#"{"checkpoints":[{"tinker_path":"tinker://m/weights/one"}]}"#),
        _ => Reply::json(404, r#"{"detail":"Not Found"}"#),
    }
}

fn opened(page: &Page, file: &str) -> Result {
    let report = page.report()?;
    assert!(!tensors_of(&report, file).is_empty(), "{report:#}");
    Ok(())
}

/// One tensor of 24 megabytes that are not all the same.
fn large_model() -> Vec<u8> {
    let header = json!({ "w": { "dtype": "U8", "shape": [24_000_000], "data_offsets": [0, 24_000_000] } }).to_string();
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.extend((0..24_000_000_u32).map(|at| (at ^ (at >> 8) ^ (at >> 16)) as u8));
    bytes
}

/// What `sha256sum` says.
fn sha256(bytes: &[u8]) -> Result<String> {
    let folder = Folder::new()?;
    let path = folder.write("bytes", bytes)?;
    let said = Command::new("sha256sum").arg(&path).output().map_err(|cause| format!("sha256sum: {cause}"))?;
    Ok(String::from_utf8_lossy(&said.stdout).split(' ').next().unwrap_or_default().to_owned())
}

/// A date as HTTP writes it, so many seconds from now.
fn date_in(seconds: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()) + seconds;
    let said = Command::new("date")
        .args(["-u", "-d", &format!("@{now}"), "+%a, %d %b %Y %H:%M:%S GMT"])
        .env("LC_ALL", "C")
        .output();
    said.map(|said| String::from_utf8_lossy(&said.stdout).trim().to_owned()).unwrap_or_default()
}
