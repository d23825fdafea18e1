//! What checkpoints hold, as one digest each that does not depend on the container ([`crate::tensor::identity`]): a `.pt`,
//! its safetensors conversion and a copy in other shards have the same.
//!
//! Counted are the tensors of the model, buffers too. Training scripts put them under a key of their own beside the
//! optimizer's; a key that is around all of them is left out of their names.

use super::attached::Attached;
use super::{ActivityId, Answer, CheckpointRef, Command, Purpose, Session};
use crate::model::{Entry, MODEL_KEYS, Tensor, TensorRole};
use crate::protocol::{Problem, TaskSpec, pack, unpack};
use crate::tensor::{Elements, Held, NamedTensor};

/// A checkpoint whose identity was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Identified {
    /// Its path.
    pub path: String,
    /// Tensors counted.
    pub tensors: usize,
    /// Tensors whose elements cannot be read one by one (quantised in blocks, without bytes), with their types: they are
    /// not in the digest.
    pub left_out: Vec<String>,
    /// The digest, in hexadecimal.
    pub identity: Answer<String>,
}

/// Files, tensors, and the names of those that are left out.
type Gathered = (Attached, Vec<NamedTensor>, Vec<String>);

impl Session {
    /// Computes the identity of the checkpoint at `path`.
    pub fn identify(&mut self, path: &str) -> Vec<Command> {
        let mut commands = self.cancel(ActivityId::Identify);
        let Some(asked) = self.checkpoint_at(path).map(|found| self.gather(&found)) else { return commands };
        let (tensors, left_out, identity) = match &asked {
            Ok((_, tensors, left_out)) => (tensors.len(), left_out.clone(), Answer::Working),
            Err(problem) => (0, Vec::new(), Answer::Failed(problem.clone())),
        };
        self.identified.retain(|known| known.path != path);
        self.identified.push(Identified { path: path.to_owned(), tensors, left_out, identity });
        if let Ok((Attached { files, keys, .. }, tensors, _)) = asked {
            let task = TaskSpec::Identity { files, tensors: pack(&tensors) };
            commands.push(self.start(Purpose::Identify(path.to_owned()), task, keys));
        }
        commands
    }

    /// Other checkpoints that are known to hold the same, as far as both were counted: what was left out must be called the
    /// same too.
    pub fn same_as(&self, path: &str) -> Vec<&str> {
        let known = |of: &Identified| of.identity.known().map(|digest| (digest.clone(), of.left_out.clone()));
        let own = self.identified.iter().find(|of| of.path == path).and_then(known);
        let others = self.identified.iter().filter(|of| of.path != path && own.is_some() && known(of) == own);
        others.map(|of| of.path.as_str()).collect()
    }

    /// The tensors of a checkpoint's model, the files they are in, and those that are left out.
    fn gather(&self, found: &CheckpointRef<'_>) -> Result<Gathered, Problem> {
        let (mut attached, mut named, mut left_out) = (Attached::default(), Vec::new(), Vec::new());
        let place = self.picks.iter().position(|pick| pick.id == found.selection.pick).unwrap_or(usize::MAX);
        let Some(pick) = self.picks.get(place) else { return Ok((attached, named, left_out)) };
        for Counted { name, entry, tensor, .. } in counted(found) {
            let Some(elements) = readable(tensor) else {
                left_out.push(format!("{name} ({})", tensor.dtype.name()));
                continue;
            };
            let layers = tensor.place.as_ref().map_or(&[][..], |place| &place.layers);
            let locator = attached.locate(place, pick, entry).then(layers);
            named.push(NamedTensor { name: name.to_owned(), locator, elements });
        }
        if named.is_empty() {
            let why =
                if left_out.is_empty() { "no tensors of a model" } else { "no tensors that can be read one by one" };
            return Err(Problem::ours(format!("{} has {why}", found.checkpoint.path)));
        }
        left_out.sort();
        Ok((attached, named, left_out))
    }

    /// Keeps what was found of each tensor of the checkpoint at `path`, in the order in which they were gathered.
    pub(super) fn hold(&mut self, path: &str, held: &[u8]) {
        let Some(found) = self.checkpoint_at(path) else { return };
        let pick = found.selection.pick;
        let read = counted(&found).into_iter().filter(|counted| readable(counted.tensor).is_some());
        let places: Vec<(usize, usize)> = read.map(|counted| counted.place).collect();
        // A worker of the same build packed them.
        let held = unpack::<Vec<Held>>(held).unwrap_or_default();
        if held.len() == places.len() {
            places.into_iter().zip(held).for_each(|(place, held)| self.holding.keep(pick, place, held));
        }
    }

    pub(super) fn identity_found(&mut self, path: &str, answer: Answer<String>) {
        if let Some(known) = self.identified.iter_mut().find(|known| known.path == path) {
            known.identity = answer;
            self.finished = self.finished.saturating_add(1);
        }
    }
}

/// A tensor of a model.
struct Counted<'a> {
    /// Its name, without a key around all of them.
    name: &'a str,
    entry: &'a Entry,
    tensor: &'a Tensor,
    /// Indexes of its entry among all, and of the tensor in it.
    place: (usize, usize),
}

/// The tensors of a checkpoint's model.
fn counted<'a>(found: &CheckpointRef<'a>) -> Vec<Counted<'a>> {
    let mut all = Vec::new();
    for (at, entry, contents) in found.indexed_files() {
        let tensors = contents.map_or(&[][..], |contents| &contents.tensors);
        for (index, tensor) in tensors.iter().enumerate().filter(|(_, tensor)| is_of_model(tensor)) {
            all.push(Counted { name: &tensor.name, entry, tensor, place: (at, index) });
        }
    }
    let of_model = all.iter().map(|counted| counted.tensor).filter(|tensor| tensor.role == TensorRole::Model);
    let around = around(&of_model.collect::<Vec<_>>());
    let bare = |counted: Counted<'a>| Some(Counted { name: counted.name.strip_prefix(&around)?, ..counted });
    all.into_iter().filter_map(bare).collect()
}

/// What lies there, when it can be read element by element.
fn readable(tensor: &Tensor) -> Option<Elements> {
    Elements::of(tensor).filter(|elements| elements.code().is_ok())
}

fn is_of_model(tensor: &Tensor) -> bool {
    matches!(tensor.role, TensorRole::Model | TensorRole::Other)
}

/// What stands in front of the names of all these tensors, as far as it is a key around a model.
fn around(tensors: &[&Tensor]) -> String {
    let mut around = String::new();
    while let Some(rest) = tensors.first().and_then(|tensor| tensor.name.get(around.len()..))
        && let Some((key, _)) = rest.split_once('.')
        && (key == "checkpoint" || MODEL_KEYS.contains(&key))
    {
        let longer = format!("{around}{key}.");
        if !tensors.iter().all(|tensor| tensor.name.starts_with(&longer)) {
            break;
        }
        around = longer;
    }
    around
}
