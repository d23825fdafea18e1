//! The whole way through Tinker servers: a real one (SkyRL, from PyPI), what TuFT was recorded to answer, and the shapes
//! of the production service.

use super::{
    assert_are_apart, bad_servers::THREE_WAYS, can_have, choose, connect, curl, look_at, name, sha256_of, show,
};
use crate::pictures::look;
use crate::run::{rows, tensors_of};
use e2e::download;
use e2e::fixtures::{bytes, fixture};
use e2e::page::Page;
use e2e::server::{Asked, Recorded, Reply, Server};
use e2e::{Result, site};
use serde_json::{Value, json};
use xtask::peer::Peer;
use xtask::serve;

const RUN: &str = "tinker://model_aaaa0001";

/// A real server that lets other origins read it.
pub(crate) fn real_with_cors(page: &Page) -> Result {
    with_peer("a Tinker server with CORS", true, |peer| the_whole_way(page, &peer.url()))
}

/// The same server as it is: the page can only say why not, and what to do.
pub(crate) fn real_without_cors(page: &Page) -> Result {
    with_peer("a Tinker server without CORS", false, |peer| {
        connect(page, &peer.url(), "tml-any")?;
        page.text_where("registry-problem", "three ways out", |told| {
            THREE_WAYS.iter().all(|words| told.contains(words))
        })?;
        // The second of them: the page on an origin that passes the server on.
        let options = serve::Options { registry: Some(peer.url()), ..serve::Options::new(site::folder()?) };
        let server = serve::Server::start(options).map_err(|cause| cause.to_string())?;
        let page = Page { driver: page.driver, site: server.url() };
        page.load()?;
        the_whole_way(&page, page.site.trim_end_matches('/'))
    })
}

fn with_peer(what: &str, cors: bool, walk: impl FnOnce(&Peer) -> Result) -> Result {
    if can_have(what) { walk(&Peer::start(cors)?) } else { Ok(()) }
}

/// List, inspect, download, open, verify, compare.
fn the_whole_way(page: &Page, base: &str) -> Result {
    connect(page, base, "tml-any")?;
    for run in ["model_aaaa0001", "model_bbbb0002", "model_cccc0003"] {
        page.text_where("registry-row", run, |row| row.contains(run))?;
    }
    page.fill("registry-lookup", "sampling_seed")?;
    page.click("registry-look-up")?;
    page.text_where("registry-found", "what the sampler is of", |told| {
        told.contains("a sampler of weighbridge/tiny-qwen3")
    })?;
    look_at(page, &format!("{RUN}/weights/step-0001"))?;
    page.text_where("registry-weights", "what the server knows", |told| {
        ["weighbridge/tiny-qwen3", "rank 8"].iter().all(|words| told.contains(words))
    })?;
    page.fill("registry-fit-rank", "32")?;
    page.text_where("registry-fit", "that it does not fit", |told| told.contains("expected 32, found 8"))?;
    page.fill("registry-fit-rank", "8")?;
    page.text_where("registry-fit", "that it fits", |told| told.contains("rank 8: fits"))?;
    look(page, "registry-inspect")?;

    let [last, second] = ["final", "step-0002"].map(|name| format!("{RUN}/sampler_weights/{name}"));
    choose(page, &[&last])?;
    page.work(|| page.click("registry-check"))?;
    page.text_where("registry-outcome", "that it can be had", |told| told.contains("it can be had, as an archive"))?;
    look(page, "registry-check")?;
    let archive = format!("{base}/api/v1/training_runs/model_aaaa0001/checkpoints/final/download");
    let saved = "model_aaaa0001 sampler final.tar.gz";
    let saved = download::take(page.driver, saved, || page.click("registry-save"))?;
    assert!(saved == curl(&[&archive])?, "what was saved is not what curl gets");
    page.jobs()?;

    for path in [&last, &second] {
        show(page)?;
        choose(page, &[path])?;
        page.work(|| page.click("registry-open"))?;
    }
    page.verify()?;
    let report = page.report()?;
    let files = model_files(&report);
    assert_eq!(files.len(), 2, "{files:?}");
    for file in &files {
        assert_eq!(tensors_of(&report, file).len(), 12, "{file}");
        let name = if file.contains("final") { "final" } else { "step-0002" };
        let entries = rows(&report["integrity"]["entries"], |row| row["path"] == file.as_str());
        let archive = archive.replace("/final/", &format!("/{name}/"));
        assert_eq!(entries[0]["actual"], json!(sha256_of(&archive, "| tar -xzO adapter_model.safetensors")?), "{file}");
    }
    assert!(report["sources"].as_array().is_some_and(|all| all.iter().all(|source| source["kind"] == "registry")));

    let [a, b] = checkpoints(&report)?;
    page.compare(&a, &b)?;
    let report = page.report()?;
    assert_are_apart(&report)?;
    show(page)
}

