//! One tensor and what is found out about its elements: statistics, some values, the digest of its bytes. Its bytes
//! themselves are [`Session::peek_tensor`]'s.

use super::answer::{Answer, Asked, Shown};
use super::sharing::Shared;
use super::{ActivityId, Command, FileKey, PickId, Purpose, Session};
use crate::limits;
use crate::model::{Hashing, Layer, Locator, Tensor};
use crate::protocol::{FileBytes, FileSpec, Outcome, Part, Problem, TaskSpec, TensorSpec, unpack};
use crate::tensor::{Corner, Elements, Examined, Passes, Plane, Window};

/// A tensor that is looked at.
#[derive(Debug, Clone, PartialEq)]
pub struct Examining {
    /// The file it is in.
    pub path: String,
    /// Its index among the tensors of the file.
    pub index: usize,
    /// Its name.
    pub name: String,
    /// What the file says of it.
    pub tensor: Tensor,
    /// Type, shape and order; `None` when the file has no bytes of it.
    pub elements: Option<Elements>,
    /// Where the window of values begins.
    pub corner: Corner,
    /// Statistics; while they are [`Answer::Partly`] there, the histograms are on their way.
    pub statistics: Answer<Examined>,
    /// Some elements.
    pub values: Answer<Shown>,
    /// SHA-256 of its bytes, as they lie in the file (for a view: from its first element to its last).
    pub sha256: Answer<String>,
    pub(super) locator: Locator,
    /// What the workers share.
    pub(super) shared: Option<Shared>,
    pick: PickId,
    file: Option<FileSpec>,
}

impl Examining {
    /// Why there are no values and statistics, for people; `None` when there are.
    pub fn why_no_numbers(&self) -> Option<&'static str> {
        let name = self.tensor.dtype.name();
        match &self.elements {
            _ if name == "O" => Some(
                "Objects, not numbers. In NumPy's files they are a pickle, which is never run; in HDF5 they are references or text.",
            ),
            None => Some("The file names this tensor and holds no bytes of it."),
            Some(elements) => elements.code().is_err().then(|| why_no_code(name)),
        }
    }

    /// Whether looking at all of it is quick.
    fn is_small(&self) -> bool {
        let inflated = self.locator.layers.iter().map(|layer| match layer {
            Layer::Inflate { size } | Layer::Gunzip { size } => *size,
            _ => 0,
        });
        let span = self.elements.as_ref().and_then(|elements| elements.span_bytes().ok()).unwrap_or(u64::MAX);
        inflated.fold(span, u64::max) <= limits::EXAMINED_AT_ONCE
    }
}

