//! The whole way through registries that are only read: a real MLflow (from PyPI) and a real OCI registry (Debian's
//! docker-registry), which let other origins read them, and which do not.

use super::{assert_are_apart, bad_servers::THREE_WAYS, can_have, choose, connect_to, curl, sha256_of, show};
use crate::pictures::look;
use crate::run::{rows, tensors_of};
use e2e::fixtures::{Folder, fixture};
use e2e::page::Page;
use e2e::server::{Reply, Server};
use e2e::{Result, axe, site};
use serde_json::{Value, json};
use std::thread;
use xtask::peer::{Mlflow, Oci};
use xtask::serve;

/// What is passed on, and not the site's.
const IN_REGISTRY: [&str; 3] = ["/api/", "/get-artifact", "/v2/"];
const OPEN_HERE: &str = "safetensors/small.safetensors";

/// MLflow: list, inspect, open by ranges, verify, compare.
pub(crate) fn real_mlflow(page: &Page) -> Result {
    if !can_have("an MLflow server") {
        return Ok(());
    }
    let open = Mlflow::start(true)?;
    let closed = thread::spawn(|| Mlflow::start(false));
    through_mlflow(page, &open.url(), &open.url())?;
    let closed = closed.join().map_err(|_| "starting MLflow panicked")??;
    passed_on(page, "mlflow", &closed.url(), &["--cors-allowed-origins"], |page| {
        through_mlflow(page, page.site.trim_end_matches('/'), &closed.url())
    })
}

/// An OCI registry: list, inspect, open by digest, verify with the digests, compare.
pub(crate) fn real_oci(page: &Page) -> Result {
    if !can_have("an OCI registry") {
        return Ok(());
    }
    let (open, closed) = (Oci::start(true)?, Oci::start(false)?);
    through_oci(page, &open.url(), &open.url())?;
    passed_on(page, "oci", &closed.url(), &["http.headers"], |page| {
        through_oci(page, page.site.trim_end_matches('/'), &closed.url())
    })
}

/// A server that lets no other site read it is explained, and nothing that is open is lost; then the page on an origin that
/// passes the server on, where only parts of the large file are asked for.
fn passed_on(page: &Page, service: &str, url: &str, words: &[&str], walk: impl FnOnce(&Page) -> Result) -> Result {
    page.load()?;
    page.open(&[&fixture(OPEN_HERE)])?;
    connect_to(page, service, url, "")?;
    page.text_where("registry-problem", "three ways out", |told| {
        THREE_WAYS.iter().chain(words).all(|words| told.contains(words))
    })?;
    accessible(page)?;
    look(page, &format!("{service}-closed"))?;
    let address = page.driver.find(&e2e::page::id("registry-url"))?.property("value")?;
    assert_eq!(address, json!(url), "the address is still there");
    let report = page.report()?;
    assert!(!tensors_of(&report, "small.safetensors").is_empty(), "what was open is still open");
    let options = serve::Options { registry: Some(url.to_owned()), ..serve::Options::new(site::folder()?) };
    let server = serve::Server::start(options).map_err(|cause| cause.to_string())?;
    let page = Page { driver: page.driver, site: server.url() };
    page.load()?;
    walk(&page)?;
    let asked: Vec<_> =
        server.seen().into_iter().filter(|seen| IN_REGISTRY.iter().any(|path| seen.path.starts_with(path))).collect();
    let large: Vec<_> = asked.iter().filter(|seen| seen.sent > 1_000_000).collect();
    assert!(large.is_empty(), "more than parts were asked for: {large:?}");
    let parts = asked.iter().filter(|seen| seen.range.is_some() && seen.status == 206).count();
    assert!(parts > 0, "no part was asked for");
    Ok(())
}

