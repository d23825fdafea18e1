//! Tokens: those that a real OCI registry wants, from a service on another origin or on its own; and that of the Hub, which
//! leads to another origin for its large files.

use super::{can_have, choose, connect_to, curl, name, sha256_of, show};
use crate::pictures::look;
use crate::run::tensors_of;
use e2e::Result;
use e2e::fixtures::{bytes, fixture};
use e2e::page::Page;
use e2e::server::{Asked, Reply, Server};
use serde_json::{Value, json};
use std::process::Command;
use std::sync::{Arc, OnceLock};
use xtask::peer::{Oci, Tokens};

/// Whom the token service knows: `tests/peers/oci/tokens.py`.
const ANN: &str = "ann:recognisable-0123456789";
/// What that looks like in a header.
const ANNS: &str = "Basic YW5uOnJlY29nbmlzYWJsZS0wMTIzNDU2Nzg5";

/// A token is asked for where the registry says; the password goes along only to the registry's own origin.
pub(crate) fn of_a_real_oci_registry(page: &Page) -> Result {
    if !can_have("an OCI registry that wants tokens") {
        return Ok(());
    }
    let (models, tokens) = (Oci::start(false)?, Tokens::start()?);
    page.driver.names(&tokens.url());
    let realm = format!("{}/token", tokens.url());
    it_wants_a_token_even_to_be_asked_whether(page, &models.guarded(&tokens, &realm, true)?)?;

    let elsewhere = models.guarded(&tokens, &realm, false)?;
    let front = front(&[("/v2/", &elsewhere.url())])?;
    connect_to(page, "oci", &format!("{}/models/tiny", front.url()), ANN)?;
    opened(page, "models/tiny:v1")?;
    let asked = asked_of(&tokens)?;
    assert!(!asked.is_empty() && asked.iter().all(|asked| asked["authorization"].is_null()), "{asked:?}");
    let tokens_shown = front.seen().iter().filter(|asked| has(asked, "Bearer ")).count();
    assert!(tokens_shown > 2 && !front.seen().iter().any(|asked| has(asked, "Basic ")));
    page.load()?;
    connect_to(page, "oci", &format!("{}/private/tiny", front.url()), ANN)?;
    page.text_where("registry-problem", "that it may not, and why", |told| {
        told.contains("401") && told.contains("was not sent") && !told.contains("recognisable")
    })?;
    look(page, "oci-not-for-everyone")?;

    let place: Arc<OnceLock<String>> = Arc::default();
    let served = Arc::clone(&place);
    let own = front_with(&[("/token", &tokens.url())], move || served.get().cloned().unwrap_or_default())?;
    let registry = models.guarded(&tokens, &format!("{}/token", own.url()), false)?;
    place.set(registry.url()).map_err(|_| "set twice")?;
    let before = asked_of(&tokens)?.len();
    page.load()?;
    connect_to(page, "oci", &format!("{}/private/tiny", own.url()), ANN)?;
    opened(page, "private/tiny:v1")?;
    show(page)?;
    choose(page, &["private/tiny:v1"])?;
    page.work(|| page.click("registry-digests"))?;
    page.verify()?;
    let report = page.report()?;
    assert_eq!(report["integrity"]["verdict"], "verified", "{:#}", report["integrity"]);
    assert!(!report.to_string().contains("recognisable"));
    let asked = asked_of(&tokens)?;
    assert!(asked.len() > before && asked[before..].iter().all(|asked| asked["authorization"] == ANNS), "{asked:?}");
    for asked in own.seen().iter().filter(|asked| asked.method == "GET") {
        let is_token = asked.path() == "/token";
        assert_eq!(is_token, has(asked, "Basic "), "{}", asked.line());
    }
    Ok(())
}

/// The registry itself cannot be asked from another origin: it wants the token already from the browser that only asks
/// whether the page may ask.
fn it_wants_a_token_even_to_be_asked_whether(page: &Page, registry: &Oci) -> Result {
    connect_to(page, "oci", &format!("{}/models/tiny", registry.url()), "")?;
    page.text_where("registry-problem", "three ways out", |told| {
        super::bad_servers::THREE_WAYS.iter().all(|words| told.contains(words))
    })?;
    page.load()
}

fn opened(page: &Page, row: &str) -> Result {
    choose(page, &[row])?;
    page.work(|| page.click("registry-open"))?;
    let file = format!("tiny {}/adapter_model.safetensors", row.rsplit(':').next().unwrap_or_default());
    assert_eq!(tensors_of(&page.report()?, &file).len(), 12, "{file}");
    Ok(())
}

fn has(asked: &Asked, start: &str) -> bool {
    asked.header("authorization").is_some_and(|value| value.starts_with(start))
}

fn asked_of(tokens: &Tokens) -> Result<Vec<Value>> {
    serde_json::from_slice(&curl(&[&format!("{}/asked", tokens.url())])?).map_err(|cause| cause.to_string())
}

