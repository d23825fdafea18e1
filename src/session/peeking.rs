//! The bytes shown of one entry, for the text and hex views.

use super::examining::sent;
use super::{Command, PickId, Purpose, Session};
use crate::limits;
use crate::model::{Entry, Locator};
use crate::protocol::{FileSpec, Outcome, Problem, TaskSpec};

/// What is shown of one entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peeking {
    /// The entry.
    pub path: String,
    /// Its size.
    pub size: u64,
    /// First byte shown.
    pub offset: u64,
    /// The bytes.
    pub bytes: Peeked,
}

/// The bytes shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peeked {
    /// On their way.
    Reading,
    /// Here.
    Bytes(Vec<u8>),
    /// Not to be had.
    Failed(String),
}

impl Session {
    /// Reads a window of the entry at `path`, from `offset` on.
    pub fn peek(&mut self, path: &str, offset: u64) -> Vec<Command> {
        let found = self.picks.iter().find_map(|pick| {
            let entry = pick.opened.entries.iter().find(|entry| entry.path == path)?;
            let root = usize::try_from(entry.locator.root).ok()?;
            Some((pick.id, entry.clone(), pick.files.get(root)?.clone()))
        });
        let Some((pick, entry, file)) = found else { return Vec::new() };
        self.peek_at(path.to_owned(), entry.size, offset, (pick, file, rooted(&entry)))
    }

    /// Reads a window of the `size` bytes that a locator leads to in a file.
    pub(super) fn peek_at(
        &mut self,
        path: String,
        size: u64,
        offset: u64,
        (pick, file, locator): (PickId, FileSpec, Locator),
    ) -> Vec<Command> {
        let mut commands = self.cancel(super::ActivityId::Peek);
        self.peeking = Some(Peeking { path, size, offset, bytes: Peeked::Reading });
        let (file, key) = sent(file, pick);
        let task = TaskSpec::Peek { file, locator, offset, len: limits::TEXT_WINDOW };
        commands.push(self.start(Purpose::Peek, task, key.into_iter().collect()));
        commands
    }

    pub(super) fn take_peeked(&mut self, outcome: Outcome) {
        if let (Some(peeking), Outcome::Peek(bytes)) = (&mut self.peeking, outcome) {
            peeking.bytes = Peeked::Bytes(bytes.into_vec());
        }
    }

    pub(super) fn peeking_failed(&mut self, problem: &Problem) {
        if let Some(peeking) = &mut self.peeking {
            peeking.bytes = Peeked::Failed(problem.detail.clone());
        }
    }
}

/// The way to an entry when its file is the only one sent.
fn rooted(entry: &Entry) -> Locator {
    Locator { root: 0, layers: entry.locator.layers.clone() }
}
