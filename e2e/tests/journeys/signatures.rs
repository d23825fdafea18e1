//! Signed manifests: what `model-signing` says of a bundle and a key is what the page says, and no more than it checked.

use e2e::Result;
use e2e::fixtures::Folder;
use e2e::page::{Page, id};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Files, as `tests/expected/signatures.py` has them.
const TREE: [(&str, &str); 2] = [("sub/config.json", "{\"a\": 1}\n"), ("sub/with space.txt", "x\n")];

fn cases() -> Result<Vec<Value>> {
    let path = xtask::process::root().join("tests/expected/signatures.json");
    let text = fs::read_to_string(&path).map_err(|cause| format!("{}: {cause}", path.display()))?;
    let all: Value = serde_json::from_str(&text).map_err(|cause| cause.to_string())?;
    Ok(all["cases"].as_array().cloned().unwrap_or_default())
}

fn case(name: &str) -> Result<Value> {
    cases()?.into_iter().find(|row| row["name"] == name).ok_or_else(|| format!("no case {name:?}"))
}

/// The folder that was signed, with a bundle.
fn signed(case: &Value) -> Result<Folder> {
    let folder = Folder::new()?;
    folder.write("model/model.bin", "weights ".repeat(40).as_bytes())?;
    for (path, text) in TREE {
        folder.write(&format!("model/{path}"), text.as_bytes())?;
    }
    folder.write("model/model.sig", case["bundle"].as_str().unwrap_or_default().as_bytes())?;
    folder.write("signer.pem", case["key"].as_str().unwrap_or_default().as_bytes())?;
    Ok(folder)
}

fn give(page: &Page, key: &Path) -> Result {
    page.work(|| page.driver.find(&id("signature-key-file"))?.choose(&[key]))
}

/// Opens and verifies one of the cases, gives its key, and leaves the page at what it says of it.
pub(crate) fn told(page: &Page, name: &str) -> Result {
    let case = case(name)?;
    let folder = signed(&case)?;
    page.open_folder(&folder.path().join("model"))?;
    page.verify()?;
    give(page, &folder.path().join("signer.pem"))?;
    page.driver
        .run("document.querySelector('[data-testid=signature-row]').scrollIntoView({block: 'center'})", &[])
        .map(drop)
}

/// Good, changed and another key, on every curve, with keys and with certificates.
pub(crate) fn every_kind(page: &Page) -> Result {
    for case in cases()? {
        let name = case["name"].as_str().unwrap_or_default();
        let folder = signed(&case)?;
        page.load()?;
        page.open_folder(&folder.path().join("model"))?;
        page.verify()?;
        page.shows(["digests", "signature not checked", "identity not checked"])?;
        give(page, &folder.path().join("signer.pem"))?;
        let is_accepted = case["accepted"] == true;
        page.shows([if is_accepted { "signature checked" } else { "signature does not fit" }, "identity not checked"])?;
        if !is_accepted {
            page.shows(["the signature does not fit the key that was given"])?;
        }
        if !name.starts_with("P-256") {
            continue;
        }
        let report = page.report()?;
        let rows = report["signatures"].as_array().cloned().unwrap_or_default();
        assert_eq!(rows.len(), 1, "{name}");
        assert_eq!(rows[0]["signature"], if is_accepted { "checked" } else { "failed" }, "{name}");
        assert_eq!(rows[0]["identity"], "not_checked", "{name}");
        assert_eq!(rows[0]["digests"], if name.contains("changed") { "failed" } else { "checked" }, "{name}");
        assert_eq!(rows[0]["key"]["curve"], case["curve"], "{name}");
        let is_told =
            report["findings"].as_array().is_some_and(|all| all.iter().any(|row| row["code"] == "signature-mismatch"));
        assert_eq!(is_told, !is_accepted, "{name}");
    }
    Ok(())
}

/// Pasted, chosen with all other files, and dropped; and what is no key says so.
pub(crate) fn every_way(page: &Page) -> Result {
    let case = case("P-256 with its key")?;
    let folder = signed(&case)?;
    let key = folder.path().join("signer.pem");
    page.open_folder(&folder.path().join("model"))?;
    page.go("integrity")?;
    page.fill("signature-key", "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----")?;
    page.work(|| page.click("signature-check"))?;
    page.shows(["this is a private key"])?;
    let sources = page.texts("source-item")?.len();
    let ways: [(&str, &dyn Fn() -> Result); 3] = [
        ("pasted", &|| {
            page.fill("signature-key", case["key"].as_str().unwrap_or_default())?;
            page.work(|| page.click("signature-check"))
        }),
        ("opened", &|| page.open(&[&key])),
        ("dropped", &|| page.work(|| page.driver.drop_files("main", &[&key]))),
    ];
    for (way, act) in ways {
        act()?;
        page.shows(["signature checked", "digests not checked", "identity not checked"])
            .map_err(|why| format!("{way}: {why}"))?;
        assert_eq!(page.texts("source-item")?.len(), sources, "{way}: a key is no source");
        let other = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----";
        page.fill("signature-key", other)?;
        page.work(|| page.click("signature-check"))?;
        page.shows(["not a key", "signature not checked"])?;
    }
    assert_eq!(page.report()?["signatures"][0]["key"], json!(null));
    Ok(())
}
