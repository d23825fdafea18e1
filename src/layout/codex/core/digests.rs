//! What the digests of these folders are about: that differs by version, and no file says which version wrote it.
//!
//! `<name>.pt.sha256` is always of the file. The index holds the file's digest in one version only (late 2025); else it
//! was taken before the digest itself was put into the file, or of the values and not the bytes. `state.sha256` and
//! `digest_sha256` are of the newest file, under whatever name, and not of `state.pt`.

use std::collections::BTreeMap;

use crate::layout::Files;
use crate::layout::codex::parts::{digest_at, line, lone_digest, path_of, ranked, set_claims};
use crate::layout::markers::last_part;
use crate::manifest::Sidecar;
use crate::model::{Finding, Value, base_name, keyed};

/// Why most digests beside the sidecars cannot be checked.
const BEFORE: &str = "the digest of what was to be written, taken before the digest itself was put into it: normal for this \
                      writer, and nothing on disk has it";

/// Digests by the name of the file that a sidecar in `folder` is about.
fn sidecars(files: &Files<'_>, folder: &str) -> BTreeMap<String, String> {
    let lines = files.in_folder(folder).iter().filter_map(|&at| {
        files.name(at).strip_suffix(".pt.sha256")?;
        files.contents(at)?.manifest.as_ref()?.lines.first()
    });
    keyed(lines.map(|line| (base_name(&line.path).to_owned(), line.digest.clone())))
}

/// Turns what `folder` holds of digests into claims, each with the reason when it cannot be checked.
pub(super) fn explain(files: &mut Files<'_>, folder: &str, findings: &mut Vec<Finding>) {
    let sidecars = sidecars(files, folder);
    explain_index(files, folder, &sidecars);
    explain_newest(files, folder, &sidecars, findings);
    explain_unified(files, folder);
}

/// Unified training overwrites `metadata.json` with an account of its own, which repeats the digest of the index.
fn explain_unified(files: &mut Files<'_>, folder: &str) {
    let Some(index) = files.child(folder, "metadata.json") else { return };
    let Some(told) = files.document(index).and_then(|metadata| metadata.get("checkpoint")) else { return };
    let name = told.get("file").and_then(Value::text).map(last_part).filter(|name| files.child(folder, name).is_some());
    let Some((name, digest)) = name.zip(digest_at(told, "sha256")) else { return };
    let claim = line(name, digest, Some(BEFORE));
    set_claims(files, index, "codex_unified", vec![claim]);
}

fn explain_index(files: &mut Files<'_>, folder: &str, sidecars: &BTreeMap<String, String>) {
    let Some(index) = files.child(folder, "index.json") else { return };
    let Some(document) = files.document(index) else { return };
    let lines = ranked(document).into_iter().filter_map(|entry| {
        let (path, digest) = (path_of(entry)?, digest_at(entry, "sha256")?);
        files.child(folder, path)?;
        let objection = match sidecars.get(path) {
            Some(of_file) if *of_file == digest => None,
            Some(_) => Some(BEFORE),
            None => Some(
                "the index holds a digest of the values, or of the bytes before the digest was put into them, and not \
                 of the file: normal for the early versions of this writer",
            ),
        };
        Some(line(path, digest, objection))
    });
    let lines = lines.collect();
    set_claims(files, index, "codex_index", lines);
}

/// `state.sha256` against the sidecars: the one with the same digest says which file it is about.
fn explain_newest(
    files: &mut Files<'_>,
    folder: &str,
    sidecars: &BTreeMap<String, String>,
    findings: &mut Vec<Finding>,
) {
    let Some(index) = files.child(folder, "state.sha256") else { return };
    let Some(digest) = lone_digest(files, index) else { return };
    let newest = sidecars.iter().find(|(_, of_file)| **of_file == digest).map(|(name, _)| name.clone());
    let is_only = sidecars.len() <= 1;
    let state = files.child(folder, "state.pt").filter(|_| !is_only);
    if let Some(state) = state {
        let about = newest.as_deref().unwrap_or("another file");
        let message = format!("the first save of this folder, never renewed: state.sha256 is about {about}");
        findings.push(Finding::note("state-is-first", message).in_file(files.path(state)));
    }
    let told = files.child_document(folder, "metadata.json").and_then(|metadata| digest_at(metadata, "digest_sha256"));
    if told.is_some_and(|told| told != digest) {
        let message = "digest_sha256 of metadata.json is not the digest in state.sha256";
        findings.push(Finding::warning("digest-disagrees", message).in_file(files.path(index)));
    }
    let mut lines: Vec<_> = newest.iter().map(|name| line(name, digest.clone(), None)).collect();
    // The only save and its copy have the same bytes.
    if newest.is_none() || (is_only && files.child(folder, "state.pt").is_some()) {
        lines.push(line("state.pt", digest, None));
    }
    set_claims(files, index, Sidecar::ID, lines);
}

/// The file that `metadata.json` of `folder` is about: the newest save, when that is still there.
pub(super) fn newest(files: &Files<'_>, folder: &str) -> Option<usize> {
    let digest = digest_at(files.child_document(folder, "metadata.json")?, "digest_sha256")?;
    let (name, _) = sidecars(files, folder).into_iter().find(|(_, of_file)| *of_file == digest)?;
    files.child(folder, &name)
}
