//! What a pickle imports and does, written down as it is read. Each thing once, with a count.

use std::collections::BTreeMap;

use super::heap::{Heap, Id, Node};
use super::reader::Event;
use super::repr::Repr;
use crate::error::Result;
use crate::limits;
use crate::model::{Act, Import, OpcodeUse, Verb};

/// A name as it is kept: of one that is longer than any that there is, beginning and end, which say where it leads.
fn kept(name: String) -> String {
    const HALF: usize = limits::PICKLE_NAME / 2;
    if name.len() <= limits::PICKLE_NAME {
        return name;
    }
    let head: String = name.chars().take(HALF).collect();
    let behind = name.char_indices().rev().nth(HALF.saturating_sub(1)).map_or(0, |(at, _)| at);
    format!("{head}… {} bytes …{}", name.len(), name.get(behind..).unwrap_or_default())
}

/// Where the thing that something is done to comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    /// It is an import.
    Import(u32),
    /// A call of an import made it.
    Made(u32),
    /// A call of something that a call of an import made, made it, or even further.
    MadeByMade(u32),
    Persistent,
    Extension,
    Buffer,
    Plain,
}

/// The record.
#[derive(Debug, Default)]
pub(super) struct Record {
    pub(super) imports: Vec<Import>,
    pub(super) acts: Vec<Act>,
    names: BTreeMap<(String, String), u32>,
    /// The calls of `getattr`, each with its arguments.
    attributes: BTreeMap<(u32, String), usize>,
    origins: BTreeMap<(Verb, Origin), usize>,
    opcodes: BTreeMap<u8, OpcodeUse>,
    /// The last opcode and its count: most follow one of their kind.
    steps: Vec<(u64, u64)>,
    /// Bytes of the names of imports.
    bytes: u64,
}

impl Record {
    /// Counts an opcode.
    pub(super) fn opcode(&mut self, event: &Event) {
        if self.steps.is_empty() {
            self.steps = vec![(0, 0); 256];
        }
        let Some((first, times)) = self.steps.get_mut(usize::from(event.code)) else { return };
        if *times == 0 {
            *first = event.offset;
            let name = event.name.to_owned();
            self.opcodes.insert(event.code, OpcodeUse { code: event.code, name, offset: event.offset, times: 0 });
        }
        *times = times.saturating_add(1);
    }

    /// Bytes that the names of imports take.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The opcodes counted.
    pub(super) fn opcodes(&mut self) -> Vec<OpcodeUse> {
        let counted = |mut used: OpcodeUse| {
            used.times = self.steps.get(usize::from(used.code)).map_or(0, |(_, times)| *times);
            used
        };
        std::mem::take(&mut self.opcodes).into_values().map(counted).collect()
    }

    /// An import; gives its index.
    pub(super) fn import(&mut self, module: String, name: String, is_constant: bool, offset: u64) -> Result<u32> {
        let key = (kept(module), kept(name));
        let known = self.names.get(&key).copied();
        let seen = known.and_then(|index| self.imports.get_mut(usize::try_from(index).ok()?));
        if let (Some(index), Some(import)) = (known, seen) {
            import.times = import.times.saturating_add(1);
            return Ok(index);
        }
        limits::check("pickle imports", limits::PICKLE_IMPORTS as u64, self.imports.len() as u64)?;
        let index = u32::try_from(self.imports.len()).unwrap_or(u32::MAX);
        let (module, name) = key.clone();
        // Kept twice.
        self.bytes = self.bytes.saturating_add(module.len().saturating_add(name.len()).saturating_mul(2) as u64);
        self.imports.push(Import { module, name, offset, times: 1, is_constant });
        self.names.insert(key, index);
        Ok(index)
    }

    /// Something done to `object` with `arguments`.
    pub(super) fn act(&mut self, verb: Verb, object: Id, arguments: Id, heap: &Heap, offset: u64) -> Result<()> {
        let origin = origin(heap, object);
        let arguments = || Repr::of(heap, &self.imports, arguments, limits::PICKLE_ARGUMENTS);
        if let Origin::Import(index) = origin
            && verb == Verb::Call
            && self.import_at(index).is_some_and(is_getattr)
        {
            // What it takes from what decides what it is.
            let arguments = arguments();
            return self.attribute(index, arguments, offset);
        }
        if let Some(act) = self.origins.get(&(verb, origin)).and_then(|&at| self.acts.get_mut(at)) {
            act.times = act.times.saturating_add(1);
            return Ok(());
        }
        limits::check("pickle acts", limits::PICKLE_IMPORTS as u64, self.acts.len() as u64)?;
        self.origins.insert((verb, origin), self.acts.len());
        let of = self.words(origin);
        let arguments = arguments();
        self.acts.push(Act { verb, of, arguments, offset, times: 1 });
        Ok(())
    }

    fn attribute(&mut self, index: u32, arguments: String, offset: u64) -> Result<()> {
        let key = (index, arguments);
        if let Some(act) = self.attributes.get(&key).and_then(|&at| self.acts.get_mut(at)) {
            act.times = act.times.saturating_add(1);
            return Ok(());
        }
        limits::check("pickle acts", limits::PICKLE_IMPORTS as u64, self.acts.len() as u64)?;
        let of = self.words(Origin::Import(index));
        self.acts.push(Act { verb: Verb::Call, of, arguments: key.1.clone(), offset, times: 1 });
        self.attributes.insert(key, self.acts.len().saturating_sub(1));
        Ok(())
    }

    fn import_at(&self, index: u32) -> Option<&Import> {
        self.imports.get(usize::try_from(index).ok()?)
    }

    fn words(&self, origin: Origin) -> String {
        let path = |index: u32| {
            let import = usize::try_from(index).ok().and_then(|at| self.imports.get(at));
            import.map_or_else(|| "?".to_owned(), Import::path)
        };
        match origin {
            Origin::Import(index) => path(index),
            Origin::Made(index) => format!("what {} gives", path(index)),
            Origin::MadeByMade(index) => format!("what comes of what {} gives", path(index)),
            Origin::Persistent => "an object of the loader".to_owned(),
            Origin::Extension => "an extension".to_owned(),
            Origin::Buffer => "a foreign buffer".to_owned(),
            Origin::Plain => "a plain value".to_owned(),
        }
    }
}

fn is_getattr(import: &Import) -> bool {
    import.name == "getattr" && matches!(import.module.as_str(), "builtins" | "__builtin__")
}

fn origin(heap: &Heap, id: Id) -> Origin {
    let mut at = id;
    for distance in 0..16 {
        match heap.get(at) {
            Node::Object(object) => at = object.callee,
            Node::Import(index) => {
                return match distance {
                    0 => Origin::Import(*index),
                    1 => Origin::Made(*index),
                    _ => Origin::MadeByMade(*index),
                };
            }
            Node::Persistent(_) => return Origin::Persistent,
            Node::Extension(_) => return Origin::Extension,
            Node::Buffer => return Origin::Buffer,
            _ => return Origin::Plain,
        }
    }
    Origin::Plain
}
