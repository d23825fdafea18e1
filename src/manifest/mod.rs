//! Checksum manifests: what they claim, and which opened files the claims are about.
//!
//! # Adding a manifest kind
//! One file with a unit struct that implements [`ManifestKind`], its `mod` line and its entry in [`MANIFESTS`].

mod claims;
mod json_map;
mod json_records;
mod judge;
mod plan;
mod read;
mod sha256sums;
mod sidecar;

pub use json_map::JsonMap;
pub use json_records::JsonRecords;
pub use judge::judge;
pub use plan::{Plan, PlannedCheck, plan};
pub use read::read;
pub use sha256sums::Sha256Sums;
pub use sidecar::Sidecar;

use crate::model::{Finding, Manifest};

/// A kind of checksum manifest.
pub trait ManifestKind: Sync {
    /// Id: `sha256sums`.
    fn id(&self) -> &'static str;

    /// For people: "SHA256SUMS".
    fn name(&self) -> &'static str;

    /// Parses `text` when it is one; `name` is the file's name. Lines that are not understood become findings.
    fn parse(&self, name: &str, text: &[u8]) -> Option<(Manifest, Vec<Finding>)>;
}

/// Every manifest kind, in the order they are tried.
pub static MANIFESTS: &[&dyn ManifestKind] = &[&Sha256Sums, &JsonMap, &JsonRecords, &Sidecar];

/// The claims of `text`, when it is a manifest of any kind; `name` is the file's name.
pub fn parse(name: &str, text: &[u8]) -> Option<(Manifest, Vec<Finding>)> {
    MANIFESTS.iter().find_map(|kind| kind.parse(name, text))
}
