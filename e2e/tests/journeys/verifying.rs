//! Checksum manifests: what hashlib says of every file.

use crate::pictures::look;
use crate::run::rows;
use e2e::expected::expected;
use e2e::fixtures::{Folder, bytes};
use e2e::page::Page;
use e2e::{Result, wait};
use serde_json::Value;

const FILES: [&str; 7] =
    ["config.json", "extra.json", "metrics.json", "model.npz", "optimizer.npz", "optimizer_meta.pkl", "structure.json"];

/// A manifest with a wrong digest and a file that is not there.
pub(crate) fn one_bad_one_missing(page: &Page) -> Result {
    let folder = checkpoint(Some("SHA256SUMS.one_bad"))?;
    page.open_folder(&folder.path().join("step_800"))?;
    page.verify()?;
    let verdict = page.text("integrity-verdict")?;
    assert!(!verdict.is_empty());
    let report = page.report()?;
    assert_eq!(report["integrity"]["verdict"], "failed");
    assert_entries(&report, &expected()["manifest"]["one_bad"], "step_800/SHA256SUMS");
    page.go("integrity")?;
    page.shows(["config.json", "missing_file.bin"])?;
    look(page, "failed")
}

/// Without a manifest the digests are computed, and nothing is claimed.
pub(crate) fn no_manifest(page: &Page) -> Result {
    let folder = checkpoint(None)?;
    page.open_folder(&folder.path().join("step_800"))?;
    page.verify()?;
    let report = page.report()?;
    assert_eq!(report["integrity"]["verdict"], "unverified");
    let digests = &expected()["manifest"]["good"];
    for name in FILES {
        let path = format!("step_800/{name}");
        let entries = rows(&report["integrity"]["entries"], |entry| entry["path"] == path.as_str());
        assert_eq!(entries.len(), 1, "entries of {path}");
        assert_eq!(entries[0]["actual"], digests[name]["actual"], "digest of {path}");
        assert_eq!(entries[0]["expected"], Value::Null);
    }
    Ok(())
}

/// A manifest opened after the folder it is about.
pub(crate) fn manifest_later(page: &Page) -> Result {
    let folder = checkpoint(None)?;
    let manifest = folder.write("SHA256SUMS", &bytes("manifests/step_800/SHA256SUMS")?)?;
    page.open_folder(&folder.path().join("step_800"))?;
    page.open(&[&manifest])?;
    page.verify()?;
    let report = page.report()?;
    assert_eq!(report["integrity"]["verdict"], "verified");
    page.go("integrity")?;
    look(page, "verified")?;
    assert_entries(&report, &expected()["manifest"]["good"], "SHA256SUMS");
    Ok(())
}

/// A checkpoint in a folder of its own, with one of the manifests or with none.
pub(crate) fn checkpoint(manifest: Option<&str>) -> Result<Folder> {
    let folder = Folder::new()?;
    for name in FILES {
        folder.write(&format!("step_800/{name}"), &bytes(&format!("manifests/step_800/{name}"))?)?;
    }
    if let Some(name) = manifest {
        folder.write("step_800/SHA256SUMS", &bytes(&format!("manifests/step_800/{name}"))?)?;
    }
    Ok(folder)
}

/// One entry a line of the manifest, with the digests and the status that hashlib leads to.
fn assert_entries(report: &Value, expected: &Value, manifest: &str) {
    let expected = expected.as_object().expect("lines of a manifest");
    let listed = rows(&report["integrity"]["entries"], |entry| entry["manifest"] == manifest);
    assert_eq!(listed.len(), expected.len(), "{listed:#?}");
    for (name, line) in expected {
        let entry = listed.iter().find(|entry| entry["path"].as_str().is_some_and(|path| path.ends_with(name)));
        let entry = entry.unwrap_or_else(|| panic!("{name} is not among {listed:#?}"));
        for key in ["expected", "actual", "status"] {
            assert_eq!(entry[key], line[key], "{key} of {name}");
        }
        assert_eq!(entry["algorithm"], "sha256");
    }
}

/// Two containers of the same tensors (`tests/expected/identity.py`) have one identity.
pub(crate) fn same_content(page: &Page) -> Result {
    let all: Value = serde_json::from_str(include_str!("../../../tests/expected/identity.json"))
        .map_err(|cause| format!("identity.json: {cause}"))?;
    let (group, folder) = (&all["groups"][0], Folder::new()?);
    let mut shown = Value::Null;
    for (before, name) in ["model.pt", "model.safetensors"].into_iter().enumerate() {
        let copies = group["copies"].as_array().ok_or("no copies")?;
        let copy = copies.iter().find(|copy| copy[0]["name"] == name).ok_or_else(|| format!("no {name}"))?;
        let path = folder.write(name, &from_hex(copy[0]["bytes"].as_str().unwrap_or_default())?)?;
        page.open(&[&path])?;
        page.go("integrity")?;
        page.click("identity-start")?;
        wait::until("its identity", || {
            shown = page.driver.run(IDENTITIES, &[])?;
            Ok(shown.as_array().is_some_and(|rows| rows.len() > before).then_some(()))
        })?;
    }
    let identity = &group["identity"];
    assert_eq!(shown, serde_json::json!([[identity, "model.safetensors"], [identity, "model.pt"]]));
    Ok(())
}

// Of each row that has an identity: it, and what holds the same.
const IDENTITIES: &str = "
    const rows = [...document.querySelectorAll('[data-testid=identity-row]')].filter((row) => row.querySelector('code'));
    return rows.map((row) => [row.querySelector('code').title, row.cells[2].textContent])";

fn from_hex(text: &str) -> Result<Vec<u8>> {
    let digits = |at: usize| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    (0..text.len()).step_by(2).map(|at| digits(at).ok_or_else(|| format!("no byte at {at}"))).collect()
}
