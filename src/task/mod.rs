//! One file per thing a user can ask for. A task is a step machine: the worker steps it for about 16 ms, lets cancel
//! and newer requests in, and steps on. Natively [`run_to_end`] loops.
//!
//! # Adding a task
//! One file with a type that implements [`Task`], a variant of [`crate::protocol::TaskSpec`] and of
//! [`crate::protocol::Outcome`]; the compiler names the rest.

mod block;
mod bytes;
mod deltas;
mod digest;
mod gather;
mod identity;
mod inspect;
mod peek;
mod statistics;
mod values;
mod weights;

pub use deltas::Deltas;
pub use digest::Digest;
pub use identity::Identity;
pub use inspect::{Inspect, SourceFiles};
pub use peek::Peek;
pub use statistics::Statistics;
pub use values::Values;
pub use weights::{Found, Pair, TensorPair, Update, UpdatePair, Weights};

use serde::{Deserialize, Serialize};

use crate::error::Result;
use crate::model::{Contents, Entry, Finding, Run, SourceId};
use crate::tensor::{Examined, Held};

/// Work that advances in steps.
pub trait Task {
    /// Does a few milliseconds' worth of work.
    ///
    /// # Errors
    /// When the task as a whole cannot be done; it is not stepped again.
    fn step(&mut self, parts: &mut Vec<Part>) -> Result<Step>;

    /// How far it is.
    fn progress(&self) -> Progress;
}

/// What a step came to.
#[derive(Debug)]
pub enum Step {
    /// There is more to do.
    More,
    /// There will be more to do when bytes have come; stepping before is harmless.
    Wait,
    /// That was all.
    Done(Outcome),
}

/// How far a task is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// What it is doing.
    pub phase: Phase,
    /// Bytes or entries done.
    pub done: u64,
    /// Of how many; 0 when not known.
    pub total: u64,
}

/// What a task is doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// Listing archives; counts bytes of the archive.
    #[default]
    Listing,
    /// Reading headers; counts entries.
    Reading,
    /// Hashing; counts bytes.
    Hashing,
    /// Looking at the elements of a tensor; counts bytes.
    Counting,
    /// Comparing the elements of two tensors; counts bytes of both.
    Comparing,
    /// Loading a file from the web; counts bytes.
    Loading,
}

/// A part of a result.
#[derive(Debug)]
pub enum Part {
    /// Further entries of the tree, in the order of their indexes.
    Entries(Vec<Entry>),
    /// What some entries hold, by index; replaces what was given before.
    Contents(Vec<(usize, Contents)>),
    /// SHA-256 of an item in hexadecimal, by index.
    Digest(usize, Result<String>),
    /// The CRC-32 that an item has, by its index, when it is not what its container notes.
    CrcMismatch(usize, u32),
    /// What is wrong with the members of an item that is a zip, by its index.
    Members(usize, Vec<Finding>),
    /// The statistics of a tensor, before its histograms.
    Statistics(Box<Examined>),
    /// What some pairs of tensors have between them, by index.
    Differences(Vec<(usize, Result<Found>)>),
}

/// The end of a result.
#[derive(Debug)]
pub enum Outcome {
    /// Inspected.
    Inspect {
        /// What the layouts made of it.
        runs: Vec<Run>,
        /// What is wrong with the containers.
        findings: Vec<Finding>,
        /// Bytes read of each source.
        bytes_read: Vec<(SourceId, u64)>,
    },
    /// Every item was hashed or reported.
    Digest,
    /// Some bytes of an entry.
    Peek(Vec<u8>),
    /// Statistics and histograms of a tensor.
    Statistics(Box<Examined>),
    /// Some elements of a tensor as text.
    Values(Vec<String>),
    /// What some tensors hold, whatever file they are in.
    Identity {
        /// One digest of all.
        digest: String,
        /// What was found of each.
        held: Vec<Held>,
    },
    /// Every pair was compared or reported.
    Weights,
}

/// Steps `task` until it is done.
///
/// # Errors
/// What the task says.
pub fn run_to_end(task: &mut dyn Task) -> Result<(Vec<Part>, Outcome)> {
    let mut parts = Vec::new();
    loop {
        if let Step::Done(outcome) = task.step(&mut parts)? {
            return Ok((parts, outcome));
        }
    }
}

#[cfg(test)]
mod testing;
