//! Files that are saved to the disk.

use super::{choose, connect, name};
use e2e::fixtures::{Folder, bytes};
use e2e::page::Page;
use e2e::server::{Asked, Reply, Server};
use e2e::{Result, wait};
use serde_json::json;
use std::fs;

const PATH: &str = "tinker://m/external_weights/files";
const FILES: [(&str, &str); 3] =
    [("a.safetensors", "safetensors/small.safetensors"), ("b.npz", "npz/deflated.npz"), ("c.json", "json/config.json")];

/// Several files at the same time: the browser takes them, is left to its own ways, or refuses them. All end, and what it
/// takes is whole.
pub(crate) fn several_at_once(page: &Page) -> Result {
    let files = FILES.iter().map(|(name, path)| Ok((*name, bytes(path)?))).collect::<Result<Vec<_>>>()?;
    let held = files.clone();
    let store = Server::open(move |asked| {
        let found = held.iter().find(|(name, _)| asked.path().ends_with(name));
        found.map_or_else(|| Reply::status(404), |(_, bytes)| Reply::file(asked, bytes))
    })?;
    let place = store.url();
    let api = Server::open(move |asked| answer(asked, &place))?;
    name(page, &[&store]);
    connect(page, &api.url(), "tml-any")?;
    choose(page, &[PATH])?;
    for round in 0..4 {
        for behaviour in ["default", "deny"] {
            page.driver.downloads_are(behaviour)?;
            page.work(|| page.click("registry-save"))?;
        }
        let kept = Folder::new()?;
        page.driver.download_into(kept.path())?;
        page.work(|| page.click("registry-save"))?;
        for (name, bytes) in &files {
            let whole = || Ok(fs::read(kept.path().join(name)).is_ok_and(|found| found == *bytes).then_some(()));
            wait::until(&format!("{name} to be saved whole in round {round}"), whole)?;
        }
    }
    Ok(())
}

fn answer(asked: &Asked, store: &str) -> Reply {
    match asked.path() {
        "/api/v1/healthz" => Reply::json(200, r#"{"status":"ok"}"#),
        "/api/v1/get_server_capabilities" => Reply::json(200, r#"{"supported_models":[{"model_name":"b"}]}"#),
        "/api/v1/training_runs" => Reply::json(200, r#"{"training_runs":[{"training_run_id":"m","base_model":"b"}]}"#),
        "/api/v1/checkpoints" => Reply::json(200, json!({ "checkpoints": [{ "tinker_path": PATH }] })),
        path if path.ends_with("/external_weights_urls") => {
            let url = |(name, _): &(&str, &str)| ((*name).to_owned(), json!(format!("{store}/{name}?sig=1")));
            Reply::json(200, json!({ "urls": FILES.iter().map(url).collect::<serde_json::Map<_, _>>() }))
        }
        _ => Reply::json(404, r#"{"detail":"Not Found"}"#),
    }
}
