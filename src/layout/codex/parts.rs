//! What the conventions of this project share: folders or files of checkpoints, and digests that a layout explains.

use std::collections::BTreeMap;

use crate::layout::Files;
use crate::layout::members::{checkpoint_order, claim_members, empty_run, metrics_of, note_non_finite};
use crate::model::{
    Algorithm, Checkpoint, Finding, Manifest, ManifestLine, Member, Piece, Role, Run, Value, base_name, order_by,
    parent,
};

/// Folders of which `is_ours` says so, by the folder they are in.
pub(super) fn grouped<'a>(
    files: &Files<'a>,
    is_ours: impl Fn(&Files<'a>, &str) -> bool,
) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut homes: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for folder in files.folders().into_iter().filter(|folder| is_ours(files, folder)) {
        homes.entry(parent(folder)).or_default().push(folder);
    }
    homes
}

/// A run of what `read` makes of each of `items`, in order.
pub(super) fn run_of<T: Copy>(
    files: &mut Files<'_>,
    (layout, home, evidence): (&str, &str, &str),
    items: &[T],
    read: &dyn Fn(&mut Files<'_>, T, &mut Vec<Finding>) -> Checkpoint,
) -> Run {
    let mut run = empty_run(layout, home, evidence);
    for &item in items {
        let checkpoint = read(files, item, &mut run.findings);
        note_non_finite(&checkpoint, &mut run.findings);
        run.checkpoints.push(checkpoint);
    }
    order_by(&mut run.checkpoints, checkpoint_order);
    run
}

/// The metrics at `keys` of the document called `name` in `folder`, and where they are from.
pub(super) fn metrics_in(
    files: &Files<'_>,
    folder: &str,
    name: &str,
    keys: &[&str],
) -> Option<(Vec<(String, f64)>, String)> {
    let index = files.child(folder, name)?;
    let metrics = metrics_of(files.document(index)?.at(keys)?);
    (!metrics.is_empty()).then(|| (metrics, files.path(index).to_owned()))
}

/// The number at `keys` of the document called `name` in `folder`, and where it is from.
pub(super) fn number_in<'a>(files: &Files<'a>, folder: &str, name: &str, key: &str) -> Option<(f64, &'a str)> {
    let index = files.child(folder, name)?;
    Some((files.document(index)?.get(key)?.number()?, files.path(index)))
}

/// Every unclaimed file of `folder` with the role that `of` its name says; loose files only when it says one.
pub(super) fn claim_folder(files: &mut Files<'_>, folder: &str, of: &dyn Fn(&str) -> Role) -> Vec<Member> {
    let all: Vec<usize> = files.in_folder(folder).to_vec();
    let wanted: Vec<usize> =
        all.into_iter().filter(|&index| !folder.is_empty() || of(files.name(index)) != Role::Other).collect();
    claim_members(files, &wanted, |_, name| of(name))
}

/// Claims files of `folder` by name for the run itself.
pub(super) fn claim_named(files: &mut Files<'_>, folder: &str, names: &[(&str, Role)]) -> Vec<Member> {
    let role = |name: &str| names.iter().find(|(known, _)| *known == name).map(|(_, role)| *role);
    let wanted: Vec<usize> =
        files.in_folder(folder).iter().copied().filter(|&index| role(files.name(index)).is_some()).collect();
    claim_members(files, &wanted, |_, name| role(name).unwrap_or(Role::Other))
}

/// What stands for a checkpoint: its folder, or, for loose files, the file with the weights.
pub(super) fn place_of<'a>(files: &Files<'a>, folder: &'a str, names: &[&str]) -> &'a str {
    let file = || names.iter().find_map(|name| files.child(folder, name)).map_or("", |index| files.path(index));
    if folder.is_empty() { file() } else { folder }
}

/// Paths of these documents of `folder`, as far as they are there.
pub(super) fn documents(files: &Files<'_>, folder: &str, names: &[&str]) -> Vec<String> {
    names.iter().filter_map(|name| files.child(folder, name)).map(|index| files.path(index).to_owned()).collect()
}

/// The digest that the short text at `index` is.
pub(super) fn lone_digest(files: &Files<'_>, index: usize) -> Option<String> {
    let text = files.text(index)?.trim();
    let is_digest = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_digest.then(|| text.to_ascii_lowercase())
}

/// The digest at `key`, if it is one.
pub(super) fn digest_at(value: &Value, key: &str) -> Option<String> {
    let text = value.get(key)?.text()?;
    (text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| text.to_ascii_lowercase())
}

/// One claim that a layout reads out of a file which alone does not say what it is about.
pub(super) fn line(path: &str, digest: String, objection: Option<&str>) -> ManifestLine {
    let objection = objection.map(str::to_owned);
    let (path, algorithm, pieces) = (path.to_owned(), Algorithm::Sha256, Vec::new());
    ManifestLine { path, algorithm, digest, line: 1, size: None, range: None, objection, pieces }
}

/// One claim about the files of `folder` called `names`, each hashed after its name and `between`, in turn.
pub(super) fn folder_line(
    files: &Files<'_>,
    folder: &str,
    names: &[&str],
    between: &str,
    digest: String,
) -> ManifestLine {
    let there = names.iter().filter(|name| files.child(folder, name).is_some());
    let pieces = there.map(|name| Piece { before: format!("{name}{between}"), path: (*name).to_owned() }).collect();
    ManifestLine { pieces, ..line(".", digest, None) }
}

/// Makes the file at `index` a manifest of `lines`. One of kind `sidecar` may speak of a file that was pruned.
pub(super) fn set_claims(files: &mut Files<'_>, index: usize, kind: &str, lines: Vec<ManifestLine>) {
    if let Some(contents) = files.contents_mut(index).filter(|_| !lines.is_empty()) {
        contents.manifest = Some(Manifest { kind: kind.to_owned(), lines, envelope: None });
    }
}

/// Best-ranked names of an index: a list, or the list in an object, of maps with a `path`.
pub(super) fn ranked(document: &Value) -> Vec<&Value> {
    let list = document.items().or_else(|| document.get("entries")?.items()).or_else(|| document.get("items")?.items());
    list.unwrap_or_default().iter().filter(|entry| path_of(entry).is_some()).collect()
}

/// The path of an entry of an index.
pub(super) fn path_of(entry: &Value) -> Option<&str> {
    entry.get("path")?.text().filter(|path| !path.is_empty())
}

/// A note for each entry of the index in `file` whose checkpoint is not there, after the first, of which the pointer tells.
pub(super) fn dangling(entries: &[&Value], checkpoints: &[Checkpoint], file: &str) -> Vec<Finding> {
    let gone = entries.iter().skip(1).filter_map(|entry| path_of(entry)).filter(|path| {
        let name = crate::layout::markers::last_part(path);
        !checkpoints.iter().any(|checkpoint| checkpoint.name == name)
    });
    let note = |path: &str| {
        Finding::note("index-dangles", format!("lists {}, which is not there", base_name(path))).in_file(file)
    };
    gone.map(note).collect()
}
