//! Every kind of manifest as its own tool wrote it, over a tree that is whole, has a changed byte, lacks a file, or has one
//! more: we take what the tool takes, and say of each file what it says (`expected/manifests.py`).

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use weighbridge::manifest::plan;
use weighbridge::model::{Check, IntegrityVerdict, Severity, Status};

use crate::manifests::verify;
use crate::opening::open_but;

fn write(folder: &Path, path: &str, text: &str) {
    let target = folder.join(path);
    fs::create_dir_all(target.parent().unwrap()).unwrap();
    fs::write(target, text).unwrap();
}

/// The tree of `expected` with the manifest of `row`, in a folder of its own.
fn tree(expected: &Json, row: &Json, at: usize, state: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("kinds/{at}/{state}"));
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    let root = row["root"].as_str().unwrap();
    let inside = |path: &str| if root.is_empty() { path.to_owned() } else { format!("{root}/{path}") };
    for (path, text) in expected["tree"].as_object().unwrap() {
        write(&folder, &inside(path), text.as_str().unwrap());
    }
    for (path, text) in row["more"].as_object().unwrap() {
        write(&folder, path, text.as_str().unwrap());
    }
    write(&folder, row["name"].as_str().unwrap(), row["text"].as_str().unwrap());
    match state {
        "bad" => {
            let text = fs::read_to_string(folder.join(inside("model.bin"))).unwrap();
            write(&folder, &inside("model.bin"), &text.replacen('w', "v", 1));
        }
        "missing" => fs::remove_file(folder.join(inside("sub/config.json"))).unwrap(),
        "unlisted" => write(&folder, &inside("extra.txt"), "more\n"),
        _ => {}
    }
    folder
}

#[test]
fn we_take_what_the_tool_takes() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected/manifests.json");
    let expected: Json = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for (at, row) in expected["manifests"].as_array().unwrap().iter().enumerate() {
        for (state, answer) in row["checks"].as_object().unwrap() {
            let (taken, files) = (&answer[0], answer[1].as_object().unwrap());
            let folder = tree(&expected, row, at, state);
            let opened = open_but(&[&folder], |_| true);
            let manifest = opened.find(&format!("{state}/{}", row["name"].as_str().unwrap())).unwrap();
            let kind = opened.contents_at(manifest).and_then(|contents| contents.manifest.as_ref());
            let kind = kind.map_or("none", |manifest| manifest.kind.as_str());
            let integrity = verify(&opened, folder.parent().unwrap());
            let findings = plan(&[&opened]).findings;
            let is_whole = findings.iter().all(|finding| finding.severity != Severity::Error);
            let is_taken = integrity.verdict == IntegrityVerdict::Verified && is_whole;
            let has = |status: Status| integrity.entries.iter().any(|row| row.status == status);
            let is_told = match state.as_str() {
                "bad" => has(Status::Mismatch),
                "missing" => has(Status::Missing),
                "unlisted" => has(Status::Unlisted),
                _ => !has(Status::Mismatch) && !has(Status::Missing),
            };
            // What the tool says of a file by its name, we say of it too.
            let is_said = files.iter().all(|(path, said)| {
                let of_file = |check: &&Check| check.path.ends_with(path.as_str());
                let worst = integrity.entries.iter().filter(of_file).map(|check| check.status).min();
                worst.is_some_and(|status| serde_json::to_value(status).unwrap() == *said)
            });
            let is_told = is_told && is_said;
            if kind != row["kind"] || Some(is_taken) != taken.as_bool() || !is_told {
                let rows: Vec<_> = integrity.entries.iter().map(|row| (&row.path, row.status)).collect();
                wrong.push(format!("{} {kind} {state}: {:?} {rows:?} {findings:?}", row["name"], integrity.verdict));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
