//! Manifests against real ones, against `sha256sum` itself, and against what can be made up.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use weighbridge::digest::{Algorithm, from_base64, hasher};
use weighbridge::manifest::{Form, PlannedCheck, judge, parse, plan, write};
use weighbridge::model::{Entry, Integrity, IntegrityVerdict, Opened, Severity, Status};

use crate::opening::{fixture, open_but};

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Verifies opened plain files that lie below `folder`.
pub(crate) fn verify(opened: &Opened, folder: &Path) -> Integrity {
    let plan = plan(&[opened]);
    let bytes = |(_, entry): (usize, usize)| fs::read(folder.join(&opened.entries[entry].path)).unwrap();
    let digest = |check: &PlannedCheck| {
        let place = check.place?;
        let mut hasher = hasher(check.algorithm);
        match (check.pieces.as_slice(), check.range) {
            ([], Some((first, end))) => hasher.update(&bytes(place)[first as usize..end as usize]),
            ([], None) => {
                let bytes = bytes(place);
                if check.algorithm == Algorithm::GitSha1 {
                    hasher.update(format!("blob {}\0", bytes.len()).as_bytes());
                }
                hasher.update(&bytes);
            }
            (pieces, _) => pieces.iter().for_each(|(before, place)| {
                hasher.update(before.as_bytes());
                hasher.update(&bytes(*place));
            }),
        }
        Some(hasher.finish())
    };
    let digests: Vec<_> = plan.checks.iter().map(digest).collect();
    judge(&plan, &digests, true)
}

/// The fixture with one of its manifests.
fn with(manifest: &str) -> Integrity {
    let folder = fixture("manifests");
    let wanted = format!("step_800/{manifest}");
    let is_manifest = |path: &str| path.contains("SHA256SUMS") || path.contains("checksums.");
    let opened = open_but(&[&folder.join("step_800")], |path| !is_manifest(path) || path == wanted);
    verify(&opened, &folder)
}

#[test]
fn every_kind_of_manifest_verifies_the_same_seven_files() {
    let kinds = ["SHA256SUMS", "SHA256SUMS.binary", "SHA256SUMS.bsd", "checksums.flat.json", "checksums.map.json"];
    for kind in kinds {
        let integrity = with(kind);
        let rows: Vec<_> = integrity.entries.iter().map(|row| (row.path.as_str(), row.status)).collect();
        let files = ["config", "extra", "metrics"].map(|name| format!("step_800/{name}.json"));
        let rest = ["model.npz", "optimizer.npz", "optimizer_meta.pkl", "structure.json"];
        let files: Vec<_> = files.into_iter().chain(rest.map(|name| format!("step_800/{name}"))).collect();
        assert_eq!(rows, files.iter().map(|file| (file.as_str(), Status::Ok)).collect::<Vec<_>>(), "{kind}");
        assert_eq!(integrity.verdict, IntegrityVerdict::Verified, "{kind}");
        assert!(integrity.entries.iter().all(|row| row.expected == row.actual && row.actual.is_some()));
    }
}

#[test]
fn a_wrong_digest_and_a_missing_file_fail() {
    let integrity = with("SHA256SUMS.one_bad");
    let bad: Vec<_> = integrity.entries.iter().filter(|row| row.status != Status::Ok).collect();
    let bad: Vec<_> = bad.iter().map(|row| (row.path.as_str(), row.status, row.actual.as_deref())).collect();
    let config = "c5c7962ccda017bd13a954b6cdd3f9cffeedb83d9cd3ea3c9b9def84aa71fb66";
    let expected = [
        ("step_800/config.json", Status::Mismatch, Some(config)),
        ("step_800/missing_file.bin", Status::Missing, None),
    ];
    assert_eq!((bad.as_slice(), integrity.entries.len()), (expected.as_slice(), 8));
    assert_eq!(integrity.verdict, IntegrityVerdict::Failed);
}

