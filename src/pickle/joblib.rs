//! joblib (1.6, `joblib/numpy_pickle.py`) puts the bytes of an array into the pickle, behind the object that stands for
//! it: a byte that counts the padding, the padding, the elements; its loader puts the array in the object's place. An array
//! of objects is a pickle of its own there.

use super::heap::{Id, Node};
use super::machine::Machine;
use crate::error::{Error, Result};
use crate::model::Import;

impl Machine {
    /// Goes on behind the array that `target` stands for, once it has its `state`; the elements become a state of it too.
    pub(super) fn pass_array(&mut self, target: Id, state: Id) -> Result<()> {
        let Node::Object(object) = self.heap.get(target) else { return Ok(()) };
        if !self.import_of(object.callee).is_some_and(is_wrapper) {
            return Ok(());
        }
        let at = self.reader.position();
        let Some((count, code)) = self.array_of(state) else {
            return Err(Error::malformed("pickle", at, "joblib's array does not say how long it is"));
        };
        if code.starts_with('O') {
            return self.pass_objects(at);
        }
        let Some(len) = width(&code).and_then(|width| count.checked_mul(width)) else {
            return Err(Error::malformed("pickle", at, format!("joblib's array has elements of type {code:?}")));
        };
        if self.heap.field(state, "numpy_array_alignment_bytes").is_some_and(|id| id != Id::NONE) {
            let padding = self.reader.skip(1)?;
            let padding = self.reader.bytes(padding)?.first().copied().unwrap_or(0);
            self.reader.skip(u64::from(padding))?;
        }
        let elements = self.reader.skip(len)?;
        let elements = self.heap.add(Node::Bytes(elements))?;
        if let Some(Node::Object(object)) = self.heap.get_mut(target) {
            object.states.push(elements);
        }
        Ok(())
    }

    fn pass_objects(&mut self, at: u64) -> Result<()> {
        let inner = Self::run(self.reader.source().clone(), at)?;
        let len = inner.end.saturating_sub(at);
        self.inner.push(inner.pickle);
        match inner.stopped {
            Some(error) => Err(error),
            None => self.reader.skip(len).map(drop),
        }
    }

    /// Elements, and the code of their type.
    fn array_of(&self, state: Id) -> Option<(u64, String)> {
        let mut count = 1_u64;
        for id in self.heap.items(self.heap.field(state, "shape")?)? {
            count = count.checked_mul(u64::try_from(self.heap.int(*id)?).ok()?)?;
        }
        let Node::Object(dtype) = self.heap.get(self.heap.field(state, "dtype")?) else { return None };
        let code = self.heap.text(*self.heap.items(dtype.arguments)?.first()?)?;
        Some((count, code.to_owned()))
    }
}

fn is_wrapper(import: &Import) -> bool {
    import.name == "NumpyArrayWrapper" && import.module.ends_with("joblib.numpy_pickle")
}

/// Bytes of an element: `f8`, `V16`, `U3` of characters of four bytes.
fn width(code: &str) -> Option<u64> {
    let digits = code.trim_start_matches(|c: char| !c.is_ascii_digit());
    let number: u64 = digits.parse().ok()?;
    number.checked_mul(if code.contains('U') { 4 } else { 1 })
}
