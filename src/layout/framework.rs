//! Frameworks whose conventions differ by names alone: one way to find all of a kind, and what each is called.

use super::{Files, Layout};
use crate::model::Run;

/// A framework, and the names it is found by.
pub struct Framework<H> {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) signature: &'static str,
    /// What tells it from others of its kind.
    pub(super) how: H,
}

/// A kind of convention that several frameworks have.
pub trait How: Sync + Sized {
    /// Finds every run of `framework`, as [`Layout::find`].
    fn find(framework: &Framework<Self>, files: &mut Files<'_>) -> Vec<Run>;
}

impl<H: How> Layout for Framework<H> {
    fn id(&self) -> &'static str {
        self.id
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn signature(&self) -> &'static str {
        self.signature
    }

    fn find(&self, files: &mut Files<'_>) -> Vec<Run> {
        H::find(self, files)
    }
}
