//! tar: ustar, GNU and PAX (POSIX.1-2024), in 512-byte blocks.
//!
//! Read: long names of every flavour, sizes over 8 GiB, PAX `path`, `linkpath`, `size`. Not followed: links, devices.
//! Listed but not read: sparse files. Ignored: owners, modes, times (`tinker` archives carry 1970).

mod block;
mod cut;
mod listing;
mod walker;

pub(super) use cut::cut_members;
pub(super) use listing::TarListing;
pub(super) use walker::{Need, Walker};

use super::{Archive, Listing};
use crate::error::Result;
use crate::source::Source;

/// The tar container.
pub(super) struct Tar;

impl Archive for Tar {
    fn id(&self) -> &'static str {
        "tar"
    }

    fn name(&self) -> &'static str {
        "tar archive"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["tar"]
    }

    fn probe(&self, source: &Source) -> Option<String> {
        let head = source.bytes_at(0, block::SIZE).ok()?;
        is_tar(&head).then(|| "tar header whose checksum is right".to_owned())
    }

    fn list(&self, source: Source) -> Result<Box<dyn Listing>> {
        Ok(Box::new(TarListing::new(source)))
    }
}

/// Whether `head` begins with a tar header: its checksum is right.
pub(super) fn is_tar(head: &[u8]) -> bool {
    head.first_chunk().is_some_and(|bytes| !block::is_zero(bytes) && block::checksum(bytes).is_ok())
}