/// Why elements of a type are not read as numbers.
fn why_no_code(dtype: &str) -> &'static str {
    match dtype.get(..1).unwrap_or_default() {
        "F" if dtype.starts_with("F6") => {
            "Packed six-bit floats: writers do not agree on their order, so they are not unpacked here. Its bytes are shown below."
        }
        "<" | ">" | "|" | "S" | "U" => "Text, not numbers. Its bytes are shown below.",
        "V" => "Records of several fields, or a type NumPy only knows by its width. Its bytes are shown below.",
        "Q" | "I" | "T" | "M" | "N" | "q" => {
            "Quantised: blocks of small numbers that share a scale. They are not unpacked here, so there are no values and statistics. Its bytes and their digest are below."
        }
        _ => "A type, or an order of packed elements, that is not read as numbers here. Its bytes are shown below.",
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

    /// Turns to the tensor with this name in the file at `path`. What is small is looked at without being asked.
    pub fn look_at(&mut self, path: &str, name: &str) -> Vec<Command> {
        let named = self.picks.iter().find_map(|pick| {
            let contents = pick.opened.contents_at(pick.opened.find(path)?)?;
            contents.tensors.iter().position(|tensor| tensor.name == name)
        });
        let Some(index) = named else { return self.stop_examining() };
        let mut commands = self.examine(path, index);
        let Some(shown) = &self.examining else { return commands };
        let is_new = shown.values == Answer::Unasked && shown.statistics == Answer::Unasked;
        if is_new && shown.why_no_numbers().is_none() && shown.is_small() {
            commands.extend(self.ask_for_values(&Corner::default()));
            commands.extend(self.ask_for_statistics(None));
        }
        commands
    }

    /// Turns away from the tensor.
    pub fn stop_examining(&mut self) -> Vec<Command> {
        if self.examining.take().is_none() {
            return Vec::new();
        }
        let asked = [Asked::Statistics, Asked::Values, Asked::Digest];
        asked.into_iter().flat_map(|asked| self.cancel(ActivityId::Examine(asked))).collect()
    }

    /// Asks for statistics and histograms of all its elements, or with `sample` of about so many of them.
    pub fn ask_for_statistics(&mut self, sample: Option<u64>) -> Vec<Command> {
        let stopped = self.cancel(ActivityId::Examine(Asked::Statistics));
        let begun = sample.is_none().then(|| self.share_statistics()).flatten().unwrap_or_else(|| {
            self.ask(Asked::Statistics, |shown, tensor| {
                shown.statistics = Answer::Working;
                TaskSpec::Statistics { tensor: Box::new(tensor), sample, passes: Passes::Both }
            })
        });
        stopped.into_iter().chain(begun).collect()
    }

    /// Asks for the rows and columns from a corner on.
    pub fn ask_for_values(&mut self, corner: &Corner) -> Vec<Command> {
        self.ask(Asked::Values, |shown, tensor| {
            let plane = Plane::of(&tensor.elements.shape);
            let window = plane.window(corner, limits::VALUES_SIDE);
            shown.corner = plane.clamp(corner);
            shown.values = Answer::Partly(Shown { window, texts: Vec::new() });
            TaskSpec::Values { tensor: Box::new(tensor), window }
        })
    }

    /// Asks for the digest of its bytes.
    pub fn ask_for_digest(&mut self) -> Vec<Command> {
        self.ask(Asked::Digest, |shown, tensor| {
            shown.sha256 = Answer::Working;
            TaskSpec::Digest { files: vec![tensor.file], items: vec![Hashing::sha256(tensor.locator)] }
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

    /// The tensor as a worker is told of it, and the browser file to attach.
    pub(super) fn examined_file(&self) -> Option<(FileSpec, Option<FileKey>)> {
        let shown = self.examining.as_ref()?;
        Some(sent(shown.file.clone()?, shown.pick))
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
                tensor: tensor.clone(),
                elements: Elements::of(tensor),
                corner: Corner::default(),
                statistics: Answer::Unasked,
                values: Answer::Unasked,
                sha256: Answer::Unasked,
                pick: pick.id,
                file,
                locator: inside.then(layers),
                shared: None,
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
            Part::Entries(_)
            | Part::Contents(_)
            | Part::CrcMismatch { .. }
            | Part::Members { .. }
            | Part::Differences(_) => {}
        }
    }

    pub(super) fn take_examined(&mut self, asked: Asked, outcome: Outcome) {
        let Some(shown) = &mut self.examining else { return };
        match (asked, outcome) {
            (Asked::Statistics, Outcome::Statistics(examined)) => {
                shown.statistics = unpack(&examined).map_or_else(Answer::Failed, Answer::Known);
            }
            (Asked::Values, Outcome::Values(texts)) => {
                let window = shown.values.known().map_or(Window::line(0, 0), |shown| shown.window);
                let known = |texts| Answer::Known(Shown { window, texts });
                shown.values = unpack(&texts).map_or_else(Answer::Failed, known);
            }
            _ => {}
        }
    }

    pub(super) fn examining_stopped(&mut self, asked: Asked) {
        let Some(shown) = &mut self.examining else { return };
        match asked {
            Asked::Statistics => {
                shown.shared = None;
                // What was told before the histograms stays.
                shown.statistics = match std::mem::take(&mut shown.statistics) {
                    Answer::Partly(examined) | Answer::Known(examined) => Answer::Known(examined),
                    _ => Answer::Stopped,
                };
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
