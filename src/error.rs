//! What could not be done, classified by who must act. What is wrong with data that *could* be read is a
//! [`crate::model::Finding`] instead.

use std::fmt;

/// The crate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Something could not be done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The environment failed: retry, or check the disk or the network.
    #[error("cannot read {name} at byte {offset}: {cause}")]
    Io {
        /// The source that was read.
        name: String,
        /// Where, in bytes from its start.
        offset: u64,
        /// What the environment said.
        cause: std::io::Error,
    },
    /// The file breaks its own format: whoever wrote it must act.
    #[error("{0}")]
    Malformed(Box<Malformed>),
    /// Valid, but not read by us.
    #[error("{format}: {feature} is not read by this version")]
    Unsupported {
        /// Format id.
        format: &'static str,
        /// What is not read.
        feature: String,
    },
    /// Readable, but it will not be done: the user is warned.
    #[error("refused: {what}")]
    Refused {
        /// What is refused, and where.
        what: String,
    },
    /// A cap of [`crate::limits`] was hit.
    #[error("limit {limit}: {asked} asked for, {cap} allowed")]
    Limit {
        /// The cap's name.
        limit: &'static str,
        /// Its value.
        cap: u64,
        /// What the file asked for.
        asked: u64,
    },
    /// A server said no.
    #[error("{host} answered {status}: {message}")]
    Remote {
        /// Host without credentials.
        host: String,
        /// HTTP status, 0 when there was no answer.
        status: u16,
        /// The server's words, without secrets.
        message: String,
    },
    /// The user stopped it.
    #[error("cancelled")]
    Cancelled,
}

/// Where a file breaks its own format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// Format id, e.g. `npy`.
    pub format: &'static str,
    /// Path inside the source, outermost first; empty for the source itself.
    pub entry: String,
    /// Bytes from the start of the entry (or of the source).
    pub offset: u64,
    /// What is wrong: expected and found.
    pub what: String,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.format, self.what)?;
        if !self.entry.is_empty() {
            write!(f, ", in {}", self.entry)?;
        }
        write!(f, " (at byte {})", self.offset)
    }
}

impl Error {
    /// A file breaks its own format at `offset`.
    #[cold]
    pub fn malformed(format: &'static str, offset: u64, what: impl Into<String>) -> Self {
        Self::Malformed(Box::new(Malformed { format, entry: String::new(), offset, what: what.into() }))
    }

    /// Reading `name` failed at `offset`. A decoder says of a damaged stream that its data is invalid: that is the
    /// file's fault, anything else the environment's.
    #[cold]
    pub fn io(name: &str, offset: u64, cause: std::io::Error) -> Self {
        if cause.kind() == std::io::ErrorKind::InvalidData {
            return Self::malformed("deflate", offset, format!("the compressed stream breaks: {cause}"));
        }
        Self::Io { name: name.to_owned(), offset, cause }
    }

    /// Puts the error inside `entry`, keeping entries that inner readers already named.
    #[must_use]
    pub fn inside(self, entry: &str) -> Self {
        let Self::Malformed(mut place) = self else { return self };
        place.entry = if place.entry.is_empty() { entry.to_owned() } else { format!("{entry} › {}", place.entry) };
        Self::Malformed(place)
    }

    /// The byte offset the error names, when it names one.
    pub fn offset(&self) -> Option<u64> {
        match self {
            Self::Malformed(place) => Some(place.offset),
            Self::Io { offset, .. } => Some(*offset),
            _ => None,
        }
    }

    /// A short stable code for reports.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Io { .. } => "unreadable",
            Self::Malformed(_) => "malformed",
            Self::Unsupported { .. } => "unsupported",
            Self::Refused { .. } => "refused",
            Self::Limit { .. } => "limit",
            Self::Remote { .. } => "remote",
            Self::Cancelled => "cancelled",
        }
    }
}