/// What is left of a manifest keeps its meaning: whole lines, and at most one whose path is cut, which no file answers.
#[test]
fn a_manifest_cut_anywhere_claims_nothing_new() {
    for name in ["SHA256SUMS", "SHA256SUMS.binary", "SHA256SUMS.bsd", "SHA256SUMS.one_bad"] {
        let text = fs::read(fixture(&format!("manifests/step_800/{name}"))).unwrap();
        let whole = parse(name, &text).unwrap().0.lines;
        for len in 0..text.len() {
            let ended = text[..len].iter().filter(|byte| **byte == b'\n').count();
            let (lines, findings) =
                parse(name, &text[..len]).map_or_else(Default::default, |(read, findings)| (read.lines, findings));
            assert!(lines.len() >= ended && lines[..ended] == whole[..ended], "{name} cut to {len} bytes");
            let at_end = len == 0 || text[len - 1] == b'\n' || text[len] == b'\n';
            match &lines[ended..] {
                [] => assert!(at_end || ended == 0 || !findings.is_empty(), "{name} cut to {len} bytes: {findings:?}"),
                [last] => {
                    assert_eq!(last.digest, whole[ended].digest);
                    assert!(whole[ended].path.starts_with(&last.path), "{name} cut to {len} bytes");
                }
                more => panic!("{name} cut to {len} bytes: {more:?}"),
            }
        }
    }
}

/// Several manifests of one tree: each is checked, and where two say different things of a file, both are named.
#[test]
fn every_manifest_of_a_tree_is_checked_and_a_conflict_is_told() {
    let folder = fresh("several");
    let files = [("a.bin", "a"), ("b.bin", "b"), ("c.bin", "c"), ("extra.txt", "x")];
    files.iter().for_each(|(name, text)| fs::write(folder.join(name), text).unwrap());
    let md5 = "0cc175b9c0f1b6a831c399e269772661";
    let sums = format!("{}  a.bin\n{}  b.bin\n", hex(b"a"), hex(b"b"));
    let json = format!("{{\"b.bin\": \"{}\", \"c.bin\": \"{}\"}}", hex(b"other"), hex(b"c"));
    for (name, text) in [("SHA256SUMS", sums), ("checksums.json", json), ("MD5SUMS", format!("{md5}  a.bin\n"))] {
        fs::write(folder.join(name), text).unwrap();
    }
    let opened = open_but(&[&folder], |_| true);
    let integrity = verify(&opened, folder.parent().unwrap());
    let rows: Vec<_> = integrity
        .entries
        .iter()
        .map(|row| {
            let manifest = row.manifest.as_deref().and_then(|path| path.split('/').next_back());
            (row.path.as_str(), manifest, row.algorithm.name(), row.status)
        })
        .collect();
    let expected = [
        ("several/a.bin", Some("MD5SUMS"), "md5", Status::Ok),
        ("several/a.bin", Some("SHA256SUMS"), "sha256", Status::Ok),
        ("several/b.bin", Some("SHA256SUMS"), "sha256", Status::Ok),
        ("several/b.bin", Some("checksums.json"), "sha256", Status::Mismatch),
        ("several/c.bin", Some("checksums.json"), "sha256", Status::Ok),
        ("several/extra.txt", None, "sha256", Status::Unlisted),
    ];
    assert_eq!((rows.as_slice(), integrity.verdict), (expected.as_slice(), IntegrityVerdict::Failed));
    let conflicts: Vec<_> = plan(&[&opened]).findings.into_iter().filter(|f| f.code == "manifest-conflict").collect();
    assert_eq!(
        (conflicts.len(), conflicts[0].file.as_str(), conflicts[0].severity),
        (1, "several/b.bin", Severity::Error)
    );
    assert!(["SHA256SUMS", "checksums.json"].iter().all(|name| conflicts[0].message.contains(name)), "{conflicts:?}");
}