/// What TuFT answers: its archives lie on its own disk, and that is said.
pub(crate) fn recorded_tuft(page: &Page) -> Result {
    let recorded = Recorded::of("tuft-0.2.2-cputest")?;
    let server = Server::open(move |asked| recorded.answer(asked))?;
    let run = "tinker://a4d3bac2-46f4-46b3-a10d-194f33b316b7";
    connect(page, &server.url(), "tml-any")?;
    for name in ["step-0001", "step-0002", "final"] {
        page.text_where("registry-row", name, |row| row.contains(name))?;
    }
    look_at(page, &format!("{run}/weights/step-0002"))?;
    page.text_where("registry-weights", "the rank", |told| told.contains("rank 8"))?;
    choose(page, &[&format!("{run}/sampler_weights/final")])?;
    page.work(|| page.click("registry-open"))?;
    page.text_where("problem", "why it cannot be had", |told| {
        told.contains("redirect") && told.contains("Three ways out")
    })?;
    look(page, "tuft-refused")
}

/// What the production service answers, by its published types and what others recorded of it.
pub(crate) fn production_shapes(page: &Page) -> Result {
    let files =
        ["0001", "0002"].map(|step| format!("tinkex/archives/79db3d29-8bda-515f-a3c3-f9c1a8806642_weights_{step}.tar"));
    let held = [bytes(&files[0])?, bytes(&files[1])?];
    let store = Server::open(move |asked| match asked.path() {
        "/bucket/0001.tar" => Reply::file(asked, &held[0]),
        "/bucket/0002.tar" => Reply::file(asked, &held[1]),
        _ => Reply::status(403),
    })?;
    let place = store.url();
    let api = Server::open(move |asked| production(asked, &place))?;
    name(page, &[&store]);
    // With a path before the API's own, and a slash behind.
    page.driver.names(&api.url());
    connect(page, &format!("{}/services/tinker-prod/", api.url()), "tml-any")?;
    page.text_where("registry-line", "whose key it is", |_| true)?;
    page.shows(["someone@example.org"])?;
    look(page, "production-listed")?;
    let path = |step: &str| format!("tinker://79db3d29-8bda-515f-a3c3-f9c1a8806642:train:0/weights/{step}");
    look_at(page, &path("0001"))?;
    page.text_where("registry-weights", "the base model", |told| told.contains("Qwen/Qwen3-8B"))?;
    for step in ["0001", "0002"] {
        show(page)?;
        choose(page, &[&path(step)])?;
        page.work(|| page.click("registry-open"))?;
    }
    page.verify()?;
    let report = page.report()?;
    let [a, b] = checkpoints(&report)?;
    page.compare(&a, &b)?;
    let here = page.report()?;
    // The same two from the disk.
    page.load()?;
    page.open(&[&fixture(&files[0]), &fixture(&files[1])])?;
    let [a, b] = checkpoints(&page.report()?)?;
    page.compare(&a, &b)?;
    let there = page.report()?;
    for part in ["weights", "structure", "config", "metrics"] {
        assert_eq!(here["comparison"][part], there["comparison"][part], "{part}");
    }
    let plain = |report: &Value| model_files(report).iter().map(|file| tensors_of(report, file)).collect::<Vec<_>>();
    assert_eq!(plain(&here), plain(&there));
    assert!(!plain(&here)[0].is_empty());
    Ok(())
}

