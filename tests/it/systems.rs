//! Runs of five systems against what PyTorch, json and tarfile read of them (`tests/expected/runs.py`), and against
//! snapshots of everything a layout decides.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;
use weighbridge::layout::{Files, recognise};
use weighbridge::manifest::plan;
use weighbridge::model::{Check, Entry, EntryKind, Finding, Integrity, Opened, Run, Severity, Status};

use crate::layouts::render;
use crate::manifests::verify;
use crate::opening::{fixture, open};

fn expected() -> BTreeMap<String, Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected/runs.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The fixture with the run at `path`, opened as a folder that somebody would drop: two levels down.
fn opened(path: &str) -> Opened {
    let case: Vec<&str> = path.split('/').take(2).collect();
    open(&[&fixture(&case.join("/"))])
}

fn run<'a>(opened: &'a Opened, path: &str) -> &'a Run {
    let below = path.split_once('/').unwrap().1;
    let found = opened.runs.iter().find(|run| run.path == below);
    found.unwrap_or_else(|| panic!("{path}: {:?}", opened.runs.iter().map(|run| &run.path).collect::<Vec<_>>()))
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::String(word) => Some(word.parse().unwrap()),
        other => other.as_f64(),
    }
}

#[test]
fn every_run_has_its_layout_numbers_and_metrics() {
    for (path, fact) in expected() {
        let opened = opened(&path);
        let run = run(&opened, &path);
        assert_eq!(run.layout, fact["layout"], "{path}");
        let checkpoints = fact["checkpoints"].as_object().unwrap();
        assert_eq!(run.checkpoints.len(), checkpoints.len(), "{path}");
        for (name, told) in checkpoints {
            let found = run.checkpoints.iter().find(|checkpoint| checkpoint.name == *name);
            let found = found.unwrap_or_else(|| panic!("{path}: {name}"));
            assert_eq!(found.step, told["step"].as_u64(), "{path}/{name}: step");
            assert_eq!(found.epoch, number(&told["epoch"]), "{path}/{name}: epoch");
            let bits = |value: f64| if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() };
            let own: BTreeMap<&str, u64> =
                found.metrics.iter().map(|(metric, value)| (metric.as_str(), bits(*value))).collect();
            let metrics = told["metrics"].as_object().unwrap().iter();
            let wanted: BTreeMap<&str, u64> =
                metrics.map(|(metric, value)| (metric.as_str(), bits(number(value).unwrap()))).collect();
            assert_eq!(own, wanted, "{path}/{name}: metrics");
            assert_eq!(found.metrics_from.is_some(), !wanted.is_empty(), "{path}/{name}");
        }
    }
}

/// What a healthy writer leaves behind is no error, whatever its digests are about.
#[test]
fn healthy_runs_have_no_errors() {
    for path in expected().keys() {
        let opened = opened(path);
        let errors: Vec<_> =
            opened.runs.iter().flat_map(|run| &run.findings).filter(|f| f.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{path}: {errors:?}");
    }
}

#[test]
fn everything_that_is_decided_stays_the_same() {
    let mut cases: Vec<String> =
        expected().keys().map(|path| path.split('/').take(2).collect::<Vec<_>>().join("/")).collect();
    cases.dedup();
    let archives = ["codex_canonical_manager.tar.gz", "codex_legacy_step_manager_symlinks.tar", "slash_run.tar"];
    cases.extend(archives.map(|name| format!("archives/{name}")));
    let mut different = Vec::new();
    for case in cases {
        let text = render(&open(&[&fixture(&case)]));
        let name = format!("run__{}", case.replace('/', "__"));
        let compare = || insta::assert_snapshot!(name.as_str(), text);
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(compare)).is_err() {
            different.push(case);
        }
    }
    assert!(different.is_empty(), "{different:#?}");
}

