//! Containers that become part of the tree: zip, tar, gzip, and one inside another.
//!
//! # Adding an archive
//! One file with a unit struct that implements [`Archive`], its `mod` line and its entry in [`ARCHIVES`].
//! Zip files that are themselves a format (`.npz`, torch) are not expanded; see [`crate::format`].

use crate::error::Result;
use crate::model::{Finding, Layer};
use crate::source::Source;

/// A kind of container.
pub trait Archive: Sync {
    /// Report id: `zip`, `tar`, `gzip`.
    fn id(&self) -> &'static str;

    /// For people: "ZIP archive".
    fn name(&self) -> &'static str;

    /// File name extensions, lower case, without a dot.
    fn extensions(&self) -> &'static [&'static str];

    /// Whether `source` is one, by its bytes; the sentence says how we know.
    fn probe(&self, source: &Source) -> Option<String>;

    /// Starts listing the members.
    ///
    /// # Errors
    /// When the container cannot be read at all.
    fn list(&self, source: Source) -> Result<Box<dyn Listing>>;
}

/// A listing in progress. Call [`Listing::step`] until it says that it is done.
pub trait Listing {
    /// Lists some more members (a few milliseconds' worth); true when there are no more.
    ///
    /// # Errors
    /// When the rest cannot be listed; what was listed before stays.
    fn step(&mut self, listed: &mut Listed) -> Result<bool>;

    /// Bytes of the container gone through so far, for progress.
    fn position(&self) -> u64;
}

/// What was listed so far.
#[derive(Debug, Default)]
pub struct Listed {
    /// Members, in container order. Paths are cleaned: never absolute, never out of the tree.
    pub members: Vec<ArchiveMember>,
    /// What is wrong with the container (duplicates, escapes, links …); `file` is filled in by the caller.
    pub findings: Vec<Finding>,
}

/// A member of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveMember {
    /// Path inside the container, `/`-joined.
    pub path: String,
    /// Inflated bytes, as the container claims.
    pub size: u64,
    /// From the container to the member's bytes.
    pub layers: Vec<Layer>,
}

/// Every archive, in the order they are tried.
pub static ARCHIVES: &[&dyn Archive] = &[];
