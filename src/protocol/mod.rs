//! What crosses between page and worker. Plain data; `web::port` turns it into messages.
//!
//! The page starts jobs with numbers of its own; the worker answers each with progress, partial results and **exactly
//! one** terminal event. Files do not cross inside the data: a [`FileSpec`] names an attachment by index.

mod problem;

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

pub use problem::{Problem, ProblemKind};

use crate::model::{Finding, Hashing, Locator, Run, SourceId, SourceKind};
use crate::source::http::Key;
pub use crate::task::{Found, Pair, Phase, Progress, TensorPair, Update, UpdatePair};
use crate::tensor::{Elements, Passes, Window};

/// Both binaries carry it; a cached worker of another build is refused. `cargo xtask` sets it.
pub const BUILD: &str = match option_env!("WEIGHBRIDGE_BUILD") {
    Some(build) => build,
    None => "dev",
};

/// Number of a job, made by the page, never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct JobId(pub u32);

/// Page to worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Do something; files are attached in the order of their indexes.
    Start {
        /// The page's number for it.
        job: JobId,
        /// What to do.
        task: TaskSpec,
    },
    /// Stop it. An unknown or finished job is ignored.
    Cancel {
        /// Which.
        job: JobId,
    },
}

/// What a worker can do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum TaskSpec {
    /// List, read the headers, recognise.
    Inspect(Vec<SourceSpec>),
    /// A digest of each item.
    Digest {
        /// Attached files or URLs.
        files: Vec<FileSpec>,
        /// What to hash, each of one or more parts; roots of the locators are indexes into `files`.
        items: Vec<Hashing>,
    },
    /// Some bytes of one entry.
    Peek {
        /// The file it is in.
        file: FileSpec,
        /// The entry; its root is 0.
        locator: Locator,
        /// First byte.
        offset: u64,
        /// How many at most.
        len: u64,
    },
    /// Statistics and histograms of one tensor.
    Statistics {
        /// Which.
        tensor: Box<TensorSpec>,
        /// How many elements are enough; `None` for all.
        sample: Option<u64>,
        /// Which passes over them.
        passes: Passes,
    },
    /// The digest of what the tensors of one checkpoint hold.
    Identity {
        /// Attached files or URLs.
        files: Vec<FileSpec>,
        /// `Vec<NamedTensor>`: the tensors; roots of the locators are indexes into `files`.
        tensors: ByteBuf,
    },
    /// What each pair of tensors, or of updates of adapters, has between it.
    Weights {
        /// Attached files or URLs.
        files: Vec<FileSpec>,
        /// `Vec<Pair>`: the pairs; roots of the locators are indexes into `files`.
        pairs: ByteBuf,
    },
    /// Statistics and histograms of what every element of a tensor changed by.
    Deltas {
        /// Attached files or URLs.
        files: Vec<FileSpec>,
        /// The pair; roots of the locators are indexes into `files`.
        pair: Box<TensorPair>,
    },
    /// Some elements of one tensor as text.
    Values {
        /// Which.
        tensor: Box<TensorSpec>,
        /// Which of them.
        window: Window,
    },
}

/// One tensor to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TensorSpec {
    /// The file it is in.
    pub file: FileSpec,
    /// Its bytes; the root is 0.
    pub locator: Locator,
    /// What they hold.
    pub elements: Elements,
}

/// One top-level file or folder to inspect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceSpec {
    /// Its number.
    pub id: SourceId,
    /// Its name.
    pub name: String,
    /// How it came.
    pub kind: SourceKind,
    /// Its files; the first file of the second source continues the numbering of attachments.
    pub files: Vec<FileSpec>,
}

/// One file: attached, or behind a URL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileSpec {
    /// Path in the tree; starts with the source's name.
    pub path: String,
    /// Length in bytes; for a URL 0 until it was asked.
    pub size: u64,
    /// Where the bytes are.
    pub bytes: FileBytes,
}

/// Where the bytes of a file are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileBytes {
    /// Index of an attached browser file.
    Attached(u32),
    /// Read by HTTP ranges.
    Url(Address),
}