/// `base` is where the page finds it, `own` where it is.
fn through_mlflow(page: &Page, base: &str, own: &str) -> Result {
    connect_to(page, "mlflow", base, "")?;
    for model in ["tiny-lora 1", "tiny-lora 2", "tiny-torch 1", "large 1", "elsewhere 1", "empty"] {
        is_listed(page, model)?;
    }
    page.text_where("registry-row", "an alias", |row| row.contains("@champion") && row.contains("the second one"))?;
    accessible(page)?;
    look(page, "mlflow-listed")?;
    open(page, &["large 1"])?;
    assert_eq!(tensors_of(&page.report()?, "large 1/model.safetensors").len(), 6);

    // Without the large one, which would be read whole.
    page.load()?;
    connect_to(page, "mlflow", base, "")?;
    open(page, &["tiny-lora 1"])?;
    page.verify()?;
    let report = page.report()?;
    // It tells no digests: they are computed, and there is nothing to hold them against.
    assert_eq!(report["integrity"]["verdict"], "unverified");
    let file = "tiny-lora 1/adapter_model.safetensors";
    let found = rows(&report["integrity"]["entries"], |row| row["path"] == file);
    let run = curl(&[&format!("{own}/api/2.0/mlflow/model-versions/get?name=tiny-lora&version=1")])?;
    let run: Value = serde_json::from_slice(&run).map_err(|cause| cause.to_string())?;
    let run = run["model_version"]["run_id"].as_str().ok_or("no run")?.to_owned();
    let bytes = format!("{own}/get-artifact?run_uuid={run}&path=adapter/adapter_model.safetensors");
    assert_eq!(found[0]["actual"], json!(sha256_of(&bytes, "")?));
    assert!(is_from_a_registry(&report), "{:?}", report["sources"]);

    show(page)?;
    open(page, &["elsewhere 1"])?;
    page.text_where("problem", "that its files lie elsewhere", |told| told.contains("lie elsewhere"))?;
    compared(page, ["tiny-lora 1", "tiny-lora 2"], "mlflow")
}

fn through_oci(page: &Page, base: &str, own: &str) -> Result {
    connect_to(page, "oci", base, "")?;
    for row in ["models/tiny:v1", "models/tiny:v2", "models/tiny:kit", "models/large:latest", "tools/none:v1"] {
        is_listed(page, row)?;
    }
    for words in [&["models/tiny:v1", "ModelPack", "2 layers"][..], &["models/tiny:kit", "KitOps"], &["both", "index"]]
    {
        let has_all = |row: &str| words.iter().all(|word| row.replace('\u{202f}', " ").contains(word));
        page.text_where("registry-row", &words.join(", "), has_all)?;
    }
    accessible(page)?;
    look(page, "oci-listed")?;
    open(page, &["models/large:latest"])?;
    assert_eq!(tensors_of(&page.report()?, "large latest/model.safetensors").len(), 6);

    // By its digest, and what it is verified with is the manifest of that digest.
    let accept = "Accept: application/vnd.oci.image.manifest.v1+json";
    let manifest = curl(&["-H", accept, &format!("{own}/v2/models/tiny/manifests/v1")])?;
    let folder = Folder::new()?;
    let kept = folder.write("manifest", &manifest)?;
    let manifest: Value = serde_json::from_slice(&manifest).map_err(|cause| cause.to_string())?;
    let digest = format!("sha256:{}", sha256_of(&format!("file://{}", kept.display()), "")?);
    page.load()?;
    connect_to(page, "oci", &format!("{base}/models/tiny@{digest}"), "")?;
    let short: String = digest.chars().take("sha256:".len() + 12).collect();
    let row = format!("models/tiny:{short}");
    open(page, &[&row])?;
    show(page)?;
    choose(page, &[&row])?;
    page.work(|| page.click("registry-digests"))?;
    page.verify()?;
    let report = page.report()?;
    assert_eq!(report["integrity"]["verdict"], "verified", "{:#}", report["integrity"]);
    for layer in manifest["layers"].as_array().ok_or("no layers")? {
        let name = layer["annotations"]["org.cncf.model.filepath"].as_str().unwrap_or_default();
        let is_it = |row: &Value| row["path"].as_str().is_some_and(|path| path.ends_with(&format!("/{name}")));
        let found = rows(&report["integrity"]["entries"], is_it);
        let digest = layer["digest"].as_str().and_then(|digest| digest.strip_prefix("sha256:"));
        assert_eq!((found.len(), &found[0]["status"]), (1, &json!("ok")), "{found:?}");
        assert_eq!((found[0]["actual"].as_str(), found[0]["expected"].as_str()), (digest, digest), "{found:?}");
    }
    assert!(is_from_a_registry(&report), "{:?}", report["sources"]);
    page.go("integrity")?;
    look(page, "oci-verified")?;
    a_changed_folder_fails(page, base)?;
    connect_to(page, "oci", &format!("{base}/models/tiny"), "")?;
    compared(page, ["models/tiny:v1", "models/tiny:v2"], "oci")
}

