//! What a format reader found in one file.

use serde::{Deserialize, Serialize};

use super::{Finding, Manifest, Pickle, Tensor, Value};

/// What one file holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Contents {
    /// Format id (`npz`, `safetensors`, `json`, `unknown` …).
    pub format: String,
    /// Why we say so, for people: "zip whose members end in .npy".
    pub evidence: String,
    /// Tensors in file order.
    pub tensors: Vec<Tensor>,
    /// The file's own key-value metadata (`__metadata__`), in file order.
    pub metadata: Vec<(String, String)>,
    /// A document's value (JSON), or what a pickle would be loaded as, when it was read.
    pub document: Option<Value>,
    /// The text of a short text file: a pointer, a tag, a digest.
    pub text: Option<String>,
    /// A checksum manifest's claims.
    pub manifest: Option<Manifest>,
    /// Its pickles, as programs that were read and not run.
    pub pickles: Vec<Pickle>,
    /// What is wrong or worth knowing. `file` is filled in by the caller.
    pub findings: Vec<Finding>,
    /// Why the file was not examined, when it was not.
    pub not_examined: Option<String>,
}

impl Contents {
    /// Nothing yet of `format`.
    pub fn new(format: &str, evidence: impl Into<String>) -> Self {
        Self { format: format.to_owned(), evidence: evidence.into(), ..Self::default() }
    }
}
