//! What can be said of the signature of a manifest.

use serde::Serialize;

/// One signature of a signed manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Signature {
    /// The manifest.
    pub path: String,
    /// Whether the files are what it says.
    pub digests: Stated,
    /// Whether the key that the user gave made the signature.
    pub signature: Stated,
    /// Whose key it is: never checked.
    pub identity: Stated,
    /// The key it was checked with; `null` without one.
    pub key: Option<SignatureKey>,
    /// Why the signature failed or could not be checked, as far as that is known.
    pub reason: Option<String>,
}

/// How far something was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Stated {
    /// It was checked, and it is so.
    Checked,
    /// It was checked, and it is not so.
    Failed,
    /// It was not checked.
    NotChecked,
}

/// A key that the user gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignatureKey {
    /// `public_key` or `certificate`.
    pub kind: &'static str,
    /// `P-256`, `P-384` or `P-521`.
    pub curve: &'static str,
    /// SHA-256 of the key as `SubjectPublicKeyInfo` in DER, lower-case hexadecimal.
    pub sha256: String,
}