fn production(asked: &Asked, store: &str) -> Reply {
    let run = "79db3d29-8bda-515f-a3c3-f9c1a8806642:train:0";
    let checkpoint = |step: &str| {
        json!({
            "checkpoint_id": format!("weights/{step}"), "checkpoint_type": "training", "time": "2026-11-20T09:26:20.123456Z",
            "tinker_path": format!("tinker://{run}/weights/{step}"), "size_bytes": 10240, "public": false,
            "user_metadata": {}, "expires_at": "2027-11-20T09:26:20.123456Z", "base_model": "Qwen/Qwen3-8B", "shape_of_tomorrow": [1],
        })
    };
    let paged = |total: u64| json!({ "offset": 0, "limit": 100, "total_count": total });
    let Some(path) = asked.path().strip_prefix("/services/tinker-prod/api/v1/") else { return Reply::status(404) };
    if asked.header("x-api-key").is_none() && path != "healthz" {
        return Reply::json(401, r#"{"detail":"Missing API key"}"#);
    }
    let archive = |step: &str| {
        let url = format!("{store}/bucket/{step}.tar?X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Signature=abc");
        Reply::json(200, json!({ "url": url, "expires": "2099-01-01T00:00:00Z" }))
    };
    match (asked.method.as_str(), path.replace(run, "RUN").as_str()) {
        ("GET", "healthz") => Reply::json(200, r#"{"status":"ok"}"#),
        ("GET", "get_server_capabilities") => Reply::json(
            200,
            json!({ "supported_models": [{ "model_name": "Qwen/Qwen3-8B", "max_context_length": 32768 }] }),
        ),
        ("GET", "auth/apikey/me") => Reply::json(
            200,
            json!({
            "key_id": 7, "name": "laptop", "note": "", "details": {
                "org_details": { "name": "Example" }, "user_details": { "email": "someone@example.org" } } }),
        ),
        ("GET", "training_runs") => Reply::json(
            200,
            json!({ "cursor": paged(1), "training_runs": [{
            "training_run_id": run, "base_model": "Qwen/Qwen3-8B", "model_owner": "tml:organization_user:1", "is_lora": true,
            "corrupted": false, "lora_rank": 32, "last_request_time": "2026-11-20T09:26:20.123456Z",
            "last_checkpoint": checkpoint("0002"), "last_sampler_checkpoint": null, "user_metadata": null }] }),
        ),
        ("GET", "checkpoints") => {
            Reply::json(200, json!({ "checkpoints": [checkpoint("0002"), checkpoint("0001")], "cursor": paged(2) }))
        }
        ("POST", "weights_info") => Reply::json(
            200,
            json!({ "base_model": "Qwen/Qwen3-8B", "is_lora": true, "lora_rank": 32, "train_mlp": true }),
        ),
        ("GET", "training_runs/RUN/checkpoints/weights/0001/archive") => archive("0001"),
        ("GET", "training_runs/RUN/checkpoints/weights/0002/archive") => archive("0002"),
        _ => Reply::json(404, r#"{"detail":"Not Found"}"#),
    }
}

fn model_files(report: &Value) -> Vec<String> {
    let mut files: Vec<String> =
        rows(&report["tensors"], |_| true).iter().filter_map(|row| row["file"].as_str()).map(str::to_owned).collect();
    files.sort();
    files.dedup();
    files
}

/// The paths of the two checkpoints that are open.
fn checkpoints(report: &Value) -> Result<[String; 2]> {
    let runs = report["runs"].as_array().into_iter().flatten();
    let all = runs.flat_map(|run| run["checkpoints"].as_array().into_iter().flatten());
    let mut paths: Vec<String> = all.filter_map(|found| found["path"].as_str()).map(str::to_owned).collect();
    paths.sort();
    paths.try_into().map_err(|paths| format!("not two checkpoints: {paths:?}"))
}
