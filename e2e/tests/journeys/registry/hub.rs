//! The Hub's endpoints over files of the fixtures: a repository is opened, verified against, and compared with.

use super::name;
use crate::pictures::look;
use crate::run::{rows, tensors_of};
use e2e::Result;
use e2e::driver::Key;
use e2e::fixtures::{Folder, bytes, fixture};
use e2e::page::{Page, id};
use e2e::server::{Asked, Reply, Server};
use serde_json::{Value, json};
use std::process::Command;

const COMMIT: &str = "dd4bc8b21efa05ec961e3efc4ee5e3832a3679c7";
const MODEL: &str = "frameworks/mlx/model.safetensors";
const CONFIG: &[u8] = b"{}\n";
/// What `git hash-object` says of it.
const CONFIG_OID: &str = "0967ef424bce6791893e9a57bb952f80fd536e93";

/// By the address of its API, which every mirror has: the headers alone are read.
pub(crate) fn a_repository_opens(page: &Page) -> Result {
    let hub = hub()?;
    open(page, &hub, "")?;
    let report = page.report()?;
    let file = "name/deep/model 1.safetensors";
    assert_eq!(tensors_of(&report, file), tensors_here()?, "the tensors of the local file");
    assert_eq!(report["sources"][0]["kind"], "url");
    let seen = hub.seen();
    let is_whole = |asked: &&Asked| asked.path().contains("/resolve/") && asked.header("range").is_none();
    assert_eq!(seen.iter().find(is_whole).map(Asked::line), None, "only parts are asked for");
    assert!(seen.iter().filter(|asked| asked.path().contains("/resolve/")).all(|asked| asked.path().contains(COMMIT)));
    Ok(())
}

/// The list of a revision is a manifest for a folder on disk.
pub(crate) fn a_folder_is_verified_against_it(page: &Page) -> Result {
    let hub = hub()?;
    for (config, has_model, verdict, statuses) in [
        (CONFIG, true, "verified", ["ok", "ok"]),
        (b"{ }\n", true, "failed", ["mismatch", "ok"]),
        (CONFIG, false, "failed", ["ok", "missing"]),
    ] {
        let folder = Folder::new()?;
        folder.write("local/config.json", config)?;
        if has_model {
            folder.write("local/deep/model 1.safetensors", &bytes(MODEL)?)?;
        }
        page.load()?;
        page.driver.run("location.hash = ''", &[])?;
        open(page, &hub, "/tree/main")?;
        page.open_folder(&folder.path().join("local"))?;
        page.verify()?;
        let report = page.report()?;
        page.go("integrity")?;
        look(page, &format!("hub-{verdict}"))?;
        assert_eq!(report["integrity"]["verdict"], verdict, "{:#}", report["integrity"]);
        let listed = rows(&report["integrity"]["entries"], |row| !row["manifest"].is_null());
        let found: Vec<&str> = listed.iter().filter_map(|row| row["status"].as_str()).collect();
        assert_eq!(found, statuses, "{listed:#?}");
    }
    Ok(())
}

/// A local copy of which one element differs, without downloading the other.
pub(crate) fn a_local_copy_is_compared_with_it(page: &Page) -> Result {
    let hub = hub()?;
    let mut changed = bytes(MODEL)?;
    let last = changed.len() - 1;
    changed[last] ^= 0x40;
    let folder = Folder::new()?;
    open(page, &hub, "")?;
    page.open(&[&folder.write("local.safetensors", &changed)?])?;
    let report = page.report()?;
    let runs = report["runs"].as_array().into_iter().flatten();
    let paths: Vec<&str> = runs
        .flat_map(|run| run["checkpoints"].as_array().into_iter().flatten())
        .filter_map(|found| found["path"].as_str())
        .collect();
    let [there, here] =
        ["name", "local"].map(|start| paths.iter().find(|path| path.starts_with(start)).copied().unwrap_or_default());
    page.compare(there, here)?;
    let report = page.report()?;
    let weights = rows(&report["comparison"]["weights"], |row| row["equal"] == false);
    assert_eq!(weights.len(), 1, "exactly one tensor differs: {:#}", report["comparison"]["weights"]);
    let total = report["comparison"]["weights"].as_array().map_or(0, Vec::len);
    assert_eq!(total, tensors_here()?.len(), "all were compared");
    Ok(())
}