/// What is on the disk is not what the registry has.
fn a_changed_folder_fails(page: &Page, base: &str) -> Result {
    page.load()?;
    connect_to(page, "oci", &format!("{base}/models/tiny:v1"), "")?;
    choose(page, &["models/tiny:v1"])?;
    page.work(|| page.click("registry-digests"))?;
    let folder = Folder::new()?;
    folder.write("local/adapter_config.json", b"{}")?;
    page.open_folder(&folder.path().join("local"))?;
    page.verify()?;
    let report = page.report()?;
    let listed = rows(&report["integrity"]["entries"], |row| !row["manifest"].is_null());
    let found: Vec<&str> = listed.iter().filter_map(|row| row["status"].as_str()).collect();
    assert_eq!((&report["integrity"]["verdict"], &found[..]), (&json!("failed"), &["mismatch", "missing"][..]));
    show(page)?;
    page.click("registry-disconnect")
}

fn is_listed(page: &Page, name: &str) -> Result {
    page.driver.find(&format!("{} [title=\"{name}\"]", e2e::page::id("registry-row"))).map(drop)
}

fn open(page: &Page, names: &[&str]) -> Result {
    choose(page, names)?;
    page.work(|| page.click("registry-open"))
}

/// From the table, with one click.
fn compared(page: &Page, two: [&str; 2], service: &str) -> Result {
    show(page)?;
    choose(page, &two)?;
    page.work(|| page.click("registry-compare"))?;
    look(page, &format!("{service}-compared"))?;
    assert_are_apart(&page.report()?)?;
    show(page)
}

fn is_from_a_registry(report: &Value) -> bool {
    report["sources"][0]["kind"] == "registry"
}

fn accessible(page: &Page) -> Result {
    let found = axe::violations(page.driver)?;
    if found.is_empty() { Ok(()) } else { Err(found.join("\n")) }
}

/// Servers with nothing in them, and none at all.
pub(crate) fn one_that_is_empty(page: &Page) -> Result {
    let empty = Server::open(|asked| match asked.path() {
        "/api/v1/healthz" => Reply::json(200, r#"{"status":"ok"}"#),
        "/api/v1/get_server_capabilities" => Reply::json(200, r#"{"supported_models":[]}"#),
        "/api/v1/training_runs" => Reply::json(200, r#"{"training_runs":[],"cursor":{"total_count":0}}"#),
        "/api/v1/checkpoints" => Reply::json(200, r#"{"checkpoints":[]}"#),
        "/api/2.0/mlflow/registered-models/search" => Reply::json(200, "{}"),
        "/api/2.0/mlflow/model-versions/search" => Reply::json(200, "{}"),
        "/v2/_catalog" => Reply::json(200, r#"{"repositories":[]}"#),
        _ => Reply::json(404, r#"{"detail":"Not Found"}"#),
    })?;
    for (service, words) in
        [("tinker", "saved with this key"), ("mlflow", "registered on this server"), ("oci", "pushed to this registry")]
    {
        connect_to(page, service, &empty.url(), "")?;
        page.text_where("registry-blank", words, |told| told.contains(words))?;
        accessible(page)?;
        look(page, &format!("{service}-empty"))?;
        page.click("registry-disconnect")?;
    }
    Ok(())
}
