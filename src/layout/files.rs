//! The files of a pick as layouts see them: by folder, with what each holds, and whether somebody claimed it.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Contents, Entry, EntryKind, Value, base_name, natural_cmp, order_by, order_by_key, parent};

/// Files by folder, with what they hold.
pub struct Files<'a> {
    entries: &'a [Entry],
    contents: &'a mut [Option<Contents>],
    folders: BTreeMap<&'a str, Vec<usize>>,
    /// The same, each sorted by name, for looking up.
    sorted: BTreeMap<&'a str, Vec<usize>>,
    archives: BTreeSet<&'a str>,
    links: BTreeMap<&'a str, Vec<(&'a str, &'a str)>>,
    claimed: Vec<bool>,
    changed: BTreeSet<usize>,
}

impl<'a> Files<'a> {
    /// `contents` has the indexes of `entries`; layouts may rename roles of tensors in it.
    pub fn new(entries: &'a [Entry], contents: &'a mut [Option<Contents>]) -> Self {
        let mut folders: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, entry) in entries.iter().enumerate().filter(|(_, entry)| entry.kind == EntryKind::File) {
            folders.entry(parent(&entry.path)).or_default().push(index);
        }
        let mut sorted = folders.clone();
        for indexes in sorted.values_mut() {
            order_by_key(indexes, |&index| entries.get(index).map(|entry| base_name(&entry.path)));
        }
        let is_archive = |entry: &&Entry| entry.kind == EntryKind::Archive;
        let archives = entries.iter().filter(is_archive).map(|entry| entry.path.as_str()).collect();
        let claimed = vec![false; entries.len()];
        Self { entries, contents, folders, sorted, archives, links: BTreeMap::new(), claimed, changed: BTreeSet::new() }
    }

    /// With symbolic links of archives: path, and what each says. They are no entries: nothing is read through them.
    #[must_use]
    pub fn with_links(mut self, links: &'a [(String, String)]) -> Self {
        for (path, target) in links {
            self.links.entry(parent(path)).or_default().push((path, target));
        }
        self
    }

    /// Whether `path` is an archive whose members are entries.
    pub fn is_archive(&self, path: &str) -> bool {
        self.archives.contains(path)
    }

    /// The symbolic links directly in `folder`: path, and what each says.
    pub fn links_in(&self, folder: &str) -> &[(&'a str, &'a str)] {
        self.links.get(folder).map_or(&[], Vec::as_slice)
    }

    /// Folders that hold files directly, in order.
    pub fn folders(&self) -> Vec<&'a str> {
        self.folders.keys().copied().collect()
    }

    /// Indexes of the files directly in `folder`, claimed ones included.
    pub fn in_folder(&self, folder: &str) -> &[usize] {
        self.folders.get(folder).map_or(&[], Vec::as_slice)
    }

    /// Indexes of the unclaimed files directly in `folder` of which `wanted` says so, in natural order of names.
    pub fn pick(&self, folder: &str, wanted: impl Fn(usize) -> bool) -> Vec<usize> {
        let all = self.in_folder(folder).iter().copied();
        let mut found: Vec<usize> = all.filter(|&index| !self.is_claimed(index) && wanted(index)).collect();
        order_by(&mut found, |&a, &b| natural_cmp(self.path(a), self.path(b)));
        found
    }

    /// The file called `name` directly in `folder`, unless claimed.
    pub fn child(&self, folder: &str, name: &str) -> Option<usize> {
        self.look_up(folder, name).filter(|&found| !self.is_claimed(found))
    }

    /// The entry at `index`.
    pub fn entry(&self, index: usize) -> Option<&'a Entry> {
        self.entries.get(index)
    }

    /// The path of the entry at `index`; empty out of range.
    pub fn path(&self, index: usize) -> &'a str {
        self.entries.get(index).map_or("", |entry| entry.path.as_str())
    }

    /// The last part of the path of the entry at `index`.
    pub fn name(&self, index: usize) -> &'a str {
        base_name(self.path(index))
    }

    /// Index of the file at `path`.
    pub fn find(&self, path: &str) -> Option<usize> {
        self.look_up(parent(path), base_name(path))
    }

    /// The first file called `name` directly in `folder`.
    fn look_up(&self, folder: &str, name: &str) -> Option<usize> {
        let sorted = self.sorted.get(folder)?;
        let at = sorted.partition_point(|&index| self.name(index) < name);
        sorted.get(at).copied().filter(|&index| self.name(index) == name)
    }

    /// What the entry at `index` holds.
    pub fn contents(&self, index: usize) -> Option<&Contents> {
        self.contents.get(index)?.as_ref()
    }

    /// The same, to set roles of tensors.
    pub fn contents_mut(&mut self, index: usize) -> Option<&mut Contents> {
        self.changed.insert(index);
        self.contents.get_mut(index)?.as_mut()
    }

    /// Indexes of the entries whose contents a layout asked to change.
    pub fn changed(self) -> BTreeSet<usize> {
        self.changed
    }

    /// The document at `index`, when it is one.
    pub fn document(&self, index: usize) -> Option<&Value> {
        self.contents(index)?.document.as_ref()
    }

    /// The text at `index`, when it is short.
    pub fn text(&self, index: usize) -> Option<&str> {
        self.contents(index)?.text.as_deref()
    }

    /// The document called `name` in `folder`.
    pub fn child_document(&self, folder: &str, name: &str) -> Option<&Value> {
        self.document(self.child(folder, name)?)
    }

    /// Marks a file as belonging to a run.
    pub fn claim(&mut self, index: usize) {
        if let Some(claimed) = self.claimed.get_mut(index) {
            *claimed = true;
        }
    }

    /// Whether a file belongs to a run already.
    pub fn is_claimed(&self, index: usize) -> bool {
        self.claimed.get(index).copied().unwrap_or(true)
    }

    /// Indexes of every file, claimed or not, in order.
    pub fn all(&self) -> Vec<usize> {
        (0..self.entries.len()).filter(|&index| self.entry(index).is_some_and(|e| e.kind == EntryKind::File)).collect()
    }

    /// Indexes of unclaimed files, in order.
    pub fn unclaimed(&self) -> Vec<usize> {
        self.all().into_iter().filter(|&index| !self.is_claimed(index)).collect()
    }
}
