//! The official client and ours, asked about the same server: `tests/peers/tinker/ask.py` prints what the first says.

use std::process::Command;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use weighbridge::registry::tinker::TinkerPath;
use weighbridge::session::Then;

use super::driver::Driver;
use crate::support;

/// What the official client says.
fn official(base: &str) -> Value {
    let Ok(python) = std::env::var("TINKER_SDK") else { panic!("TINKER_SDK is not set: run it with cargo xtask peer") };
    let script = support::root().join("../peers/tinker/ask.py");
    let output = Command::new(python).arg(script).arg(base).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// The same of ours.
fn ours(base: &str) -> Value {
    let mut driver = Driver::new();
    driver.connect(base, "tml-dummy");
    let registry = &driver.session.registry;
    assert!(registry.unlisted.is_empty(), "{:?}", registry.unlisted);
    let runs = registry.runs.iter().map(|run| {
        json!({
            "training_run_id": run.id, "base_model": run.base_model, "model_owner": run.owner, "is_lora": run.is_lora,
            "lora_rank": run.lora_rank, "corrupted": run.is_corrupted, "time": run.last_request,
        })
    });
    let (models, runs) = (registry.models.clone(), runs.collect::<Vec<_>>());
    let has_all = registry.features.has(weighbridge::registry::tinker::Feature::AllCheckpoints);
    let all: Vec<_> = registry.checkpoints.values().cloned().collect();
    let checkpoints = all.into_iter().map(|found| {
        let path = &found.path;
        json!({
            "tinker_path": path.to_string(), "kind": path.kind.name(), "time": found.time, "size": found.size_bytes,
            "info": info(&mut driver, path), "archive": archive(&mut driver, path),
        })
    });
    let checkpoints = checkpoints.collect::<Vec<_>>();
    json!({ "models": models, "runs": runs, "all": has_all.then_some(0), "checkpoints": checkpoints })
}

fn info(driver: &mut Driver, path: &TinkerPath) -> Value {
    driver.act(|session| session.show_registered(Some(path.clone())));
    match driver.session.registry.weights.clone() {
        Some(Ok(weights)) => {
            json!({ "base_model": weights.base_model, "is_lora": weights.is_lora, "lora_rank": weights.lora_rank })
        }
        _ => Value::Null,
    }
}

fn archive(driver: &mut Driver, path: &TinkerPath) -> Value {
    driver.files.clear();
    driver.act(|session| session.get_registered(path, Some(Then::Save)));
    match driver.files.pop() {
        Some((_, bytes)) => json!({ "length": bytes.len(), "sha256": hex(&Sha256::digest(&bytes)) }),
        None => Value::Null,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn sorted(mut said: Value) -> Value {
    let path = |found: &Value| found["tinker_path"].as_str().unwrap().to_owned();
    said["checkpoints"].as_array_mut().unwrap().sort_by_key(path);
    said
}

#[test]
#[ignore = "needs a server and the official client: cargo xtask peer"]
fn real_tinker_client_says_the_same_as_ours() {
    let Ok(base) = std::env::var("TINKER_PEER") else { panic!("TINKER_PEER is not set: run it with cargo xtask peer") };
    let (official, ours) = (sorted(official(&base)), sorted(ours(&base)));
    let archives = official["checkpoints"].as_array().unwrap().iter().filter(|found| !found["archive"].is_null());
    assert_eq!(archives.count(), 4, "{official:#}");
    assert_eq!(official, ours, "official: {official:#}\nours: {ours:#}");
}