#[test]
fn without_a_manifest_there_is_no_verdict() {
    let integrity = with("none");
    assert_eq!((integrity.verdict, integrity.entries.len()), (IntegrityVerdict::Unverified, 7));
    assert!(integrity.entries.iter().all(|row| row.status == Status::Unlisted && row.actual.is_some()));
}

/// Writers prune checkpoints and leave their digests behind.
#[test]
fn digests_beside_files_are_checked() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sidecars");
    fs::create_dir_all(&folder).unwrap();
    for (name, text) in [("a.pt", "a".to_owned()), ("a.pt.sha256", hex(b"a")), ("pruned.pt.sha256", hex(b"b"))] {
        fs::write(folder.join(name), text).unwrap();
    }
    let opened = open_but(&[&folder], |_| true);
    let integrity = verify(&opened, folder.parent().unwrap());
    let rows: Vec<_> = integrity.entries.iter().map(|row| (row.path.as_str(), row.status)).collect();
    assert_eq!(
        (rows.as_slice(), integrity.verdict),
        ([("sidecars/a.pt", Status::Ok)].as_slice(), IntegrityVerdict::Verified)
    );
    assert_eq!(plan(&[&opened]).findings[0].code, "manifest-orphan");
}

/// Names that `sha256sum` has to escape, written by it and read back. Skipped where there is none.
#[test]
fn what_sha256sum_writes_is_read_back() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sha256sum");
    fs::create_dir_all(&folder).unwrap();
    let mut names =
        vec!["plain", "with space", "back\\slash", "new\nline", "bo\\th\n", "  lead", "*star", "ünï", "a)b", "a = b"];
    for name in &names {
        fs::write(folder.join(name), name).unwrap();
    }
    names.sort_unstable();
    for mode in ["--text", "--binary", "--tag"] {
        let Ok(output) = Command::new("sha256sum").arg(mode).arg("--").args(&names).current_dir(&folder).output()
        else {
            return;
        };
        let (manifest, findings) = parse("SHA256SUMS", &output.stdout).unwrap();
        assert_eq!(findings, []);
        let read: Vec<_> = manifest.lines.into_iter().map(|line| (line.path, line.digest)).collect();
        let expected: Vec<_> = names.iter().map(|name| ((*name).to_owned(), hex(name.as_bytes()))).collect();
        assert_eq!(read, expected, "{mode}");
    }
}

/// What we write of the files below `folder`, with digests of another implementation.
fn written(folder: &Path, form: Form) -> String {
    let opened = open_but(&[folder], |_| true);
    let bytes = |entry: &Entry| fs::read(folder.parent().unwrap().join(&entry.path)).unwrap();
    let digests: Vec<String> = opened.entries.iter().map(|entry| hex(&bytes(entry))).collect();
    let digests: Vec<_> = digests.iter().enumerate().map(|(at, digest)| ((0, at), digest.as_str())).collect();
    write(&[&opened], &digests, form).unwrap()
}

fn fresh(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap();
    }
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// `sha256sum -c` takes what we write of any names, and refuses it once a file is changed.
#[test]
#[cfg(unix)]
fn what_we_write_is_taken_by_sha256sum() {
    let folder = fresh("written-names");
    let names =
        [" lead", "#hash", "*star", "\\start", "bo\\th\n", "car\rret", "naïve", "sub/x", "sub.txt", "a  b", "(c) = d"];
    for name in names {
        fs::create_dir_all(folder.join(name).parent().unwrap()).unwrap();
        fs::write(folder.join(name), name).unwrap();
    }
    let text = written(&folder, Form::Sha256Sums);
    assert_eq!(text.lines().count(), names.len());
    // What was not hashed is a comment to it.
    fs::write(folder.join("SHA256SUMS"), format!("{text}# not hashed: other\n")).unwrap();
    let check = || Command::new("sha256sum").args(["-c", "--strict", "SHA256SUMS"]).current_dir(&folder).output();
    let Ok(done) = check() else { return };
    assert!(done.status.success(), "{done:?}");
    fs::write(folder.join("sub/x"), "other").unwrap();
    assert!(!check().unwrap().status.success());
}