/// What the Hub refuses is said, and what can be done.
pub(crate) fn what_it_refuses_is_said(page: &Page) -> Result {
    for (status, code, words) in
        [(401, "GatedRepo", "asked"), (401, "RepoNotFound", "private"), (404, "RevisionNotFound", "no such revision")]
    {
        let hub = Server::open(move |_| Reply::json(status, r#"{"error":"no"}"#).with("X-Error-Code", code))?;
        open(page, &hub, "")?;
        page.text_where("problem", words, |told| told.contains(words))?;
        look(page, &format!("hub-{code}"))?;
    }
    Ok(())
}

fn open(page: &Page, hub: &Server, rest: &str) -> Result {
    name(page, &[hub]);
    page.work(|| {
        page.fill("open-url", &format!("{}/api/models/owner/name{rest}", hub.url()))?;
        page.driver.find(&id("open-url"))?.press(Key::Enter)
    })
}

/// The tensors of the file as its own header has them.
fn tensors_here() -> Result<Vec<Value>> {
    let model = bytes(MODEL)?;
    let length = model.get(..8).and_then(|eight| eight.try_into().ok()).map_or(0, u64::from_le_bytes) as usize;
    let header: Value = serde_json::from_slice(&model[8..8 + length]).map_err(|cause| cause.to_string())?;
    let mut tensors: Vec<(u64, Value)> = Vec::new();
    for (name, tensor) in header.as_object().into_iter().flatten().filter(|(name, _)| *name != "__metadata__") {
        let at = |index: usize| tensor["data_offsets"][index].as_u64().unwrap_or_default();
        let row =
            json!({ "name": name, "dtype": tensor["dtype"], "shape": tensor["shape"], "size_bytes": at(1) - at(0) });
        tensors.push((at(0), row));
    }
    Ok(tensors.into_iter().map(|(_, row)| row).collect())
}

fn hub() -> Result<Server> {
    let model = bytes(MODEL)?;
    let said = Command::new("sha256sum").arg(fixture(MODEL)).output().map_err(|cause| format!("sha256sum: {cause}"))?;
    let sha256 = String::from_utf8_lossy(&said.stdout).split(' ').next().unwrap_or_default().to_owned();
    let lfs = json!({ "oid": sha256, "size": model.len(), "pointerSize": 128 });
    let items = [
        json!({ "type": "file", "oid": CONFIG_OID, "size": CONFIG.len(), "path": "config.json" }),
        json!({ "type": "directory", "oid": "eeee", "size": 0, "path": "deep" }),
        json!({ "type": "file", "oid": "f".repeat(40), "size": model.len(), "lfs": lfs, "xetHash": "0".repeat(64), "path": "deep/model 1.safetensors" }),
    ];
    Server::open(move |asked| answer(asked, &items, &model))
}

/// The list one item a page, after the commit; and the bytes, by ranges.
fn answer(asked: &Asked, items: &[Value], model: &[u8]) -> Reply {
    let api = "/api/models/owner/name";
    let tree = format!("{api}/tree/{COMMIT}");
    let files = format!("/owner/name/resolve/{COMMIT}/");
    if asked.path() == format!("{api}/revision/main") {
        return Reply::json(200, json!({ "_id": "1", "id": "owner/name", "sha": COMMIT }));
    }
    if asked.path() == tree {
        let at: usize = asked.target.rsplit_once("cursor=").and_then(|(_, text)| text.parse().ok()).unwrap_or(0);
        let host = asked.header("host").unwrap_or_default();
        let page = Reply::json(200, json!([items[at]]));
        let next = format!("<http://{host}{tree}?recursive=true&expand=false&cursor={}>; rel=\"next\"", at + 1);
        return if at + 1 < items.len() { page.with("Link", &next) } else { page };
    }
    match asked.path().strip_prefix(&files) {
        Some("config.json") => Reply::file(asked, CONFIG),
        Some("deep/model%201.safetensors") => Reply::file(asked, model),
        _ => Reply::json(404, r#"{"error":"Entry not found"}"#).with("X-Error-Code", "EntryNotFound"),
    }
}
