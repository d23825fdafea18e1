//! Byte formats: a source becomes tensors, metadata and findings. Headers only; data is never read here.
//!
//! # Adding a format
//! One file with a unit struct that implements [`Format`], its `mod` line and its entry in [`FORMATS`], and cases under
//! `tests/fixtures`. The list of accepted files, the help text and the README's table are derived from the list.

mod diagnosis;
mod document;
mod forward;
mod gguf;
mod hdf5;
mod json;
mod jsonl;
mod lines;
mod log;
mod msgpack;
mod npy;
mod npz;
mod numpy;
mod pickle;
mod probe;
mod python;
mod safetensors;
mod settings;
mod table;
mod text;
mod toml;
mod torch;
mod unknown;
mod window;
mod yaml;

pub use diagnosis::diagnose;
pub use probe::{Confidence, Probe};

use crate::error::Result;
use crate::model::Contents;
use crate::source::Source;
use gguf::Gguf;
use hdf5::Hdf5;
use json::Json;
use jsonl::JsonLines;
use msgpack::Msgpack;
use npy::Npy;
use npz::Npz;
use pickle::Pickle;
use safetensors::Safetensors;
use text::Text;
use toml::Toml;
use torch::{TorchLegacy, TorchPieces, TorchTar, TorchZip};
use unknown::Unknown;
use yaml::Yaml;

/// A byte format.
pub trait Format: Sync {
    /// Report id: `npz`, `safetensors`.
    fn id(&self) -> &'static str;

    /// For people: "NumPy archive".
    fn name(&self) -> &'static str;

    /// File name extensions, lower case, without a dot. Names are hints only: bytes decide.
    fn extensions(&self) -> &'static [&'static str];

    /// Where the format is specified.
    fn spec(&self) -> &'static str;

    /// Whether the file is one, and how we know.
    fn probe(&self, probe: &Probe) -> Option<Confidence>;

    /// Reads what can be read at once. The source's name is its path in the tree.
    ///
    /// # Errors
    /// When nothing useful can be said of the file. What can be shown beside a fault is returned with a finding instead.
    fn read(&self, file: &Source) -> Result<Reading>;
}

/// A file that was read, at least in part.
pub enum Reading {
    /// All there is.
    Done(Contents),
    /// The names are known, at least the first; the headers of the entries take further steps. Until then the type of
    /// a tensor has an empty name.
    More(Contents, Box<dyn Rest>),
}

impl Reading {
    /// Says how the format was told, where the reading does not say so itself.
    #[must_use]
    pub fn with_evidence(mut self, evidence: &str) -> Self {
        let (Self::Done(contents) | Self::More(contents, _)) = &mut self;
        if contents.evidence.is_empty() {
            evidence.clone_into(&mut contents.evidence);
        }
        self
    }

    /// Takes the first step, so that what is small is done at once.
    fn settled(self) -> Result<Self> {
        let Self::More(mut contents, mut rest) = self else { return Ok(self) };
        let done = rest.step(&mut contents)?;
        Ok(if done { Self::Done(contents) } else { Self::More(contents, rest) })
    }
}

/// The rest of a reading. Call [`Rest::step`] until it says that it is done.
pub trait Rest {
    /// Completes some more tensors of `contents` (a few milliseconds' worth); true when all are complete.
    ///
    /// # Errors
    /// When the rest cannot be read; what was read before stays.
    fn step(&mut self, contents: &mut Contents) -> Result<bool>;

    /// Entries done, and of how many.
    fn progress(&self) -> (u64, u64);
}

/// Every format, in the order they are tried when equally confident.
pub static FORMATS: &[&dyn Format] = &[
    &Safetensors,
    &TorchPieces,
    &TorchZip,
    &TorchLegacy,
    &TorchTar,
    &Pickle,
    &Npz,
    &Npy,
    &Gguf,
    &Hdf5,
    &Msgpack,
    &Json,
    &JsonLines,
    &Yaml,
    &Toml,
    &Text,
    &Unknown,
];

/// The format that is most confident about a file. There is always one: the last resort says what is known.
pub fn probe_all(probe: &Probe) -> (&'static dyn Format, Confidence) {
    let mut best: Option<(&'static dyn Format, Confidence)> = None;
    for &format in FORMATS {
        if let Some(confidence) = format.probe(probe)
            && best.as_ref().is_none_or(|(_, other)| confidence.score > other.score)
        {
            best = Some((format, confidence));
        }
    }
    best.unwrap_or_else(|| (&Unknown, Confidence { score: 0, evidence: "nothing known fits".to_owned() }))
}

/// Reads the file at `path` with the format that fits best.
///
/// # Errors
/// When it cannot be read at all.
pub fn read(path: &str, source: &Source) -> Result<Reading> {
    let probe = Probe::new(path, source)?;
    let (format, confidence) = probe_all(&probe);
    Ok(format.read(probe.source())?.with_evidence(&confidence.evidence))
}
