//! Checksum manifests: what they claim, and which opened files the claims are about.
//!
//! # Adding a manifest kind
//! One file with a unit struct that implements [`ManifestKind`], its `mod` line and its entry in [`MANIFESTS`].

mod bagit;
mod claims;
mod dvc;
mod hf_tree;
mod json;
mod json_map;
mod json_records;
mod judge;
mod lfs;
mod oci;
mod oms;
mod plan;
mod read;
mod sidecar;
pub mod signature;
mod sums;
mod wandb;
mod write;

pub use bagit::BagIt;
pub use dvc::Dvc;
pub use hf_tree::HfTree;
pub use json::Node;
pub use json_map::JsonMap;
pub use json_records::JsonRecords;
pub use judge::judge;
pub use lfs::LfsPointer;
pub use oci::{OciManifest, layer_path};
pub use oms::ModelSigning;
pub use plan::{Plan, PlannedCheck, plan};
pub use read::read;
pub use sidecar::Sidecar;
pub use sums::Sums;
pub use wandb::Wandb;
pub use write::{Form, write};

use crate::limits;
use crate::model::{Finding, Manifest};

/// A kind of checksum manifest.
pub trait ManifestKind: Sync {
    /// Id: `checksums`.
    fn id(&self) -> &'static str;

    /// For people: "checksum file".
    fn name(&self) -> &'static str;

    /// Parses `text` when it is one; `name` is the file's name. Lines that are not understood become findings.
    fn parse(&self, _name: &str, _text: &[u8]) -> Option<(Manifest, Vec<Finding>)> {
        None
    }

    /// The same of a kind that is JSON: `node` is what `text` spells.
    fn parse_json(&self, _name: &str, _node: &Node, _text: &str) -> Option<(Manifest, Vec<Finding>)> {
        None
    }
}

/// Every manifest kind, in the order they are tried.
pub static MANIFESTS: &[&dyn ManifestKind] =
    &[&LfsPointer, &BagIt, &Dvc, &Sums, &ModelSigning, &Wandb, &HfTree, &OciManifest, &JsonMap, &JsonRecords, &Sidecar];

/// The claims of `text`, when it is a manifest of any kind; `name` is the file's name.
pub fn parse(name: &str, text: &[u8]) -> Option<(Manifest, Vec<Finding>)> {
    if let Some(found) = MANIFESTS.iter().find_map(|kind| kind.parse(name, text)) {
        return Some(found);
    }
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let opens = text.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| matches!(byte, b'{' | b'['));
    // Other JSON, a shard index say, is not parsed a second time.
    let most = usize::try_from(limits::MANIFEST_HEAD).unwrap_or(usize::MAX);
    if !opens || !read::has_digest(text.get(..most).unwrap_or(text)) {
        return None;
    }
    let text = str::from_utf8(text).ok()?;
    let node = Node::parse(text)?;
    MANIFESTS.iter().find_map(|kind| kind.parse_json(name, &node, text))
}
