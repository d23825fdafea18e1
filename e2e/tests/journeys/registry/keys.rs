//! Where a key goes, and where it does not: three origins that note all they are sent.

use super::{choose, connect, look_at, name, show};
use e2e::fixtures::{Folder, bytes};
use e2e::page::{Page, id};
use e2e::server::{Asked, Reply, Server};
use e2e::{Result, wait};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};

const KEY: &str = "tml-recognisable-0123456789abcdef";
/// Enough of it to recognise any part that a page might cut out and show.
const PART: &str = "recognisable-0123";
const RUN: &str = "training_runs/m/checkpoints";
const ARCHIVE: &str = "tinkex/archives/79db3d29-8bda-515f-a3c3-f9c1a8806642_weights_0001.tar";
const MODEL: &str = "safetensors/small.safetensors";

/// What a browser writes to its console of requests that fail, as they are meant to here.
pub(crate) const FAILURES: &[&str] =
    &["Failed to load resource", "blocked by CORS policy", "Fetch API cannot load", "Refused to get unsafe header"];

const NAMES: [&str; 4] = ["weights/json", "weights/redirect", "weights/busy", "external_weights/files"];

/// Lists, archives in every form, signed addresses, retries and redirects: no other origin is sent the key, and nothing
/// that the page shows, stores or exports has it.
pub(crate) fn no_other_origin_is_sent_the_key(page: &Page) -> Result {
    let elsewhere = Server::open(stored)?;
    let place = elsewhere.url();
    let store = Server::open(move |asked| match asked.path() {
        "/moved.tar" => Reply::redirect(302, &format!("{place}/weights.tar")),
        _ => stored(asked),
    })?;
    let (place, other) = (store.url(), elsewhere.url());
    let tries = AtomicU32::new(0);
    let api = Server::open(move |asked| answer(asked, &place, &other, &tries))?;
    name(page, &[&store, &elsewhere]);
    connect(page, &api.url(), KEY)?;
    page.text_where("registry-row", "a checkpoint", |row| row.contains("json"))?;
    let kept = Folder::new()?;
    page.driver.download_into(kept.path())?;
    everything(page)?;
    assert_is_nowhere(page)?;
    assert_went_only_to(&api, &[&store, &elsewhere]);
    let missing: Vec<&str> = ["/weights.tar", "/a.json", "/b.safetensors", "/moved.tar"]
        .into_iter()
        .filter(|path| !store.seen().iter().any(|asked| asked.path() == *path))
        .collect();
    assert!(missing.is_empty(), "the store was not asked for {missing:?}");
    assert!(elsewhere.seen().iter().any(|asked| asked.path() == "/weights.tar"), "the moved archive was not followed");
    everything_leads_away(page, &elsewhere)
}

/// A server of which every answer leads to another origin.
fn everything_leads_away(page: &Page, elsewhere: &Server) -> Result {
    let before = elsewhere.seen().len();
    page.click("registry-disconnect")?;
    for status in [301, 302, 303, 307, 308] {
        let place = elsewhere.url();
        let api = Server::open(move |asked| Reply::redirect(status, &format!("{place}{}", asked.target)))?;
        connect(page, &api.url(), KEY)?;
        page.text_where("registry-problem", "a redirect", |words| words.contains("redirect"))?;
    }
    let after = elsewhere.seen();
    assert_eq!(after.len(), before, "{:?}", &after[before..]);
    assert_is_nowhere(page)
}

/// Everything that asks the server or the store for something.
fn everything(page: &Page) -> Result {
    for name in NAMES {
        let path = format!("tinker://m/{name}");
        look_at(page, &path)?;
        choose(page, &[&path])?;
        page.work(|| page.click("registry-check"))?;
        page.work(|| page.click("registry-open"))?;
        show(page)?;
        choose(page, &[&path])?;
        page.work(|| page.click("registry-save"))?;
    }
    // Answered with redirects to another origin, each with another status.
    choose(page, &["tinker://m/weights/json"])?;
    for button in ["registry-publish", "registry-keep"] {
        page.work(|| page.click(button))?;
    }
    page.fill("registry-delete-word", "json")?;
    page.work(|| page.click("registry-delete"))?;
    page.work(|| page.click("registry-list"))
}

