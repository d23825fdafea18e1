//! ZIP (APPNOTE 6.3.10): the central directory is believed; local headers say where the bytes begin, and are
//! held against it.
//!
//! Read: zip64, stored and deflate, bytes in front of the archive, names in UTF-8 and DOS characters. Listed but not
//! read: other compression methods, encrypted members. Not followed: symbolic links. Ignored: dates, comments, disks.

mod cp437;
mod cut;
mod directory;
mod end;
mod gaps;
mod inspect;
mod kind;
mod listing;
mod local;
mod record;
mod zip64;

pub use cut::whole_members;
pub use directory::Directory;
pub use gaps::HiddenMember;
pub use inspect::inspect;
pub use kind::ZipKind;
pub use record::Record;

use super::{Archive, Listing};
use crate::error::Result;
use crate::model::extension;
use crate::source::Source;

/// The zip container.
pub struct Zip;

/// How a zip begins: with a local header, or with the end record when it is empty.
const STARTS: [&[u8; 4]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];

impl Archive for Zip {
    fn id(&self) -> &'static str {
        "zip"
    }

    fn name(&self) -> &'static str {
        "ZIP archive"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["zip"]
    }

    fn probe(&self, source: &Source) -> Option<String> {
        if !is_zip(source) {
            return None;
        }
        // A damaged zip is an archive only if its name says so; else it is a damaged `.npz`, `.pt` …
        let damaged = || (extension(source.name()) == "zip").then_some((ZipKind::Archive, "starts with PK"));
        let (kind, evidence) = ZipKind::of(source.name(), source).or_else(damaged)?;
        matches!(kind, ZipKind::Archive | ZipKind::Keras | ZipKind::StableBaselines).then(|| evidence.to_owned())
    }

    fn list(&self, source: Source) -> Result<Box<dyn Listing>> {
        Ok(Box::new(listing::ZipListing::new(source)?))
    }
}

/// Names of files that may be a zip behind other bytes. Others are not read at their end: of a folder of many files
/// that would be a second round trip each.
const PREFIXED: [&str; 10] = ["zip", "npz", "pt", "pth", "ckpt", "keras", "bin", "sh", "run", "exe"];

/// Whether `source` begins like a zip, or ends with an end record that has no comment (a self-extracting archive).
pub fn is_zip(source: &Source) -> bool {
    let begins = source.bytes_at(0, 4).is_ok_and(|head| STARTS.iter().any(|start| head == *start));
    let may_end = PREFIXED.contains(&extension(source.name()).as_str());
    begins || may_end && source.len().checked_sub(22).is_some_and(|at| ends_as_zip(source, at))
}

fn ends_as_zip(source: &Source, at: u64) -> bool {
    let tail = source.bytes_at(at, 22).unwrap_or_default();
    tail.starts_with(b"PK\x05\x06") && tail.ends_with(&[0, 0]) && Directory::open(source.clone()).is_ok()
}
