//! The directory's records as members of the tree.

use super::{Directory, HiddenMember, Record, inspect};
use crate::archive::path::Distinct;
use crate::archive::{ArchiveMember, Listed, Listing};
use crate::error::Result;
use crate::limits;
use crate::model::Finding;
use crate::source::Source;

/// A zip being listed.
pub(super) struct ZipListing {
    directory: Directory,
    len: u64,
    distinct: Distinct,
}

impl ZipListing {
    pub(super) fn new(source: Source) -> Result<Self> {
        let len = source.len();
        Ok(Self { directory: Directory::open(source)?, len, distinct: Distinct::default() })
    }

    fn take(&mut self, record: &Record, listed: &mut Listed) {
        if let Some(member) = listed.name(&mut self.distinct, "zip", &record.name, record.offset) {
            if record.symlink {
                let message = format!("{member} is a symbolic link; links are not followed");
                listed.add(Finding::warning("zip-link", message).at(record.offset));
                return;
            }
            for finding in inspect(record, &member, self.len) {
                listed.add(finding);
            }
            let size = if record.method == 0 { record.stored } else { record.size };
            let layers = record.layers();
            listed.members.push(ArchiveMember { path: member, size, layers, crc32: Some(record.crc32) });
        }
    }
}

impl Listing for ZipListing {
    fn step(&mut self, listed: &mut Listed) -> Result<bool> {
        let mut records = Vec::new();
        let walked = self.directory.step(|record| records.push(record));
        for record in records.iter().filter(|record| !record.is_folder()) {
            limits::check("entries", limits::ENTRIES, listed.members.len() as u64)?;
            self.take(record, listed);
        }
        let done = walked?;
        if done {
            for finding in self.directory.findings()? {
                listed.add(finding);
            }
            for HiddenMember { name, header, size, layers } in self.directory.hidden() {
                if let Some(path) = listed.name(&mut self.distinct, "zip", &name, header) {
                    listed.members.push(ArchiveMember { path, size, layers, crc32: None });
                }
            }
        }
        Ok(done)
    }

    fn position(&self) -> u64 {
        self.directory.position()
    }
}
