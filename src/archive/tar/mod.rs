//! tar: ustar, GNU and PAX (POSIX.1-2024), in 512-byte blocks.
//!
//! Read: long names of every flavour, sizes over 8 GiB, PAX `path`, `linkpath`, `size`. Not followed: links, devices.
//! Listed but not read: sparse files. Ignored: owners, modes, times (`tinker` archives carry 1970).

mod block;
mod cut;
mod kinds;
mod lies;
mod listing;
mod pending;
mod walker;

pub(super) use cut::cut_members;
pub(super) use listing::TarListing;
pub(super) use walker::{Need, Walker};

use super::{Archive, ArchiveMember, Listed, Listing};
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
        let is_archive = is_tar(&head) && torch_members(source).is_none();
        is_archive.then(|| "tar header whose checksum is right".to_owned())
    }

    fn list(&self, source: Source) -> Result<Box<dyn Listing>> {
        Ok(Box::new(TarListing::new(source)))
    }
}

/// Whether `head` begins with a tar header: its checksum is right.
pub(super) fn is_tar(head: &[u8]) -> bool {
    head.first_chunk().is_some_and(|bytes| !block::is_zero(bytes) && block::checksum(bytes).is_ok())
}

/// Headers that the tar of torch has, closing block included.
const TORCH_HEADERS: usize = 6;
/// What the first versions of torch wrote into a tar.
const TORCH_MEMBERS: [&str; 3] = ["pickle", "storages", "tensors"];

/// The members of a tar that `torch.save` of the first versions wrote: a format of its own, not an archive. Of any other
/// tar only the first headers are looked at.
pub fn torch_members(source: &Source) -> Option<Vec<ArchiveMember>> {
    let head = source.bytes_at(0, block::SIZE).ok()?;
    let starts = ["sys_info", "pickle", "storages", "tensors"];
    let name = head.split(|&byte| byte == 0).next().unwrap_or_default();
    if !starts.iter().any(|start| start.as_bytes() == name) || !is_tar(&head) {
        return None;
    }
    let (mut walker, mut listed) = (Walker::new(), Listed::default());
    for _ in 0..TORCH_HEADERS {
        let Need::Bytes { offset, len } = walker.need() else { break };
        walker.take(&source.bytes_at(offset, len).ok()?, &mut listed).ok()?;
    }
    let has = |name: &&str| listed.members.iter().any(|member| member.path == **name);
    TORCH_MEMBERS.iter().all(has).then_some(listed.members)
}
