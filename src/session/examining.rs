//! One tensor and what is found out about its elements: statistics, some values, the digest of its bytes. Its bytes
//! themselves are [`Session::peek_tensor`]'s.

use super::{ActivityId, Command, FileKey, PickId, Purpose, Session};
use crate::limits;
use crate::model::{Hashed, Locator};
use crate::protocol::{FileBytes, FileSpec, Outcome, Part, Problem, TaskSpec, TensorSpec, unpack};
use crate::tensor::{Elements, Examined};

/// A tensor that is looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Examining {
    /// The file it is in.
    pub path: String,
    /// Its index among the tensors of the file.
    pub index: usize,
    /// Its name.
    pub name: String,
    /// Type, shape and order; `None` when the file has no bytes of it.
    pub elements: Option<Elements>,
    /// Statistics; while they are [`Answer::Partly`] there, the histograms are on their way.
    pub statistics: Answer<Examined>,
    /// Some elements.
    pub values: Answer<Shown>,
    /// SHA-256 of its bytes, as they lie in the file (for a view: from its first element to its last).
    pub sha256: Answer<String>,
    pick: PickId,
    file: Option<FileSpec>,
    locator: Locator,
}

/// Elements as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Where the first comes when they are read row by row.
    pub first: u64,
    /// Each as text that reads back as the same.
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

impl Session {
    /// Turns to the tensor at `index` of the file at `path`, and asks nothing yet. What was asked about another one is
    /// stopped.
    pub fn examine(&mut self, path: &str, index: usize) -> Vec<Command> {
        let is_same = |shown: &Examining| shown.path == path && shown.index == index;
        if self.examining.as_ref().is_some_and(is_same) {
            return Vec::new();
        }
        let commands = self.stop_examining();
        self.examining = self.find_tensor(path, index);
        commands
    }

    /// Turns away from the tensor.
    pub fn stop_examining(&mut self) -> Vec<Command> {
        let asked = [Asked::Statistics, Asked::Values, Asked::Digest];
        let commands = asked.into_iter().flat_map(|asked| self.cancel(ActivityId::Examine(asked))).collect();
        self.examining = None;
        commands
    }

    /// Asks for statistics and histograms of all its elements, or with `sample` of about so many of them.
    pub fn ask_for_statistics(&mut self, sample: Option<u64>) -> Vec<Command> {
        self.ask(Asked::Statistics, |shown, tensor| {
            shown.statistics = Answer::Working;
            TaskSpec::Statistics { tensor: Box::new(tensor), sample }
        })
    }

    /// Asks for elements from `first` on, when they are read row by row.
    pub fn ask_for_values(&mut self, first: u64) -> Vec<Command> {
        self.ask(Asked::Values, |shown, tensor| {
            shown.values = Answer::Partly(Shown { first, texts: Vec::new() });
            TaskSpec::Values { tensor: Box::new(tensor), first, count: limits::VALUES_WINDOW }
        })
    }

    /// Asks for the digest of its bytes.
    pub fn ask_for_digest(&mut self) -> Vec<Command> {
        self.ask(Asked::Digest, |shown, tensor| {
            shown.sha256 = Answer::Working;
            TaskSpec::Digest { files: vec![tensor.file], items: vec![vec![Hashed::plain(tensor.locator)]] }
        })
    }

    /// Reads a window of its bytes, from `offset` on, into [`Session::peeking`].
    pub fn peek_tensor(&mut self, offset: u64) -> Vec<Command> {
        let Some(shown) = self.examining.clone() else { return Vec::new() };
        let (Some(file), Some(elements)) = (shown.file.clone(), &shown.elements) else { return Vec::new() };
        let size = elements.span_bytes().unwrap_or(u64::MAX);
        let name = format!("{} › {}", shown.path, shown.name);
        self.peek_at(name, size, offset, (shown.pick, file, shown.locator))
    }

