//! What a verification found.

use serde::{Deserialize, Serialize};

use super::Algorithm;

/// The outcome of a verification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Integrity {
    /// The answer.
    pub verdict: IntegrityVerdict,
    /// One row a file and manifest, in natural order of paths.
    pub entries: Vec<Check>,
}

/// One file against one manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Check {
    /// The file; for a missing one, where the manifest says it should be; for one digest over several files, their folder.
    pub path: String,
    /// The manifest; `null` when none names the file.
    pub manifest: Option<String>,
    /// Which digest.
    pub algorithm: Algorithm,
    /// What the manifest says, lower-case hexadecimal.
    pub expected: Option<String>,
    /// What the file has; `null` when it was not (fully) read.
    pub actual: Option<String>,
    /// The result.
    pub status: Status,
}

/// Result for one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Status {
    /// The digests differ.
    Mismatch,
    /// Listed, not there.
    Missing,
    /// Listed and there, but the claim cannot be checked; a finding says why.
    NotCheckable,
    /// There, not listed.
    Unlisted,
    /// The digests are equal.
    Ok,
}

/// The answer of a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum IntegrityVerdict {
    /// Every listed file is there and equal.
    Verified,
    /// Something differs or is missing.
    Failed,
    /// Stopped, or something could not be read.
    Incomplete,
    /// No manifest names any file.
    Unverified,
}
