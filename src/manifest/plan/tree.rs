//! Every opened entry, by path and by name.

use std::cell::OnceCell;
use std::collections::HashMap;

use crate::model::{Entry, EntryKind, Manifest, Opened, base_name};

/// Index of a pick, and of an entry in it.
pub(super) type Place = (usize, usize);

/// The entries of every pick.
pub(super) struct Tree<'a> {
    opened: &'a [&'a Opened],
    by_path: Vec<OnceCell<HashMap<&'a str, usize>>>,
    by_name: OnceCell<HashMap<&'a str, Vec<Place>>>,
}

impl<'a> Tree<'a> {
    pub(super) fn new(opened: &'a [&'a Opened]) -> Self {
        Self { opened, by_path: opened.iter().map(|_| OnceCell::new()).collect(), by_name: OnceCell::new() }
    }

    /// Every entry with its place, in order.
    pub(super) fn entries(&self) -> impl Iterator<Item = (Place, &'a Entry)> {
        self.opened.iter().enumerate().flat_map(|(pick, opened)| {
            opened.entries.iter().enumerate().map(move |(index, entry)| ((pick, index), entry))
        })
    }

    /// Every manifest with its place, in order.
    pub(super) fn manifests(&self) -> impl Iterator<Item = (Place, &'a Manifest)> {
        self.opened.iter().enumerate().flat_map(|(pick, opened)| {
            let contents = opened.contents.iter().enumerate();
            contents.filter_map(move |(index, contents)| Some(((pick, index), contents.as_ref()?.manifest.as_ref()?)))
        })
    }

    /// Every short text with its place, in order.
    pub(super) fn texts(&self) -> impl Iterator<Item = (Place, &'a str)> {
        self.opened.iter().enumerate().flat_map(|(pick, opened)| {
            let contents = opened.contents.iter().enumerate();
            contents.filter_map(move |(index, contents)| Some(((pick, index), contents.as_ref()?.text.as_deref()?)))
        })
    }

    pub(super) fn entry(&self, (pick, index): Place) -> Option<&'a Entry> {
        self.opened.get(pick)?.entries.get(index)
    }

    /// Path of the entry at `place`; empty out of range.
    pub(super) fn path(&self, place: Place) -> &'a str {
        self.entry(place).map_or("", |entry| entry.path.as_str())
    }

    pub(super) fn is_manifest(&self, (pick, index): Place) -> bool {
        self.opened.get(pick).and_then(|opened| opened.contents_at(index)).is_some_and(|c| c.manifest.is_some())
    }

    pub(super) fn is_archive(&self, pick: usize, path: &str) -> bool {
        let entry = self.find(pick, path).and_then(|place| self.entry(place));
        entry.is_some_and(|entry| entry.kind == EntryKind::Archive)
    }

    /// The entry at `path` in one pick.
    pub(super) fn find(&self, pick: usize, path: &str) -> Option<Place> {
        let entries = || self.opened.get(pick).into_iter().flat_map(|opened| opened.entries.iter().enumerate());
        let index = self.by_path.get(pick)?.get_or_init(|| {
            // The first of two entries with one path counts, as in the list.
            entries().rev().map(|(index, entry)| (entry.path.as_str(), index)).collect()
        });
        Some((pick, *index.get(path)?))
    }

    /// Entries of every pick with this last part of their path.
    pub(super) fn named(&self, name: &str) -> &[Place] {
        let by_name = self.by_name.get_or_init(|| {
            let mut by_name: HashMap<&str, Vec<Place>> = HashMap::new();
            for (place, entry) in self.entries() {
                by_name.entry(base_name(&entry.path)).or_default().push(place);
            }
            by_name
        });
        by_name.get(name).map_or(&[], Vec::as_slice)
    }
}

/// The folders that `path` is in, outermost first, without the top.
pub(super) fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').filter_map(|(at, _)| path.get(..at))
}