    fn ask(&mut self, asked: Asked, task: impl FnOnce(&mut Examining, TensorSpec) -> TaskSpec) -> Vec<Command> {
        let mut commands = self.cancel(ActivityId::Examine(asked));
        let Some(shown) = &mut self.examining else { return commands };
        let (Some(file), Some(elements)) = (shown.file.clone(), shown.elements.clone()) else {
            let problem = Problem::ours(format!("the file has no bytes of {}", shown.name));
            self.examining_failed(asked, problem);
            return commands;
        };
        let (file, key) = sent(file, shown.pick);
        let tensor = TensorSpec { file, locator: shown.locator.clone(), elements };
        let task = task(shown, tensor);
        commands.push(self.start(Purpose::Examine(asked), task, key.into_iter().collect()));
        commands
    }

    fn find_tensor(&self, path: &str, index: usize) -> Option<Examining> {
        self.picks.iter().find_map(|pick| {
            let at = pick.opened.find(path)?;
            let (entry, tensor) = (pick.opened.entries.get(at)?, pick.opened.contents_at(at)?.tensors.get(index)?);
            let file = usize::try_from(entry.locator.root).ok().and_then(|root| pick.files.get(root)).cloned();
            let layers = tensor.place.as_ref().map_or(&[][..], |place| &place.layers);
            let inside = Locator { root: 0, layers: entry.locator.layers.clone() };
            Some(Examining {
                path: path.to_owned(),
                index,
                name: tensor.name.clone(),
                elements: Elements::of(tensor),
                statistics: Answer::Unasked,
                values: Answer::Unasked,
                sha256: Answer::Unasked,
                pick: pick.id,
                file,
                locator: inside.then(layers),
            })
        })
    }

    pub(super) fn take_examined_part(&mut self, part: Part) {
        let Some(shown) = &mut self.examining else { return };
        match part {
            Part::Statistics(examined) => {
                shown.statistics = unpack(&examined).map_or_else(Answer::Failed, Answer::Partly);
            }
            Part::Digest { sha256, .. } => shown.sha256 = sha256.map_or_else(Answer::Failed, Answer::Known),
            Part::Entries(_) | Part::Contents(_) => {}
        }
    }

    pub(super) fn take_examined(&mut self, asked: Asked, outcome: Outcome) {
        let Some(shown) = &mut self.examining else { return };
        match (asked, outcome) {
            (Asked::Statistics, Outcome::Statistics(examined)) => {
                shown.statistics = unpack(&examined).map_or_else(Answer::Failed, Answer::Known);
            }
            (Asked::Values, Outcome::Values(texts)) => {
                let first = shown.values.known().map_or(0, |shown| shown.first);
                let known = |texts| Answer::Known(Shown { first, texts });
                shown.values = unpack(&texts).map_or_else(Answer::Failed, known);
            }
            _ => {}
        }
    }

    pub(super) fn examining_stopped(&mut self, asked: Asked) {
        let Some(shown) = &mut self.examining else { return };
        match asked {
            // Statistics that were told before the histograms stay.
            Asked::Statistics => {
                if shown.statistics == Answer::Working {
                    shown.statistics = Answer::Stopped;
                }
            }
            Asked::Values => shown.values = Answer::Stopped,
            Asked::Digest => shown.sha256 = Answer::Stopped,
        }
    }

    pub(super) fn examining_failed(&mut self, asked: Asked, problem: Problem) {
        let Some(shown) = &mut self.examining else { return };
        match asked {
            Asked::Statistics => shown.statistics = Answer::Failed(problem),
            Asked::Values => shown.values = Answer::Failed(problem),
            Asked::Digest => shown.sha256 = Answer::Failed(problem),
        }
    }

    pub(super) fn examining_label(&self, asked: Asked) -> String {
        let name = self.examining.as_ref().map_or("…", |shown| &shown.name);
        match asked {
            Asked::Statistics => format!("statistics of {name}"),
            Asked::Values => format!("reading {name}"),
            Asked::Digest => format!("hashing {name}"),
        }
    }
}

/// A file as the only one of a task, and the browser file to attach for it.
pub(super) fn sent(file: FileSpec, pick: PickId) -> (FileSpec, Option<FileKey>) {
    match file.bytes {
        FileBytes::Attached(index) => {
            (FileSpec { bytes: FileBytes::Attached(0), ..file }, Some(FileKey { pick, index }))
        }
        FileBytes::Url(_) => (file, None),
    }
}
