//! Which opened files the claims of all manifests are about. Pure: nothing is read here.
//!
//! A path of a manifest is looked for where it says, from the manifest's own folder. When nothing at all is there (the
//! manifest was dropped beside the folder it describes, or the folder was wrapped in another), the one folder below
//! which its paths fit is taken. A path never leads out of what was dropped.

mod bag;
mod closed;
mod conflict;
mod place;
mod tree;
mod unlisted;

use std::collections::HashSet;

use super::{LfsPointer, Sidecar};
use crate::model::{Algorithm, Finding, Manifest, ManifestLine, Opened, Piece, natural_cmp, order_by};
use place::{Base, Resolved};
use tree::{Place, Tree};

/// What a verification has to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// One row a file and manifest, in the order of the result.
    pub checks: Vec<PlannedCheck>,
    /// What is odd about the manifests; `file` is set.
    pub findings: Vec<Finding>,
}

/// One row of the result, before it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCheck {
    /// The file; for a missing one, where the manifest says it should be; of several files their folder.
    pub path: String,
    /// Index of the pick and of the entry in it; `None` for a missing file. Of several files the first.
    pub place: Option<(usize, usize)>,
    /// For one digest over several files: what goes in first, and the place of the file, in turn. Else empty.
    pub pieces: Vec<(String, (usize, usize))>,
    /// The manifest; `None` when none names the file.
    pub manifest: Option<String>,
    /// Which digest.
    pub algorithm: Algorithm,
    /// What the manifest says.
    pub expected: Option<String>,
    /// The bytes that are hashed, where it is not the whole file: the first, and behind the last.
    pub range: Option<(u64, u64)>,
    /// Whether the file's digest is wanted. Files beside listed ones are told, not hashed.
    pub is_hashed: bool,
    /// False for a claim that nothing can bear out; a finding says why.
    pub is_checkable: bool,
}

/// Matches every manifest of `opened` with the entries of all of them.
pub fn plan(opened: &[&Opened]) -> Plan {
    let tree = Tree::new(opened);
    let mut plan = Plan::default();
    let mut listed = unlisted::Listed::default();
    let mut closed = Vec::new();
    for (place, manifest) in tree.manifests() {
        let (base, finding) = place::base(&tree, place, manifest);
        plan.findings.extend(finding);
        closed.extend(closed::folder(tree.path(place), manifest, base.as_ref()));
        add_claims(&tree, place, manifest, base.as_ref(), &mut plan, &mut listed);
    }
    plan.findings.extend(conflict::findings(&plan.checks));
    plan.findings.extend(bag::findings(&tree));
    let unlisted = unlisted::checks(&tree, &listed);
    plan.findings.extend(closed::findings(&closed, &unlisted));
    plan.checks.extend(unlisted);
    order_by(&mut plan.checks, |a, b| {
        let manifests = || a.manifest.as_deref().unwrap_or("").cmp(b.manifest.as_deref().unwrap_or(""));
        natural_cmp(&a.path, &b.path).then_with(manifests)
    });
    plan
}

fn add_claims(
    tree: &Tree<'_>,
    place: Place,
    manifest: &Manifest,
    base: Option<&Base>,
    plan: &mut Plan,
    listed: &mut unlisted::Listed,
) {
    let path = tree.path(place);
    let mut seen = HashSet::new();
    for line in &manifest.lines {
        if !line.pieces.is_empty() {
            plan.checks.push(several(tree, path, line, base, listed));
            continue;
        }
        let resolved = place::resolve(tree, path, base, &line.path);
        if !seen.insert((resolved.path.clone(), &line.digest, line.range)) {
            continue;
        }
        if manifest.kind == Sidecar::ID && resolved.place.is_none() && !resolved.is_ambiguous {
            plan.findings.push(orphan(path, &line.path));
            continue;
        }
        // A pointer stands for a file that lies elsewhere, or nowhere here.
        if manifest.kind == LfsPointer::ID && resolved.place.is_none_or(|found| found == place) {
            continue;
        }
        if let Some(found) = resolved.place {
            plan.findings.extend(wrong_size(tree, path, line, found));
            listed.add(tree, found, base.map_or("", |base| &base.folder));
        }
        let finding = objection(path, &resolved, place, line);
        let is_checkable = finding.is_none() && !resolved.is_ambiguous;
        plan.findings.extend(finding);
        plan.checks.push(PlannedCheck {
            path: resolved.path,
            place: resolved.place,
            pieces: Vec::new(),
            manifest: Some(path.to_owned()),
            algorithm: line.algorithm,
            expected: Some(line.digest.clone()),
            range: line.range,
            is_hashed: is_checkable && resolved.place.is_some(),
            is_checkable,
        });
    }
}

/// One digest over several files.
fn several(
    tree: &Tree<'_>,
    manifest: &str,
    line: &ManifestLine,
    base: Option<&Base>,
    listed: &mut unlisted::Listed,
) -> PlannedCheck {
    let place = |piece: &Piece| Some((piece.before.clone(), place::resolve(tree, manifest, base, &piece.path).place?));
    let pieces: Vec<(String, Place)> = line.pieces.iter().filter_map(place).collect();
    let folder = base.map_or("", |base| base.folder.as_str());
    for (_, found) in &pieces {
        listed.add(tree, *found, folder);
    }
    let is_whole = pieces.len() == line.pieces.len();
    PlannedCheck {
        path: if folder.is_empty() { manifest } else { folder }.to_owned(),
        place: pieces.first().filter(|_| is_whole).map(|(_, place)| *place),
        pieces,
        manifest: Some(manifest.to_owned()),
        algorithm: line.algorithm,
        expected: Some(line.digest.clone()),
        range: None,
        is_hashed: is_whole,
        is_checkable: true,
    }
}

/// Writers that keep a few checkpoints often leave the digests of the others behind.
fn orphan(manifest: &str, file: &str) -> Finding {
    Finding::note("manifest-orphan", format!("{file} is not there any more: nothing to check")).in_file(manifest)
}

/// A file that has not as many bytes as the manifest says, or as its last shard needs.
fn wrong_size(tree: &Tree<'_>, manifest: &str, line: &ManifestLine, found: Place) -> Option<Finding> {
    let there = tree.entry(found)?.size;
    let end = line.range.map(|(_, end)| end).filter(|&end| end > there);
    let expected = line.size.filter(|&size| size != there).or(end)?;
    let message = format!("{} should have {expected} bytes, it has {there}", line.path);
    Some(Finding::error("manifest-size", message).in_file(manifest))
}

/// Why a claim cannot be checked.
fn objection(manifest: &str, resolved: &Resolved, place: Place, claim: &ManifestLine) -> Option<Finding> {
    let line = claim.line;
    if let Some(reason) = &claim.objection {
        return Some(Finding::note("digest-not-checkable", format!("{}: {reason}", claim.path)).in_file(manifest));
    }
    if resolved.escapes {
        let message = format!("line {line} names {}, outside of what was opened: not followed", resolved.path);
        return Some(Finding::warning("manifest-path-escape", message).in_file(manifest));
    }
    let itself = resolved.place == Some(place);
    let message = || format!("line {line} names the manifest itself, which cannot hold its own digest");
    itself.then(|| Finding::note("manifest-lists-itself", message()).in_file(manifest))
}

#[cfg(test)]
mod tests;
