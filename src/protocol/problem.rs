//! An [`Error`] as the page shows it: the only conversion.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Why something could not be done, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Who must act.
    pub kind: ProblemKind,
    /// One sentence: what, where, expected and found.
    pub detail: String,
}

/// Who must act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProblemKind {
    /// The disk or the network: try again.
    Environment,
    /// Whoever wrote the file.
    File,
    /// A server.
    Remote,
    /// Us.
    Ours,
}

impl Problem {
    /// A fault of this program.
    pub fn ours(detail: impl Into<String>) -> Self {
        Self { kind: ProblemKind::Ours, detail: detail.into() }
    }

    /// A short title.
    pub fn title(&self) -> &'static str {
        match self.kind {
            ProblemKind::Environment => "Could not read",
            ProblemKind::File => "This file cannot be read",
            ProblemKind::Remote => "Not to be had from this server",
            ProblemKind::Ours => "Weighbridge failed",
        }
    }

    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self.kind {
            ProblemKind::Environment => "The file may have changed or gone since it was opened: open it again.",
            ProblemKind::File => "Ask whoever wrote the file for it again, or compare its digest with theirs.",
            ProblemKind::Remote => "Check the address and your access to it, or drop the file here instead.",
            ProblemKind::Ours => "The other files are still open. Reload the page if it happens again.",
        }
    }
}

impl From<&Error> for Problem {
    fn from(error: &Error) -> Self {
        let kind = match error {
            Error::Io { .. } | Error::Cancelled => ProblemKind::Environment,
            Error::Malformed(_) | Error::Refused { .. } | Error::Limit { .. } => ProblemKind::File,
            Error::Remote { .. } => ProblemKind::Remote,
            Error::Unsupported { .. } => ProblemKind::Ours,
        };
        Self { kind, detail: error.to_string() }
    }
}
