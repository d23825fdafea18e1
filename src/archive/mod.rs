//! Containers that become part of the tree: zip, tar, gzip, and one inside another.
//!
//! # Adding an archive
//! One file with a unit struct that implements [`Archive`], its `mod` line and its entry in [`ARCHIVES`].
//! Zip files that are themselves a format (`.npz`, torch) are not expanded; see [`crate::format`].

mod gzip;
mod path;
mod tar;
pub mod zip;

use crate::error::Result;
use crate::limits;
use crate::model::{Finding, Layer, Severity};
use crate::source::Source;
use gzip::Gzip;
pub(crate) use path::Distinct;
use path::{Removed, clean};
use tar::Tar;
pub use tar::torch_members;
use zip::Zip;

/// A kind of container.
pub trait Archive: Sync {
    /// Report id: `zip`, `tar`, `gzip`.
    fn id(&self) -> &'static str;

    /// For people: "ZIP archive".
    fn name(&self) -> &'static str;

    /// File name extensions, lower case, without a dot.
    fn extensions(&self) -> &'static [&'static str];

    /// Whether `source` is one to be expanded, by its bytes; the sentence says how we know. The source's name is its
    /// path in the tree.
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
    /// Symbolic links, which are not followed: path inside the container, and what it says.
    pub links: Vec<(String, String)>,
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
    /// CRC-32 of the inflated bytes, as the container claims, where it does.
    pub crc32: Option<u32>,
}

impl Listed {
    /// Adds a finding, unless there are too many already.
    fn add(&mut self, finding: Finding) {
        if self.findings.len() < limits::FINDINGS {
            self.findings.push(finding);
        }
    }

    /// Remembers a symbolic link called `raw`, unless there are too many already.
    fn link(&mut self, raw: &str, target: &str) {
        let path = clean(raw).path;
        if self.links.len() < limits::FINDINGS && !path.is_empty() {
            self.links.push((path, target.to_owned()));
        }
    }

    /// The path of a member called `raw` in a container of kind `kind`: clean and distinct, with what was wrong reported.
    /// `None` when nothing of the name is left.
    fn name(&mut self, distinct: &mut Distinct, kind: &str, raw: &str, offset: u64) -> Option<String> {
        let clean = clean(raw);
        if let Some(removed) = clean.removed {
            let (raw, path) = (shown(raw), shown(&clean.path));
            let message = format!("member {raw:?}: {} taken out of its path, shown as {path:?}", removed.name());
            let escape = Finding::warning("archive-path-escape", message).at(offset);
            let severity = if removed == Removed::Above { Severity::Error } else { Severity::Warning };
            self.add(Finding { severity, ..escape });
        }
        if clean.path.is_empty() {
            return None;
        }
        let (path, repeated) = distinct.take(clean.path);
        if repeated {
            let (raw, path) = (shown(raw), shown(&path));
            let message = format!("the name {raw:?} occurs more than once, shown as {path:?}");
            self.add(Finding::error(&format!("{kind}-duplicate-name"), message).at(offset));
        }
        Some(path)
    }
}

/// As much of a path as a message takes.
fn shown(path: &str) -> String {
    let mut characters = path.chars();
    let mut shown: String = characters.by_ref().take(120).collect();
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
}

/// A container that was recognised.
pub struct Found {
    /// Which kind.
    pub archive: &'static dyn Archive,
    /// How we know, for people.
    pub evidence: String,
    source: Source,
}

impl Found {
    /// Starts listing its members.
    ///
    /// # Errors
    /// When the container cannot be read at all.
    pub fn list(&self) -> Result<Box<dyn Listing>> {
        self.archive.list(self.source.clone())
    }
}

/// The container that the file at `path` is, when it is one to be expanded in the tree: a zip that is itself a format
/// (`.npz`, torch, Keras) is not. Bytes decide; the name only whether an empty zip is an archive of nothing.
pub fn probe(path: &str, source: &Source) -> Option<Found> {
    let source = source.renamed(path);
    ARCHIVES.iter().find_map(|&archive| {
        let evidence = archive.probe(&source)?;
        Some(Found { archive, evidence, source: source.clone() })
    })
}

/// Every archive, in the order they are tried.
pub static ARCHIVES: &[&dyn Archive] = &[&Zip, &Gzip, &Tar];

#[cfg(test)]
mod tests;