fn stored(asked: &Asked) -> Reply {
    let held = match asked.path() {
        "/weights.tar" => bytes(ARCHIVE),
        "/a.json" => Ok(br#"{"peft_type":"LORA"}"#.to_vec()),
        "/b.safetensors" => bytes(MODEL),
        _ => return Reply::status(404),
    };
    held.map_or_else(|why| Reply::bytes(500, why), |bytes| Reply::file(asked, &bytes))
}

fn answer(asked: &Asked, store: &str, elsewhere: &str, tries: &AtomicU32) -> Reply {
    let signed = |file: &str| json!({ "url": format!("{store}/{file}?X-Goog-Signature=abc"), "expires": null });
    let away = |status: u16| Reply::redirect(status, &format!("{elsewhere}/away"));
    match asked.line().replace("/api/v1/", "").replace(RUN, "…").as_str() {
        "GET healthz" => Reply::json(200, r#"{"status":"ok"}"#),
        "GET get_server_capabilities" => Reply::json(200, r#"{"supported_models":[{"model_name":"b"}]}"#),
        "GET auth/apikey/me" => Reply::json(200, json!({ "name": format!("owner of {KEY}") })),
        "GET training_runs?limit=100&offset=0" => {
            Reply::json(200, r#"{"training_runs":[{"training_run_id":"m","base_model":"b"}]}"#)
        }
        "GET checkpoints?limit=100&offset=0" if tries.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) => {
            Reply::json(429, json!({ "detail": format!("too many requests with {KEY}") })).with("Retry-After", "0.1")
        }
        "GET checkpoints?limit=100&offset=0" => Reply::json(200, json!({ "checkpoints": listed() })),
        "POST weights_info" => away(307),
        "GET …/weights/json/archive" => Reply::json(200, signed("weights.tar")),
        "GET …/weights/redirect/archive" => {
            Reply::redirect(302, &format!("{store}/weights.tar?sig=1")).with("Expires", "Sat, 21 Nov 2099 04:42:42 GMT")
        }
        "GET …/redirect/download" => Reply::redirect(302, &format!("{store}/weights.tar?sig=1")),
        "GET …/weights/busy/archive" if tries.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) => {
            Reply::json(503, r#"{"detail":"being built"}"#).with("Retry-After", "0.1")
        }
        "GET …/weights/busy/archive" => Reply::json(200, signed("moved.tar")),
        "GET …/external_weights/files/external_weights_urls" => {
            let url = |file: &str| format!("{store}/{file}?X-Goog-Signature=abc");
            Reply::json(200, json!({ "urls": { "a.json": url("a.json"), "b.safetensors": url("b.safetensors") } }))
        }
        "POST …/weights/json/publish" => away(301),
        "PUT …/weights/json/ttl" => away(302),
        "DELETE …/weights/json" => away(308),
        _ => Reply::json(404, r#"{"detail":"Not Found"}"#),
    }
}

fn listed() -> Vec<Value> {
    let item = |name: &&str| json!({ "tinker_path": format!("tinker://m/{name}"), "time": "2026-01-02T03:04:05Z", "public": false });
    NAMES.iter().map(item).collect()
}

/// Neither in the document nor in what is stored, exported, or written to the console.
fn assert_is_nowhere(page: &Page) -> Result {
    const PLACES: &str = "
        const inputs = [...document.querySelectorAll('input, textarea')].map((input) => input.value);
        const requests = performance.getEntries().map((entry) => entry.name);
        const stored = [localStorage, sessionStorage].map((storage) => JSON.stringify({ ...storage }));
        return JSON.stringify([document.documentElement.outerHTML, location.href, document.title, document.cookie,
            history.state, window.name, inputs, requests, stored]);";
    let places = page.driver.run(PLACES, &[])?;
    let places = places.as_str().unwrap_or_default();
    assert!(places.contains("registry-"), "the page was not looked at");
    let at = places.find(PART);
    assert_eq!(at, None, "the key is in the page: {:?}", at.and_then(|at| places.get(at.saturating_sub(200)..at + 50)));
    for line in page.driver.console()? {
        assert!(!line.message.contains(PART), "{}", line.message);
    }
    if page.has("nav-export")? {
        let report = page.report()?.to_string();
        assert!(!report.contains(PART) && !report.contains("X-Goog-Signature"), "{report}");
        let report = page.markdown()?;
        assert!(!report.contains(PART) && !report.contains("X-Goog-Signature"), "{report}");
        show(page)?;
    }
    Ok(())
}

fn assert_went_only_to(api: &Server, others: &[&Server]) {
    let told = |asked: &Asked| {
        let value = asked.headers.iter().map(|(name, value)| format!("{name}: {value}"));
        [vec![asked.line(), asked.body.clone()], value.collect()].concat().join("\n")
    };
    for other in others {
        for asked in other.seen() {
            let told = told(&asked);
            assert!(!told.contains(PART), "the key went to another origin:\n{told}");
            assert!(
                !told.to_ascii_lowercase().contains("x-api-key"),
                "the key was announced to another origin:\n{told}"
            );
            assert!(asked.header("referer").is_none(), "a signed address is a secret of its own:\n{told}");
            assert!(asked.header("cookie").is_none(), "{told}");
        }
    }
    let asked: Vec<Asked> = api.seen().into_iter().filter(|asked| asked.method != "OPTIONS").collect();
    let with_key = asked.iter().filter(|asked| asked.header("x-api-key") == Some(KEY)).count();
    let without: Vec<String> =
        asked.iter().filter(|asked| asked.header("x-api-key").is_none()).map(Asked::line).collect();
    assert!(with_key > 10, "the server itself was sent the key {with_key} times");
    assert_eq!(without, ["GET /api/v1/healthz"], "asked without the key");
    assert!(asked.iter().all(|asked| !asked.target.contains(PART) && !asked.body.contains(PART)));
}

/// A key stays in the tab only if that is asked for, and leaves it when it is not any more.
pub(crate) fn a_key_is_kept_only_when_asked_for(page: &Page) -> Result {
    let api = Server::open(|asked| answer(asked, "", "", &AtomicU32::new(1)))?;
    page.driver.names(&api.url());
    let kept =
        || page.driver.run("return [JSON.stringify({ ...sessionStorage }), JSON.stringify({ ...localStorage })]", &[]);
    let holds = |found: &Value, at: usize| found[at].as_str().is_some_and(|text| text.contains(PART));
    show(page)?;
    page.driver.click("label.check input[type=checkbox]")?;
    connect(page, &api.url(), KEY)?;
    let found = kept()?;
    assert!(holds(&found, 0) && !holds(&found, 1), "{found}");
    page.load()?;
    show(page)?;
    let filled = || page.driver.find(&id("registry-key"))?.property("value");
    wait::until("the key to be filled in", || Ok((filled()? == json!(KEY)).then_some(())))?;
    let markup = page.driver.run("return document.documentElement.outerHTML", &[])?;
    assert!(!markup.to_string().contains(PART));
    page.driver.click("label.check input[type=checkbox]")?;
    connect(page, &api.url(), KEY)?;
    let found = kept()?;
    assert!(!holds(&found, 0) && !holds(&found, 1), "{found}");
    page.load()?;
    show(page)?;
    assert_eq!(filled()?, json!(""));
    Ok(())
}
