//! The files of a task over several entries, each attached once.

use std::collections::BTreeMap;

use super::{FileKey, Pick};
use crate::model::{Entry, Locator};
use crate::protocol::{FileBytes, FileSpec};

/// Files of a task, and the browser files to attach for them.
#[derive(Debug, Default)]
pub(super) struct Attached {
    pub(super) files: Vec<FileSpec>,
    pub(super) keys: Vec<FileKey>,
    /// Index into `files`, by the pick's place and the file's index in it.
    roots: BTreeMap<(usize, u32), u32>,
}

impl Attached {
    /// The way to an entry of the pick at `place` among these files.
    pub(super) fn locate(&mut self, place: usize, pick: &Pick, entry: &Entry) -> Locator {
        let root = entry.locator.root;
        let (files, keys) = (&mut self.files, &mut self.keys);
        let number = *self.roots.entry((place, root)).or_insert_with(|| {
            let spec = usize::try_from(root).ok().and_then(|root| pick.files.get(root)).cloned();
            let number = u32::try_from(files.len()).unwrap_or(u32::MAX);
            if let Some(spec) = spec {
                let bytes = match spec.bytes {
                    FileBytes::Attached(index) => {
                        keys.push(FileKey { pick: pick.id, index });
                        FileBytes::Attached(u32::try_from(keys.len().saturating_sub(1)).unwrap_or(u32::MAX))
                    }
                    url @ FileBytes::Url(_) => url,
                };
                files.push(FileSpec { bytes, ..spec });
            }
            number
        });
        Locator { root: number, layers: entry.locator.layers.clone() }
    }
}
