//! Opening, in every way there is: what is on screen and in the report is what NumPy and safetensors say.

use crate::run::{assert_is_the_run, assert_same_tensors, is_healthy, tensors_of};
use e2e::Result;
use e2e::expected::expected;
use e2e::fixtures::fixture;
use e2e::page::Page;
use serde_json::Value;
use std::path::PathBuf;

/// A zip of a whole run.
pub(crate) fn a_zip_of_a_run(page: &Page) -> Result {
    page.open(&[&fixture("archives/linearnexus_run.zip")])?;
    shows_the_run(page)?;
    assert_is_the_run(&page.report()?, "linearnexus_run.zip/checkpoints");
    Ok(())
}

/// The same run, unpacked, chosen as a folder.
pub(crate) fn a_folder(page: &Page) -> Result {
    page.open_folder(&fixture("linearnexus/run"))?;
    shows_the_run(page)?;
    assert_is_the_run(&page.report()?, "run/checkpoints");
    Ok(())
}

/// The same folder, dropped.
pub(crate) fn a_dropped_folder(page: &Page) -> Result {
    page.drop_files(&[&fixture("linearnexus/run")])?;
    assert_is_the_run(&page.report()?, "run/checkpoints");
    Ok(())
}

/// One file of weights, without anything around it.
pub(crate) fn a_lone_npz(page: &Page) -> Result {
    let checkpoint = &expected()["run"][4];
    assert_eq!(checkpoint["name"], "step_800");
    page.open(&[&fixture("linearnexus/run/checkpoints/step_800/model.npz")])?;
    shows_tensors(page, &checkpoint["model"])?;
    let report = page.report()?;
    assert_eq!(report["sources"][0]["name"], "model.npz");
    assert_same_tensors(tensors_of(&report, "model.npz"), &checkpoint["model"], "model.npz");
    is_healthy(&report);
    Ok(())
}

/// Another format.
pub(crate) fn a_lone_safetensors(page: &Page) -> Result {
    page.open(&[&fixture("frameworks/mlx/model.safetensors")])?;
    shows_tensors(page, &expected()["safetensors"])?;
    let report = page.report()?;
    assert_same_tensors(tensors_of(&report, "model.safetensors"), &expected()["safetensors"], "model.safetensors");
    is_healthy(&report);
    Ok(())
}

/// A model in four files with an index, chosen together: one checkpoint with the tensors of all.
pub(crate) fn shards(page: &Page) -> Result {
    let shards = expected()["sharded"].as_object().ok_or("expected.json has no shards")?;
    let names = shards.keys().map(String::as_str).chain(["model.safetensors.index.json", "config.json"]);
    let paths: Vec<PathBuf> = names.map(|name| fixture("frameworks/hf-sharded").join(name)).collect();
    page.open(&paths.iter().map(PathBuf::as_path).collect::<Vec<_>>())?;
    let report = page.report()?;
    for (name, tensors) in shards {
        assert_same_tensors(tensors_of(&report, name), tensors, name);
    }
    let checkpoints: Vec<&Value> = report["runs"].as_array().into_iter().flatten().flat_map(checkpoints).collect();
    assert_eq!(checkpoints.len(), 1, "one checkpoint of all shards: {checkpoints:?}");
    let count: usize = shards.values().filter_map(Value::as_array).map(Vec::len).sum();
    assert_eq!(checkpoints[0]["tensors"]["count"], count);
    is_healthy(&report);
    Ok(())
}

fn checkpoints(run: &Value) -> impl Iterator<Item = &Value> {
    run["checkpoints"].as_array().into_iter().flatten()
}

/// Every checkpoint in the list, every metric in the table, every tensor of one checkpoint in its table.
fn shows_the_run(page: &Page) -> Result {
    let expected = expected()["run"].as_array().ok_or("expected.json has no run")?;
    let listed = page.texts("checkpoint-row")?;
    for checkpoint in expected {
        let name = checkpoint["name"].as_str().unwrap_or_default();
        assert!(listed.iter().any(|row| row.contains(name)), "{name} is not in {listed:?}");
    }
    page.go("metrics")?;
    let values = expected.iter().flat_map(|checkpoint| checkpoint["metrics"].as_object().into_iter().flatten());
    let texts: Vec<String> = values.map(|(_, value)| five_digits(value.as_f64().unwrap_or_default())).collect();
    page.shows(texts.iter().map(String::as_str))?;
    page.select("step_800")?;
    shows_tensors(page, &expected[4]["model"])
}

/// As the page writes metrics: five significant digits, no trailing zeros.
pub(crate) fn five_digits(value: f64) -> String {
    let decimals = (4.0 - value.abs().log10().floor()).max(0.0) as usize;
    format!("{value:.decimals$}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Every tensor can be found, with its type and shape.
fn shows_tensors(page: &Page, tensors: &Value) -> Result {
    page.go("tensors")?;
    for tensor in tensors.as_array().into_iter().flatten() {
        let name = tensor["name"].as_str().unwrap_or_default();
        let dtype = tensor["dtype"].as_str().unwrap_or_default();
        page.fill("tensor-filter", name)?;
        let row = page.text_where("tensor-row", name, |row| row.contains(name))?;
        let shape = shape_words(&tensor["shape"]);
        assert!(row.contains(dtype) && row.contains(&shape), "{name} is {dtype} {shape}, and its row says {row:?}");
    }
    Ok(())
}

fn shape_words(shape: &Value) -> String {
    let sizes: Vec<String> = shape.as_array().into_iter().flatten().map(Value::to_string).collect();
    if sizes.is_empty() { "scalar".to_owned() } else { sizes.join(" × ") }
}
