//! Files that no manifest names, where some manifest speaks for their folder or where there is none.

use std::collections::{HashMap, HashSet};

use super::PlannedCheck;
use super::tree::{Place, Tree, ancestors};
use crate::model::{Algorithm, Entry, EntryKind, SourceId, parent};

/// What the manifests name.
#[derive(Default)]
pub(super) struct Listed {
    places: HashSet<Place>,
    /// Sources that some manifest speaks for.
    sources: HashSet<(usize, SourceId)>,
    /// Folders that some manifest speaks for; the empty one stands for loose files only.
    folders: Paths,
    /// Listed archives: their members are covered.
    archives: Paths,
    /// Archives with a listed member: the others of it can be unlisted.
    entered: Paths,
}

/// Paths by pick.
#[derive(Default)]
struct Paths(HashMap<usize, HashSet<String>>);

impl Paths {
    fn insert(&mut self, pick: usize, path: &str) {
        let paths = self.0.entry(pick).or_default();
        if !paths.contains(path) {
            paths.insert(path.to_owned());
        }
    }

    fn has(&self, pick: usize, path: &str) -> bool {
        self.0.get(&pick).is_some_and(|paths| paths.contains(path))
    }
}

impl Listed {
    /// A manifest whose paths start from `folder` names the entry at `place`.
    pub(super) fn add(&mut self, tree: &Tree<'_>, place: Place, folder: &str) {
        let Some(entry) = tree.entry(place).filter(|_| self.places.insert(place)) else { return };
        let pick = place.0;
        self.sources.insert((pick, entry.source));
        self.folders.insert(pick, folder);
        if folder.is_empty()
            && let Some(top) = ancestors(&entry.path).next()
        {
            self.folders.insert(pick, top);
        }
        if entry.kind == EntryKind::Archive {
            self.archives.insert(pick, &entry.path);
        }
        for folder in ancestors(&entry.path).filter(|folder| tree.is_archive(pick, folder)) {
            self.entered.insert(pick, folder);
        }
    }

    fn speaks_for(&self, pick: usize, path: &str) -> bool {
        let has = |folder: &str| self.folders.has(pick, folder);
        ancestors(path).any(has) || (parent(path).is_empty() && has(""))
    }
}

/// Rows for what no manifest names.
pub(super) fn checks(tree: &Tree<'_>, listed: &Listed) -> Vec<PlannedCheck> {
    let unlisted = tree.entries().filter_map(|(place, entry)| {
        if listed.places.contains(&place) || tree.is_manifest(place) {
            return None;
        }
        let is_free = !listed.sources.contains(&(place.0, entry.source));
        let is_row = if is_free { is_row(entry) } else { is_row_beside(tree, listed, place, entry) };
        is_row.then(|| PlannedCheck {
            path: entry.path.clone(),
            place: Some(place),
            pieces: Vec::new(),
            manifest: None,
            algorithm: Algorithm::Sha256,
            expected: None,
            range: None,
            is_hashed: is_free,
            is_checkable: true,
        })
    });
    unlisted.collect()
}

/// Without a manifest: every file, and the dropped archives themselves.
fn is_row(entry: &Entry) -> bool {
    entry.kind == EntryKind::File || parent(&entry.path).is_empty()
}

/// Beside listed files: every file, but an archive of which nothing is listed counts as one file.
fn is_row_beside(tree: &Tree<'_>, listed: &Listed, (pick, _): Place, entry: &Entry) -> bool {
    let path = entry.path.as_str();
    let is_untouched = |folder: &str| tree.is_archive(pick, folder) && !listed.entered.has(pick, folder);
    let is_covered = |folder: &str| listed.archives.has(pick, folder) || is_untouched(folder);
    let counts = entry.kind == EntryKind::File || !listed.entered.has(pick, path);
    counts && listed.speaks_for(pick, path) && !ancestors(path).any(is_covered)
}
