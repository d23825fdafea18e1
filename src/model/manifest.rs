//! What a checksum manifest claims.

use serde::{Deserialize, Serialize};

/// A parsed checksum manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Which kind of manifest it is, e.g. `sha256sums`.
    pub kind: String,
    /// One claim a line, in file order.
    pub lines: Vec<ManifestLine>,
}

/// One claim: this path has this digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManifestLine {
    /// Path as written (escapes resolved), relative to the manifest.
    pub path: String,
    /// Which digest.
    pub algorithm: Algorithm,
    /// The digest in lower-case hexadecimal.
    pub digest: String,
    /// Line number, from 1.
    pub line: u64,
    /// Why nothing that is in the file can bear the claim out, when its writer took the digest of something else.
    pub objection: Option<String>,
    /// For one digest over several files: what was hashed in turn, instead of the file at `path`. Else empty.
    pub pieces: Vec<Piece>,
}

/// A part of what one digest over several files was taken of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// Goes in first, mostly the file's name.
    pub before: String,
    /// Then the bytes of this file; relative to the manifest.
    pub path: String,
}

/// A digest algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Algorithm {
    /// SHA-256.
    Sha256,
}

impl Algorithm {
    /// The report's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
        }
    }
}
