//! Byte formats: a source becomes tensors, metadata and findings. Headers only; data is never read here.
//!
//! # Adding a format
//! One file with a unit struct that implements [`Format`], its `mod` line and its entry in [`FORMATS`], and cases under
//! `tests/fixtures`. The list of accepted files, the help text and the README's table are derived from the list.

mod probe;

pub use probe::{Confidence, Probe};

use crate::error::Result;
use crate::model::Contents;
use crate::source::Source;

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

    /// Reads what can be read at once.
    ///
    /// # Errors
    /// When nothing useful can be said of the file. What can be shown beside a fault is returned with a finding instead.
    fn read(&self, file: &Source) -> Result<Reading>;
}

/// A file that was read, at least in part.
pub enum Reading {
    /// All there is.
    Done(Contents),
    /// The names are known; the headers of the entries take further steps.
    More(Contents, Box<dyn Rest>),
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
pub static FORMATS: &[&dyn Format] = &[];
