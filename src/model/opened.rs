//! Everything known of what was opened in one go: one drop, one pick of files.

use super::{Contents, Entry, Finding, Run, SourceId, SourceKind};

/// One drop or pick: its sources, their files, and what they are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Opened {
    /// The top-level files and folders.
    pub sources: Vec<OpenedSource>,
    /// Every file of them, members of archives included, in natural order of paths.
    pub entries: Vec<Entry>,
    /// What each entry holds; same indexes. `None` while it was not looked at.
    pub contents: Vec<Option<Contents>>,
    /// What the layouts made of it.
    pub runs: Vec<Run>,
    /// What is wrong with the containers (archives); `file` is set.
    pub findings: Vec<Finding>,
}

/// One top-level file or folder.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenedSource {
    /// Its number.
    pub id: SourceId,
    /// Its name; paths start with it.
    pub name: String,
    /// How it came.
    pub kind: SourceKind,
    /// Bytes of all its files.
    pub size_bytes: u64,
    /// Bytes of them that were read so far.
    pub bytes_read: u64,
}

impl Opened {
    /// Index of the entry at `path`.
    pub fn find(&self, path: &str) -> Option<usize> {
        self.entries.iter().position(|entry| entry.path == path)
    }

    /// What the entry at `index` holds.
    pub fn contents_at(&self, index: usize) -> Option<&Contents> {
        self.contents.get(index)?.as_ref()
    }
}
