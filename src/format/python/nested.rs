//! Storages that were pickled as bytes: what `pickle.dump` makes of a tensor. The bytes are a file of `torch.save`'s old
//! format of their own: a number, the protocol, the system, the storage, its key; then its count of elements and its data.

use super::document::Document;
use super::known::Known;
use super::storage::Stored;
use crate::error::{Error, Result};
use crate::model::{Layer, Pickle};
use crate::pickle::{Id, Machine, Node, Program};
use crate::source::Source;

/// Pickles before the one of the storage: number, protocol, system.
const BEFORE: usize = 3;
/// Bytes of the count of elements.
const COUNT: u64 = 8;

/// A storage, the way to its bytes, and how many there are.
pub(super) type Found = (Stored, Vec<Layer>, u64);

impl Document<'_> {
    /// The storage in the bytes that `id` is made of.
    pub(super) fn nested(&mut self, id: Id) -> Option<Found> {
        let heap = &self.program.heap;
        let Node::Object(object) = heap.get(id) else { return None };
        if self.known(object.callee) != Known::StorageOfBytes {
            return None;
        }
        let bytes = *heap.items(object.arguments)?.first()?;
        if let Some(found) = self.inner.get(&bytes) {
            return found.clone();
        }
        let found = self.read_nested(bytes).unwrap_or_else(|error| {
            self.failed.get_or_insert(error);
            None
        });
        self.inner.insert(bytes, found.clone());
        found
    }

    fn read_nested(&mut self, bytes: Id) -> Result<Option<Found>> {
        let Some(span) = self.span(bytes) else { return Ok(None) };
        let Some(source) = self.program.source.window(span.offset, span.len) else { return Ok(None) };
        let mut at = 0;
        for _ in 0..BEFORE {
            at = self.run_nested(&source, at, span.offset)?.end;
        }
        let storage = self.run_nested(&source, at, span.offset)?;
        let known: Vec<Known> = storage.pickle.imports.iter().map(Known::of).collect();
        let stored = storage.top.and_then(|top| Stored::of(&storage.heap, &known, top));
        let keys = self.run_nested(&source, storage.end, span.offset)?;
        let (Some(stored), None) = (stored, &keys.stopped) else { return Ok(None) };
        let data = keys.end.saturating_add(COUNT);
        let len = stored.bytes().unwrap_or(u64::MAX);
        if source.window(data, len).is_none() {
            let at = span.offset.saturating_add(data);
            return Err(Error::malformed(
                "pickle",
                at,
                format!("storage {} takes {len} bytes, they are not there", stored.key),
            ));
        }
        let mut layers = self.base.clone();
        layers.push(Layer::Window { offset: span.offset.saturating_add(data), len });
        Ok(Some((stored, layers, len)))
    }

    /// Reads a pickle of the bytes at `outer`; one that imports something is judged like any other.
    fn run_nested(&mut self, source: &Source, at: u64, outer: u64) -> Result<Program> {
        let program = Machine::run(source.clone(), at)?;
        if !program.pickle.imports.is_empty() {
            let hidden = Some(format!("in the bytes at {outer}, which torch loads as a file"));
            self.note_pickle(Pickle { entry: self.program.pickle.entry.clone(), hidden, ..program.pickle.clone() });
        }
        Ok(program)
    }
}
