//! What can be asked about a tensor, and how such a question stands.

use crate::protocol::Problem;
use crate::tensor::Window;

/// Elements as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Which they are.
    pub window: Window,
    /// Each as text that reads back as the same, row by row; none while they are read.
    pub texts: Vec<String>,
}

/// What can be asked about a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Statistics and histograms.
    Statistics,
    /// Some elements.
    Values,
    /// The digest of its bytes.
    Digest,
}

/// How a question stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Answer<T> {
    /// Not asked.
    #[default]
    Unasked,
    /// Being found out.
    Working,
    /// A first part is there.
    Partly(T),
    /// There.
    Known(T),
    /// The user stopped it.
    Stopped,
    /// Not to be had.
    Failed(Problem),
}

impl<T> Answer<T> {
    /// What is known.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Partly(known) | Self::Known(known) => Some(known),
            _ => None,
        }
    }
}
