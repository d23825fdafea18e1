//! Saving a checkpoint of 1 GiB from a registry on this machine to the disk.

use super::{Bench, Row, warm};
use crate::browser::{Ours, tree_bytes};
use crate::data::ONE_BF16;
use crate::folder;
use crate::result::{Measure, Samples, Target, Unit};
use e2e::page::{Page, id};
use e2e::server::{Asked, Reply, Server};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};
use xtask::process::{Result, run_quietly, with_args};
use xtask::serve;

/// The row.
pub const ROW: Row = Row { id: "download", about: "1 GiB from a registry on this machine to the disk", measure };

const PATIENCE: Duration = Duration::from_secs(120);
const BETWEEN_LOOKS: Duration = Duration::from_millis(600);
const FILE: &str = "adapter_model.safetensors";
const TINKER_PATH: &str = "tinker://run-1/external_weights/final";

fn measure(bench: &Bench) -> Result<Vec<Measure>> {
    let file = ONE_BF16.path()?;
    warm(&file)?;
    let store = folder("bench-data").join("store");
    fs::create_dir_all(&store).map_err(|cause| format!("{}: {cause}", store.display()))?;
    let inner = store.join(FILE);
    if !inner.exists() {
        fs::hard_link(&file, &inner).map_err(|cause| format!("{}: {cause}", inner.display()))?;
    }
    let options =
        serve::Options { more: vec![("/store".to_owned(), store)], cors: true, ..serve::Options::new(&bench.site) };
    let files = serve::Server::start(options).map_err(|cause| format!("the store: {cause}"))?;
    let url = format!("{}store/{FILE}", files.url());
    let registry = registry(&url)?;
    let [mut ours, mut browsers, mut theirs, mut memory] = std::array::from_fn(|_| Samples::default());
    bench.each_run(|| {
        let (here, grown) = save(bench, &registry, &file)?;
        let (natively, _) = saved(&Ours::start(&bench.url())?, &file, |page| {
            let script =
                "const link = document.createElement('a'); link.href = arguments[0]; link.download = ''; link.click()";
            page.driver.run(script, &[json!(url)]).map(drop)
        })?;
        let there = curl(&url)?;
        ours.add(here);
        browsers.add(natively);
        theirs.add(there);
        memory.add(grown);
        let grown = grown / 1e6;
        Ok(format!("{here:.2} s, {natively:.2} s and {there:.2} s, {grown:.0} MB more memory"))
    })?;
    let line = |what, unit, samples, target| Measure::alone(ROW.id, what, unit, samples, target);
    Ok(vec![
        line("1 GiB, from the click", Unit::Seconds, ours, Target::Speed(0.6)).against("curl", theirs.clone()),
        // What the browser's own link to the same file takes: nothing that ends as its download is faster.
        line("the browser's own download of it", Unit::Seconds, browsers, Target::None).against("curl", theirs),
        line("memory more than before", Unit::Bytes, memory, Target::AtMost(100e6)),
    ])
}

/// A registry with one checkpoint of one file.
fn registry(url: &str) -> Result<Server> {
    let checkpoint = json!({
        "checkpoint_id": "external_weights/final", "checkpoint_type": "external", "time": "2026-01-01T00:00:00Z",
        "tinker_path": TINKER_PATH, "size_bytes": ONE_BF16.bytes, "public": false, "expires_at": null,
    });
    let run = json!({
        "training_run_id": "run-1", "base_model": "none", "model_owner": "me", "is_lora": true, "corrupted": false,
        "lora_rank": 8, "last_request_time": "2026-01-01T00:00:00Z",
    });
    let cursor = json!({ "offset": 0, "limit": 100, "total_count": 1 });
    let urls = json!({ "urls": { FILE: url }, "expires": "2099-01-01T00:00:00Z" });
    Server::open(move |asked: &Asked| match asked.path() {
        "/api/v1/get_server_capabilities" => Reply::json(200, json!({ "supported_models": [] })),
        "/api/v1/training_runs" => Reply::json(200, json!({ "training_runs": [run], "cursor": cursor })),
        "/api/v1/training_runs/run-1/checkpoints" => Reply::json(200, json!({ "checkpoints": [checkpoint] })),
        "/api/v1/checkpoints" => Reply::json(200, json!({ "checkpoints": [checkpoint], "cursor": cursor })),
        path if path.ends_with("/external_weights_urls") => Reply::json(200, &urls),
        _ => Reply::status(404),
    })
}

/// The seconds from the click to the whole file, and the most memory there was on the way more than before.
fn save(bench: &Bench, registry: &Server, file: &Path) -> Result<(f64, f64)> {
    let ours = Ours::start(&bench.url())?;
    let (page, driver) = (ours.page(), ours.driver());
    // A second visit: the service worker is there.
    page.load()?;
    driver.run("location.hash = '#/registry'", &[])?;
    page.fill("registry-url", &registry.url())?;
    page.fill("registry-key", "tml-bench")?;
    page.work(|| page.click("registry-connect"))?;
    driver.find(&format!("input[aria-label=\"Choose {TINKER_PATH}\"]"))?;
    driver.click(&format!("input[aria-label=\"Choose {TINKER_PATH}\"]"))?;
    driver.find(&id("registry-save"))?;
    saved(&ours, file, |page| page.click("registry-save"))
}

/// The same for anything that starts a download of `file`.
fn saved(ours: &Ours, file: &Path, start: impl FnOnce(&Page<'_>) -> Result) -> Result<(f64, f64)> {
    let into = tempfile::tempdir_in(folder("bench-data")).map_err(|cause| cause.to_string())?;
    ours.driver().download_into(into.path())?;
    let before = tree_bytes();
    let (mut most, mut looked) = (before, Instant::now());
    let begun = Instant::now();
    start(&ours.page())?;
    let saved = into.path().join(FILE);
    let length = file.metadata().map_err(|cause| cause.to_string())?.len();
    while !saved.metadata().is_ok_and(|found| found.len() == length) {
        if begun.elapsed() > PATIENCE {
            return Err("the file did not come".into());
        }
        thread::sleep(Duration::from_millis(20));
        // Adding up the pages of all processes holds them up for longer than a pause.
        if looked.elapsed() > BETWEEN_LOOKS {
            most = most.max(tree_bytes());
            looked = Instant::now();
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    run_quietly(with_args("cmp", ["--"]).args([&saved, &file.to_path_buf()]))?;
    Ok((seconds, most - before))
}

fn curl(url: &str) -> Result<f64> {
    let into = tempfile::tempdir_in(folder("bench-data")).map_err(|cause| cause.to_string())?;
    let start = Instant::now();
    run_quietly(with_args("curl", ["--silent", "--fail", "--output"]).arg(into.path().join(FILE)).arg(url))?;
    Ok(start.elapsed().as_secs_f64())
}