/// A proxy as `docs/registry.md` wants it: it answers `OPTIONS` itself and lets pages of other origins read the rest.
fn front(places: &[(&'static str, &str)]) -> Result<Server> {
    front_with(places, String::new)
}

/// The same; what begins with none of `places` goes to another, which is known later.
fn front_with(places: &[(&'static str, &str)], other: impl Fn() -> String + Send + Sync + 'static) -> Result<Server> {
    let places: Vec<(&str, String)> = places.iter().map(|(path, url)| (*path, (*url).to_owned())).collect();
    Server::open(move |asked| {
        let found = places.iter().find(|(path, _)| asked.path().starts_with(path)).map(|(_, url)| url.clone());
        forwarded(asked, &found.unwrap_or_else(&other)).unwrap_or_else(|why| Reply::bytes(502, why))
    })
}

/// By `curl`, with what matters of the request and of the answer.
fn forwarded(asked: &Asked, to: &str) -> Result<Reply> {
    let mut curl = Command::new("curl");
    curl.args(["-sS", "-i", "--http1.1", "-X", &asked.method]).arg(format!("{to}{}", asked.target));
    for name in ["authorization", "accept", "range"] {
        if let Some(value) = asked.header(name) {
            curl.args(["-H", &format!("{name}: {value}")]);
        }
    }
    let said = curl.output().map_err(|cause| format!("curl: {cause}"))?.stdout;
    let end = said.windows(4).position(|four| four == b"\r\n\r\n").ok_or("no answer")?;
    let head = String::from_utf8_lossy(&said[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(502);
    let kept = ["content-type", "content-range", "www-authenticate", "docker-content-digest", "link", "etag"];
    let headers = head.lines().filter_map(|line| line.split_once(": "));
    let headers = headers.filter(|(name, _)| kept.contains(&name.to_ascii_lowercase().as_str()));
    Ok(headers.fold(Reply::bytes(status, &said[end + 4..]), |reply, (name, value)| reply.with(name, value)))
}

const HUB_TOKEN: &str = "hf_recognisable0123456789abcdef";
const COMMIT: &str = "dd4bc8b21efa05ec961e3efc4ee5e3832a3679c7";
const MODEL: &str = "safetensors/small.safetensors";

/// A gated repository whose large file lies in a store on another origin, which must not see the token.
pub(crate) fn of_the_hub_stays_there(page: &Page) -> Result {
    let model = bytes(MODEL)?;
    let held = model.clone();
    let store = Server::open(move |asked| Reply::file(asked, &held))?;
    let (place, length, oid) =
        (store.url(), model.len(), sha256_of(&format!("file://{}", fixture(MODEL).display()), "")?);
    let hub = Server::open(move |asked| gated(asked, &place, length, &oid))?;
    name(page, &[&store]);
    let base = format!("{}/api/models/owner/gated", hub.url());
    connect_to(page, "hub", &base, "")?;
    page.text_where("registry-problem", "that it is gated", |told| told.contains("401"))?;
    connect_to(page, "hub", &base, HUB_TOKEN)?;
    choose(page, &["model.safetensors"])?;
    page.work(|| page.click("registry-open"))?;
    show(page)?;
    choose(page, &["model.safetensors"])?;
    page.work(|| page.click("registry-digests"))?;
    page.verify()?;
    let report = page.report()?;
    assert_eq!(report["integrity"]["verdict"], "verified", "{:#}", report["integrity"]);
    assert!(tensors_of(&report, "gated/model.safetensors").len() > 1, "{:#}", report["tensors"]);
    assert!(!report.to_string().contains("recognisable"));
    assert!(!store.seen().is_empty(), "the store was not asked");
    for asked in store.seen() {
        let told = format!("{asked:?}").to_ascii_lowercase();
        assert!(!told.contains("authorization") && !told.contains("recognisable"), "{told}");
        assert!(asked.header("referer").is_none() && asked.header("cookie").is_none(), "{told}");
    }
    let resolved: Vec<Asked> =
        hub.seen().into_iter().filter(|asked| asked.method == "GET" && asked.path().contains("/resolve/")).collect();
    assert!(!resolved.is_empty() && resolved.iter().all(|asked| has(asked, "Bearer hf_recognisable")), "{resolved:?}");
    Ok(())
}

fn gated(asked: &Asked, store: &str, length: usize, oid: &str) -> Reply {
    if asked.header("authorization") != Some(&format!("Bearer {HUB_TOKEN}")) {
        return Reply::json(401, r#"{"error":"Access to this model is restricted"}"#).with("X-Error-Code", "GatedRepo");
    }
    let lfs = json!({ "oid": oid, "size": length, "pointerSize": 128 });
    let item =
        json!({ "type": "file", "oid": "f".repeat(40), "size": length, "lfs": lfs, "path": "model.safetensors" });
    match asked.path().strip_prefix("/api/models/owner/gated") {
        Some("/revision/main") => Reply::json(200, json!({ "id": "owner/gated", "sha": COMMIT })),
        Some(path) if path == format!("/tree/{COMMIT}") => Reply::json(200, json!([item])),
        _ if asked.path() == format!("/owner/gated/resolve/{COMMIT}/model.safetensors") => {
            Reply::redirect(302, &format!("{store}/blob?X-Amz-Signature=abc"))
        }
        _ => Reply::json(404, r#"{"error":"Entry not found"}"#).with("X-Error-Code", "EntryNotFound"),
    }
}