/// Where a file lies on the web. Signed addresses are secrets: it is not shown whole anywhere.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The URL.
    pub url: String,
    /// The version of the file that was found there first, where the server tells.
    pub etag: Option<String>,
    /// Sent along to its own origin, where the file is not for everyone.
    pub key: Option<Key>,
}

impl Address {
    /// A file that everyone who knows its address may read.
    pub fn open(url: String) -> Self {
        Self { url, etag: None, key: None }
    }
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Address({}…)", crate::source::http::host(&self.url))
    }
}

/// Worker to page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// First message: the worker is up.
    Ready {
        /// Its [`BUILD`].
        build: String,
    },
    /// How far a job is; at most ten a second.
    Progress {
        /// Which.
        job: JobId,
        /// How far.
        progress: Progress,
    },
    /// A first part of the result.
    Partial {
        /// Which.
        job: JobId,
        /// The part.
        part: Part,
    },
    /// Terminal: done.
    Finished {
        /// Which.
        job: JobId,
        /// The rest of the result.
        outcome: Outcome,
    },
    /// Terminal: could not be done.
    Failed {
        /// Which.
        job: JobId,
        /// Why.
        problem: Problem,
    },
    /// Terminal: stopped by the page.
    Cancelled {
        /// Which.
        job: JobId,
    },
}

/// A part of a result. Long lists cross as postcard bytes: objects of a hundred thousand rows would take seconds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Part {
    /// `Vec<Entry>`: further entries of the tree, in the order of their indexes.
    Entries(ByteBuf),
    /// `Contents` of entries, by index; replaces what was sent before.
    Contents(Vec<(u32, ByteBuf)>),
    /// The digest of an item, or why there is none.
    Digest {
        /// Index into the items of the task.
        item: u32,
        /// Lower-case hexadecimal.
        sha256: Result<String, Problem>,
    },
    /// An item has another CRC-32 than its container notes.
    CrcMismatch {
        /// Index into the items of the task.
        item: u32,
        /// What it has.
        found: u32,
    },
    /// Something is wrong with the members of an item that is a zip.
    Members {
        /// Index into the items of the task.
        item: u32,
        /// `Vec<Finding>`.
        findings: ByteBuf,
    },
    /// `Examined`: the statistics of a tensor, before its histograms.
    Statistics(ByteBuf),
    /// `Vec<(u32, Result<Found, Problem>)>`: what pairs have between them, by index.
    Differences(ByteBuf),
}

/// The end of a result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// Inspected.
    Inspect {
        /// `Vec<Run>` as postcard bytes.
        runs: ByteBuf,
        /// `Vec<Finding>` of the containers, as postcard bytes.
        findings: ByteBuf,
        /// Bytes read of each source.
        bytes_read: Vec<(SourceId, u64)>,
    },
    /// Every item was hashed or reported.
    Digest,
    /// The bytes.
    Peek(ByteBuf),
    /// `Examined`: statistics and histograms of a tensor.
    Statistics(ByteBuf),
    /// `Vec<String>`: elements of a tensor as text.
    Values(ByteBuf),
    /// What some tensors hold.
    Identity {
        /// One digest of all, in hexadecimal.
        digest: String,
        /// `Vec<Held>`: what was found of each.
        held: ByteBuf,
    },
    /// Every pair was compared or reported.
    Weights,
}

/// Long lists as bytes.
pub fn pack<T: Serialize>(value: &T) -> ByteBuf {
    ByteBuf::from(postcard::to_stdvec(value).unwrap_or_default())
}

/// The list again.
///
/// # Errors
/// When page and worker disagree about a type, which the build handshake rules out.
pub fn unpack<T: for<'a> Deserialize<'a>>(bytes: &[u8]) -> Result<T, Problem> {
    postcard::from_bytes(bytes).map_err(|cause| Problem::ours(format!("a message could not be read: {cause}")))
}

/// The runs and findings of a finished inspection.
///
/// # Errors
/// As [`unpack`].
pub fn unpack_inspection(runs: &[u8], findings: &[u8]) -> Result<(Vec<Run>, Vec<Finding>), Problem> {
    Ok((unpack(runs)?, unpack(findings)?))
}
