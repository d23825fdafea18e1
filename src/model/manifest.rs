//! What a checksum manifest claims.

use serde::{Deserialize, Serialize};

use crate::digest::Algorithm;

/// A parsed checksum manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Which kind of manifest it is, e.g. `checksums`.
    pub kind: String,
    /// One claim a line, in file order.
    pub lines: Vec<ManifestLine>,
    /// What was signed, of one that is signed.
    pub envelope: Option<Box<Envelope>>,
}

/// What was signed, and the signatures (DSSE v1.0).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// What the payload is: `application/vnd.in-toto+json`.
    pub payload_type: String,
    /// What was signed, as bytes.
    #[serde(with = "serde_bytes")]
    pub payload: Vec<u8>,
    /// The signatures, each as it stands there, mostly DER.
    pub signatures: Vec<Vec<u8>>,
    /// What the signer calls the key.
    pub hint: Option<String>,
    /// The certificate of the key that signed it, in DER.
    pub certificate: Option<Vec<u8>>,
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
    /// Bytes that the file should have, where it says.
    pub size: Option<u64>,
    /// The bytes that were hashed, where it is not the whole file: the first, and behind the last.
    pub range: Option<(u64, u64)>,
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