/// `tests/expected/codex-verification.json` says of every manifest, sidecar and index which files it names, whether they
/// are there and whether the digest is that of the file. Each of its entries is one of the cases below.
#[test]
fn every_digest_of_codex_is_judged_as_what_it_is() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected/codex-verification.json");
    let facts: Vec<Value> = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let mut cases: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for fact in &facts {
        let manifest = fact["manifest"].as_str().unwrap();
        cases.entry(manifest.split('/').take(2).collect::<Vec<_>>().join("/")).or_default().push(fact);
    }
    let mut seen = 0;
    for (case, facts) in cases {
        let opened = open(&[&fixture(&case)]);
        let integrity = verify(&opened, &fixture("codex"));
        let planned = plan(&[&opened]);
        let findings = planned.findings.iter().cloned().chain(opened.runs.iter().flat_map(|run| run.findings.clone()));
        let findings: Vec<_> = findings.collect();
        for fact in facts {
            let below = |key: &str| fact[key].as_str().map(|path| path.strip_prefix("codex/").unwrap().to_owned());
            let manifest = below("manifest").unwrap();
            let target = below("target").unwrap_or_else(|| manifest.rsplit_once('/').unwrap().0.to_owned());
            let row = |path: &str| {
                let is_it = |row: &&Check| row.path == path && row.manifest.as_deref() == Some(&manifest);
                integrity.entries.iter().find(is_it).map(|row| row.status)
            };
            let flag = |key: &str| fact[key].as_bool();
            let is_match = flag("match").or_else(|| flag("file_sha_match")).or_else(|| flag("without_metadata"));
            let last = |path: &str| path.rsplit('/').next().unwrap().to_owned();
            let names = |finding: &Finding| {
                let folder = target.rsplit_once('/').map_or("", |(folder, _)| folder);
                finding.file == manifest
                    && [last(&target), last(folder)].iter().any(|name| finding.message.contains(name))
            };
            if flag("present") == Some(false) {
                // A save that its writer deleted: told, and no row.
                assert!(findings.iter().any(names) && row(&target).is_none(), "{manifest} about {target}");
            } else if let Some(other) = fact["matches_other"].as_array() {
                // `state.sha256` is about the newest save, under another name; that may be deleted.
                let other = other.first().map(|other| other.as_str().unwrap().strip_prefix("codex/").unwrap());
                assert_eq!(row(&target), None, "{manifest}");
                assert_eq!(other.and_then(row), other.map(|_| Status::Ok), "{manifest}");
            } else if let Some(is_match) = is_match {
                let expected = if is_match { Status::Ok } else { Status::NotCheckable };
                assert_eq!(row(&target), Some(expected), "{manifest} about {target}");
                // The digest over a folder that its writer took before it wrote `metadata.json`.
                let of_folder =
                    planned.checks.iter().find(|check| check.manifest.as_deref() == Some(&manifest)).unwrap();
                let is_metadata = |(before, _): &(String, _)| before.starts_with("metadata.json");
                assert_eq!(flag("with_metadata").is_some(), fact["kind"] == "dir-digest", "{manifest}");
                assert!(
                    flag("with_metadata") != Some(false) || !of_folder.pieces.iter().any(is_metadata),
                    "{manifest}"
                );
            } else {
                // An index that ranks without digests, or names folders: what it names is there, and not missed.
                assert_eq!(flag("present"), Some(true), "{manifest}");
                let folder = format!("{target}/");
                let is_there = |entry: &Entry| entry.path == target || entry.path.starts_with(&folder);
                assert!(opened.entries.iter().any(is_there), "{manifest} about {target}");
                let missed = |finding: &Finding| finding.code == "index-dangles" && names(finding);
                assert!(!findings.iter().any(missed), "{manifest} about {target}");
            }
            seen += 1;
        }
        assert!(integrity.entries.iter().all(|row| row.status != Status::Mismatch && row.status != Status::Missing));
    }
    assert_eq!((seen, facts.len()), (82, 82));
}

/// One changed byte in any file that a digest is about is found.
#[test]
fn a_changed_file_is_found() {
    for (case, file) in [
        ("codex/canonical-manager-2025-09", "canonical-manager-2025-09/output/checkpoints/epoch-3/rng.json"),
        ("codex/dir-digest-v3", "dir-digest-v3/checkpoints/epoch-0002/scheduler.pt"),
        ("codex/schema-v2", "schema-v2/checkpoints/epoch-4/state.pt"),
        ("codex/core-1.0-2025-10", "core-1.0-2025-10/checkpoints/ckpt-20261121-030110-374407-0018.pt"),
    ] {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("changed");
        let copy = home.join(case.split_once('/').unwrap().1);
        copy_folder(&fixture(case), &copy);
        let opened = open(&[&copy]);
        let failed = |integrity: &Integrity| integrity.entries.iter().any(|row| row.status == Status::Mismatch);
        assert!(!failed(&verify(&opened, &home)), "{case}");
        let mut bytes = fs::read(home.join(file)).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(home.join(file), bytes).unwrap();
        assert!(failed(&verify(&opened, &home)), "{file}");
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy_folder(&path, &target) } else { fs::write(target, fs::read(&path).unwrap()).unwrap() }
    }
}

/// A folder that an archive was extracted to is called by the checkpoint's path, colons and all.
#[test]
fn an_extracted_archive_has_colons_in_its_name() {
    let home = "79db3d29-8bda-515f-a3c3-f9c1a8806642:train:0_sampler_weights_sampler-weights";
    let archive = "79db3d29-8bda-515f-a3c3-f9c1a8806642_sampler_weights_sampler-weights.tar";
    let opened = open(&[&fixture(&format!("tinkex/archives/{archive}"))]);
    let mut entries = opened.entries.clone();
    entries.retain(|entry| entry.kind == EntryKind::File);
    let mut contents: Vec<_> =
        entries.iter().map(|entry| opened.contents[opened.find(&entry.path).unwrap()].clone()).collect();
    for entry in &mut entries {
        entry.path = entry.path.replace(archive, home);
    }
    let runs = recognise(&mut Files::new(&entries, &mut contents));
    assert_eq!((runs[0].layout.as_str(), runs[0].checkpoints[0].path.as_str()), ("tinker_archive", home));
}

/// Names of the leaves from `optimizer_meta.pkl`, walked from the root in Python.
#[test]
fn the_arrays_of_an_optimizer_have_names() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected/optimizers.json");
    let expected: BTreeMap<String, Vec<String>> = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert!(expected.len() > 8);
    for (folder, names) in expected {
        let opened = open(&[&fixture(&folder)]);
        let top = folder.rsplit('/').next().unwrap();
        let index = opened.find(&format!("{top}/optimizer.npz")).unwrap();
        let told = &opened.contents_at(index).unwrap().metadata;
        assert_eq!(told.iter().map(|(_, name)| name).collect::<Vec<_>>(), names.iter().collect::<Vec<_>>(), "{folder}");
        assert!(told.iter().enumerate().all(|(at, (array, _))| *array == format!("opt_{at}")));
    }
}