/// What we write of a tree is read back by ourselves, and says what `model-signing` signed of the same files.
#[test]
fn what_we_write_is_what_others_write() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expected/manifests.json");
    let expected: serde_json::Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let (folder, tree) = (fresh("written"), expected["tree"].as_object().unwrap());
    for (path, text) in tree {
        let target = folder.join(path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, text.as_str().unwrap()).unwrap();
    }
    let files: Vec<_> =
        tree.iter().map(|(path, text)| (path.as_str(), hex(text.as_str().unwrap().as_bytes()))).collect();
    for form in [Form::Sha256Sums, Form::Json, Form::Statement] {
        let (manifest, findings) = parse(form.file_name(), written(&folder, form).as_bytes()).unwrap();
        let lines: Vec<_> = manifest.lines.iter().map(|line| (line.path.as_str(), line.digest.clone())).collect();
        assert_eq!(lines, files, "{form:?}");
        assert!(findings.iter().all(|finding| finding.severity != Severity::Error), "{findings:?}");
    }
    let mut rows = expected["manifests"].as_array().unwrap().iter();
    let bundle = rows.find(|row| row["kind"] == "model_signing").unwrap();
    let bundle: serde_json::Value = serde_json::from_str(bundle["text"].as_str().unwrap()).unwrap();
    let payload = from_base64(bundle["dsseEnvelope"]["payload"].as_str().unwrap().as_bytes());
    let signed: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    let statement = written(&folder, Form::Statement);
    fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("written.statement.json"), &statement).unwrap();
    // These very bytes, signed, are what the tool took, and refused once a file was changed.
    let taken = &crate::signatures::expected()["statement"];
    assert_eq!(taken["text"], statement.as_str());
    assert_eq!((&taken["accepted"], &taken["accepted_after_a_change"]), (&true.into(), &false.into()));
    let ours: serde_json::Value = serde_json::from_str(&statement).unwrap();
    for key in ["_type", "predicateType"] {
        assert_eq!(signed[key], ours[key]);
    }
    assert_eq!(signed["subject"][0]["digest"], ours["subject"][0]["digest"]);
    assert_eq!(signed["predicate"]["resources"], ours["predicate"]["resources"]);
}

/// A line as `sha256sum` writes it.
fn line(path: &str, digest: &str, style: u8) -> String {
    let escaped = path.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r");
    let mark = if escaped == path { "" } else { "\\" };
    match style % 3 {
        0 => format!("{mark}{digest}  {escaped}\n"),
        1 => format!("{mark}{digest} *{escaped}\n"),
        _ => format!("{mark}SHA256 ({escaped}) = {digest}\n"),
    }
}

proptest! {
    #[test]
    fn rendered_lines_come_back(claims in prop::collection::vec(("[^\0]{1,12}", "[0-9a-f]{64}", 0_u8..3), 1..8)) {
        let text: String = claims.iter().map(|(path, digest, style)| line(path, digest, *style)).collect();
        let (manifest, _) = parse("SHA256SUMS", text.as_bytes()).unwrap();
        let read: Vec<_> = manifest.lines.into_iter().map(|line| (line.path, line.digest)).collect();
        let written: Vec<_> = claims.into_iter().map(|(path, digest, _)| (path, digest)).collect();
        prop_assert_eq!(read, written);
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in prop::collection::vec(any::<u8>(), 0..400), name in "[a-zA-Z0-9.]{0,12}") {
        for name in [name.as_str(), "SHA256SUMS", "checksums.json"] {
            if let Some((manifest, _)) = parse(name, &text) {
                prop_assert!(manifest.lines.iter().all(|line| line.digest.len() == line.algorithm.digits() && !line.path.is_empty()));
            }
        }
    }
}
