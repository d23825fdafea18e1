//! Where the paths of a manifest lead.

use std::collections::BTreeMap;

use super::tree::{Place, Tree};
use crate::limits;
use crate::manifest::Sidecar;
use crate::model::{Finding, Manifest, parent};

/// The folder that the paths of a manifest start from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Base {
    /// Leading parts of the manifest's paths that are not here: it was made further up.
    pub(super) stripped: usize,
    pub(super) folder: String,
    pub(super) pick: usize,
}

/// Where one path of a manifest leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resolved {
    /// In the tree, or as written when it leads out of it.
    pub(super) path: String,
    pub(super) place: Option<Place>,
    pub(super) escapes: bool,
    /// The manifest fits several folders: nothing is said of its files.
    pub(super) is_ambiguous: bool,
}

/// The folder that `manifest` is about; `None` when several fit. The finding says when it is not its own.
pub(super) fn base(tree: &Tree<'_>, at: Place, manifest: &Manifest) -> (Option<Base>, Option<Finding>) {
    let path = tree.path(at);
    let own = Base { stripped: 0, folder: parent(path).to_owned(), pick: at.0 };
    let finds = |line: &str| resolve(tree, path, Some(&own), line).place.is_some_and(|place| place != at);
    if manifest.lines.iter().any(|line| finds(&line.path)) {
        return (Some(own), None);
    }
    // The digest beside a deleted file is not about a file of the same name elsewhere.
    if manifest.kind == Sidecar::ID && !own.folder.is_empty() {
        return (Some(own), None);
    }
    let votes = votes(tree, path, manifest);
    let Some(fewest) = votes.keys().map(|base| base.stripped).min() else { return (Some(own), None) };
    let votes = || votes.iter().filter(|(base, _)| base.stripped == fewest);
    let most = votes().map(|(_, count)| *count).max().unwrap_or(0);
    let fitting: Vec<&Base> = votes().filter(|(_, count)| **count == most).map(|(base, _)| base).collect();
    let same = fitting.iter().find(|base| base.folder == own.folder && fewest == 0);
    match (same, fitting.as_slice()) {
        (Some(same), _) => (Some((*same).clone()), None),
        (None, [only]) => {
            let folder = if only.folder.is_empty() { "the top" } else { &only.folder };
            let message = format!("no file is where it says; its paths were matched below {folder}");
            (Some((*only).clone()), Some(Finding::note("manifest-matched-by-suffix", message).in_file(path)))
        }
        (None, several) => {
            let folders: Vec<&str> = several.iter().take(3).map(|base| base.folder.as_str()).collect();
            let message = format!(
                "no file is where it says, and its paths fit {} folders equally ({} …): nothing was matched",
                several.len(),
                folders.join(", ")
            );
            (None, Some(Finding::warning("manifest-ambiguous", message).in_file(path)))
        }
    }
}

/// How many claims lead to a file, by folder.
fn votes(tree: &Tree<'_>, manifest_path: &str, manifest: &Manifest) -> BTreeMap<Base, usize> {
    let mut votes: BTreeMap<Base, usize> = BTreeMap::new();
    for line in manifest.lines.iter().take(limits::MANIFEST_SAMPLE) {
        let Some(claimed) = join("", manifest_path, &line.path) else { continue };
        let name = claimed.rsplit('/').next().unwrap_or_default();
        for &place in tree.named(name).iter().take(limits::MANIFEST_CANDIDATES) {
            if tree.path(place) != manifest_path {
                let count = votes.entry(base_of(tree.path(place), &claimed, place.0)).or_insert(0);
                *count = count.saturating_add(1);
            }
        }
    }
    votes
}

/// The base from which `claimed` leads to `path`: what is left of both without their longest common end.
fn base_of(path: &str, claimed: &str, pick: usize) -> Base {
    let common = path.rsplit('/').zip(claimed.rsplit('/')).take_while(|(a, b)| a == b).count();
    let parts: Vec<&str> = path.split('/').collect();
    let kept = parts.len().saturating_sub(common);
    let folder = parts.get(..kept).unwrap_or_default().join("/");
    Base { stripped: claimed.split('/').count().saturating_sub(common), folder, pick }
}

/// Where `claimed`, a path of the manifest at `manifest_path`, leads.
pub(super) fn resolve(tree: &Tree<'_>, manifest_path: &str, base: Option<&Base>, claimed: &str) -> Resolved {
    let none = |path: String| Resolved { path, place: None, escapes: false, is_ambiguous: false };
    let Some(base) = base else {
        let path = join(parent(manifest_path), manifest_path, claimed);
        let escapes = path.is_none();
        return Resolved { escapes, is_ambiguous: true, ..none(path.unwrap_or_else(|| claimed.to_owned())) };
    };
    let Some(path) = rebase(base, manifest_path, claimed) else {
        return Resolved { escapes: true, ..none(claimed.to_owned()) };
    };
    if let Some(place) = tree.find(base.pick, &path) {
        return Resolved { place: Some(place), ..none(path) };
    }
    // Windows tools write `sub\file`; to GNU's that is one name with a backslash in it, looked for first.
    let slashed = claimed.contains('\\').then(|| rebase(base, manifest_path, &claimed.replace('\\', "/"))).flatten();
    match slashed.and_then(|slashed| Some((tree.find(base.pick, &slashed)?, slashed))) {
        Some((place, slashed)) => Resolved { place: Some(place), ..none(slashed) },
        None => none(path),
    }
}

fn rebase(base: &Base, manifest_path: &str, claimed: &str) -> Option<String> {
    if base.stripped == 0 {
        return join(&base.folder, manifest_path, claimed);
    }
    let claimed = join("", manifest_path, claimed)?;
    let rest = claimed.splitn(base.stripped.saturating_add(1), '/').nth(base.stripped)?;
    join(&base.folder, manifest_path, rest)
}

/// `claimed` from `folder`, without dots; `None` when it leads out of what the manifest was opened with.
fn join(folder: &str, manifest_path: &str, claimed: &str) -> Option<String> {
    let has_drive = claimed.as_bytes().get(1) == Some(&b':') && claimed.starts_with(|c: char| c.is_ascii_alphabetic());
    if claimed.starts_with(['/', '~']) || claimed.starts_with("\\\\") || has_drive {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in claimed.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    let climbed = claimed.split('/').any(|part| part == "..");
    let is_home = parts.first() == manifest_path.split('/').next().as_ref();
    (!parts.is_empty() && (!climbed || is_home)).then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::join;

    #[test]
    fn paths_stay_in_what_was_opened() {
        let join = |claimed: &str| join("run/sub", "run/sub/SHA256SUMS", claimed);
        assert_eq!(join("./a//b").as_deref(), Some("run/sub/a/b"));
        assert_eq!(join("../a").as_deref(), Some("run/a"));
        assert_eq!(join("../../run/a").as_deref(), Some("run/a"));
        for claimed in ["../../a", "../../../a", "/a", "C:\\a", "c:/a", "\\\\host\\a", "~/a", "../..", "", "."] {
            let expected = (claimed.is_empty() || claimed == ".").then(|| "run/sub".to_owned());
            assert_eq!(join(claimed), expected, "{claimed}");
        }
    }
}
