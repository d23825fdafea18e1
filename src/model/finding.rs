//! Observations about the data: what is wrong or worth knowing, and where.

use serde::{Deserialize, Serialize};

/// Something that is true of the data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// Stable, kebab-case: `zip-crc-mismatch`.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// Path of the file it is about.
    pub file: String,
    /// Entry inside the file, when the file is a container that is not expanded in the tree (`model.npz`).
    pub entry: Option<String>,
    /// Bytes from the start of the file or entry.
    pub offset: Option<u64>,
    /// What, expected and found; lower case, no full stop.
    pub message: String,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Severity {
    /// Data is lost, damaged or lying. A healthy checkpoint has none.
    Error,
    /// Unusual enough to look at.
    Warning,
    /// Worth knowing.
    Note,
}

impl Finding {
    fn new(severity: Severity, code: &str, message: String) -> Self {
        Self { code: code.to_owned(), severity, file: String::new(), entry: None, offset: None, message }
    }

    /// Data is lost, damaged or lying.
    pub fn error(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message.into())
    }

    /// Unusual enough to look at.
    pub fn warning(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message.into())
    }

    /// Worth knowing.
    pub fn note(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, message.into())
    }

    /// Names the file it is about.
    #[must_use]
    pub fn in_file(mut self, path: &str) -> Self {
        path.clone_into(&mut self.file);
        self
    }

    /// Names the entry inside the file.
    #[must_use]
    pub fn in_entry(mut self, entry: &str) -> Self {
        self.entry = Some(entry.to_owned());
        self
    }

    /// Names the byte.
    #[must_use]
    pub fn at(mut self, offset: u64) -> Self {
        self.offset = Some(offset);
        self
    }

    /// An error of a reader, told as a fact about the file.
    pub fn from_error(path: &str, error: &crate::error::Error) -> Self {
        let finding = Self::error(error.code(), error.to_string()).in_file(path);
        let finding = match error {
            crate::error::Error::Malformed(place) if !place.entry.is_empty() => finding.in_entry(&place.entry),
            _ => finding,
        };
        Self { offset: error.offset(), ..finding }
    }
}
