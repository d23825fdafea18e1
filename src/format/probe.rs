//! A bounded look at a file: its name, its first bytes, and its zip directory read at most once.

use std::cell::OnceCell;

use super::text;
use crate::archive::zip::{ZipKind, is_zip};
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

    /// Better than nothing.
    pub fn weakest(evidence: impl Into<String>) -> Option<Self> {
        Some(Self { score: 1, evidence: evidence.into() })
    }
}

/// What a format may look at before it is chosen.
pub struct Probe {
    path: String,
    source: Source,
    head: Vec<u8>,
    zip: OnceCell<Option<(ZipKind, &'static str)>>,
}

/// First bytes a probe sees.
const HEAD: u64 = 1024;

impl Probe {
    /// Looks at the first bytes of `source`, which the tree calls `path`.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn new(path: &str, source: &Source) -> crate::error::Result<Self> {
        let source = source.renamed(path);
        let head = source.bytes_at(0, HEAD)?;
        Ok(Self { path: path.to_owned(), source, head, zip: OnceCell::new() })
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

    /// Whether the first bytes are text.
    pub fn is_text(&self) -> bool {
        text::is_text(&self.head)
    }

    /// What kind of zip the file is, when it is one whose directory can be read, and how we know.
    pub fn zip(&self) -> Option<(ZipKind, &'static str)> {
        *self.zip.get_or_init(|| is_zip(&self.source).then(|| ZipKind::of(&self.path, &self.source)).flatten())
    }

    /// The file itself, called by its path, for a bounded further look and for reading.
    pub fn source(&self) -> &Source {
        &self.source
    }
}
