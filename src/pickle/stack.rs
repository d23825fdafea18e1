//! The stack, its marks, and the memo.

use std::collections::BTreeMap;

use super::heap::Id;
use super::reader::Event;
use crate::error::Error;

/// The stack. What lies below the last mark cannot be taken, as in CPython.
#[derive(Debug, Default)]
pub(super) struct Stack {
    items: Vec<Id>,
    marks: Vec<usize>,
}

impl Stack {
    pub(super) fn push(&mut self, id: Id) {
        self.items.push(id);
    }

    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> u64 {
        taken(&self.items).saturating_add(taken(&self.marks))
    }

    /// The topmost item, when there is one above the last mark.
    pub(super) fn pop(&mut self) -> Option<Id> {
        if self.items.len() <= self.fence() {
            return None;
        }
        self.items.pop()
    }

    pub(super) fn top(&self) -> Option<Id> {
        if self.items.len() <= self.fence() {
            return None;
        }
        self.items.last().copied()
    }

    /// The item `depth` below the topmost, when it is above the last mark.
    pub(super) fn peek(&self, depth: usize) -> Option<Id> {
        let at = self.items.len().checked_sub(depth)?.checked_sub(1)?;
        self.items.get(at).filter(|_| at >= self.fence()).copied()
    }

    /// Everything above the last mark.
    pub(super) fn above_mark(&self) -> &[Id] {
        self.items.get(self.fence()..).unwrap_or_default()
    }

    /// The item right below the last mark, which what is above it goes into.
    pub(super) fn below_mark(&self) -> Option<Id> {
        let (last, before) = self.marks.split_last()?;
        let at = last.checked_sub(1)?;
        self.items.get(at).filter(|_| at >= before.last().copied().unwrap_or(0)).copied()
    }

    pub(super) fn mark(&mut self) {
        self.marks.push(self.items.len());
    }

    /// Everything above the last mark, and takes the mark away.
    pub(super) fn pop_mark(&mut self) -> Option<Vec<Id>> {
        let mark = self.marks.pop()?;
        Some(self.items.split_off(mark.min(self.items.len())))
    }

    /// `POP`: an item, or the mark when there is none above it.
    pub(super) fn pop_any(&mut self) -> Option<()> {
        if self.pop().is_none() {
            self.marks.pop()?;
        }
        Some(())
    }

    /// Everything that is not below a mark.
    pub(super) fn level(&mut self) -> Vec<Id> {
        let fence = self.fence();
        self.items.split_off(fence.min(self.items.len()))
    }

    pub(super) fn has_marks(&self) -> bool {
        !self.marks.is_empty()
    }

    fn fence(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }
}

/// The memo. Writers number from 0 upwards, so it is a list, and a map for what is not.
#[derive(Debug, Default)]
pub(super) struct Memo {
    dense: Vec<Id>,
    sparse: BTreeMap<u64, Id>,
}

impl Memo {
    pub(super) fn get(&self, index: u64) -> Option<Id> {
        let dense = usize::try_from(index).ok().and_then(|at| self.dense.get(at));
        dense.or_else(|| self.sparse.get(&index)).copied()
    }

    pub(super) fn put(&mut self, index: u64, id: Id) {
        if let Some(slot) = usize::try_from(index).ok().and_then(|at| self.dense.get_mut(at)) {
            *slot = id;
        } else if index == self.dense.len() as u64 {
            self.dense.push(id);
            self.sparse.remove(&index);
        } else {
            self.sparse.insert(index, id);
        }
    }

    /// Bytes that it takes; a map has some room between its entries.
    pub(super) fn bytes(&self) -> u64 {
        let sparse = self.sparse.len().saturating_mul(size_of::<(u64, Id)>()).saturating_mul(2) as u64;
        taken(&self.dense).saturating_add(sparse)
    }

    /// Entries, which is the index that `MEMOIZE` uses next.
    pub(super) fn len(&self) -> u64 {
        (self.dense.len() as u64).saturating_add(self.sparse.len() as u64)
    }
}

/// Bytes that a list takes; of a full one, what it takes while it moves to twice its size.
fn taken<T>(list: &Vec<T>) -> u64 {
    let times = if list.len() == list.capacity() { 3 } else { 1 };
    list.capacity().saturating_mul(size_of::<T>()).saturating_mul(times) as u64
}

#[cold]
pub(super) fn underflow(event: &Event) -> Error {
    Error::malformed("pickle", event.offset, format!("{} finds nothing on the stack", event.name))
}

#[cold]
pub(super) fn no_mark(event: &Event) -> Error {
    Error::malformed("pickle", event.offset, format!("{} finds no mark on the stack", event.name))
}
