//! A bounded look at a file: its name, its first bytes, and its zip directory read at most once.

use crate::model::{base_name, extension};
use crate::source::Source;

/// How sure a format is, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confidence {
    /// 1 (a guess from the name) to 255 (certain).
    pub score: u8,
    /// For people: "starts with \x93NUMPY".
    pub evidence: String,
}

impl Confidence {
    /// The bytes leave no doubt.
    pub fn certain(evidence: impl Into<String>) -> Option<Self> {
        Some(Self { score: 255, evidence: evidence.into() })
    }

    /// The bytes fit and the name says so.
    pub fn likely(evidence: impl Into<String>) -> Option<Self> {
        Some(Self { score: 128, evidence: evidence.into() })
    }

    /// The bytes do not speak against it.
    pub fn guess(evidence: impl Into<String>) -> Option<Self> {
        Some(Self { score: 16, evidence: evidence.into() })
    }
}

/// What a format may look at before it is chosen.
pub struct Probe {
    path: String,
    source: Source,
    head: Vec<u8>,
}

/// First bytes a probe sees.
const HEAD: u64 = 1024;

impl Probe {
    /// Looks at the first bytes of `source`, which the tree calls `path`.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn new(path: &str, source: &Source) -> crate::error::Result<Self> {
        Ok(Self { path: path.to_owned(), source: source.clone(), head: source.bytes_at(0, HEAD)? })
    }

    /// Path in the tree.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Last part of the path.
    pub fn name(&self) -> &str {
        base_name(&self.path)
    }

    /// Extension in lower case.
    pub fn extension(&self) -> String {
        extension(&self.path)
    }

    /// The first bytes.
    pub fn head(&self) -> &[u8] {
        &self.head
    }

    /// The file itself, for a bounded further look.
    pub fn source(&self) -> &Source {
        &self.source
    }
}
