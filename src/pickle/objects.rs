//! Containers, and what would run code.

use super::heap::{Id, Node, Object, PIECE};
use super::machine::Machine;
use super::nature::{is_empty_state, is_foreign, kind};
use super::opcode as op;
use super::reader::{Argument, Event};
use super::repr::Repr;
use crate::error::{Error, Result};
use crate::model::Verb;

/// Text of a module or name that is no text.
const OPERAND: usize = 120;

impl Machine {
    /// Lists, tuples, dicts, sets.
    pub(super) fn container(&mut self, event: &Event) -> Result<bool> {
        match event.code {
            op::LIST => {
                let items = self.pop_mark(event)?;
                self.push(Node::List(items))?;
            }
            op::TUPLE => {
                let items = self.pop_mark(event)?;
                self.push(Node::Tuple(items))?;
            }
            op::TUPLE1 | op::TUPLE2 | op::TUPLE3 => {
                let count = event.code.wrapping_sub(op::TUPLE1).wrapping_add(1);
                let mut items = (0..count).map(|_| self.pop(event)).collect::<Result<Vec<Id>>>()?;
                items.reverse();
                self.push(Node::Tuple(items))?;
            }
            op::DICT => {
                let pairs = self.pop_pairs(event)?;
                self.push(Node::Dict(pairs))?;
            }
            op::FROZENSET => {
                let items = self.pop_mark(event)?;
                self.push(Node::Set(items))?;
            }
            op::APPEND => {
                let item = self.pop(event)?;
                self.append(vec![item], Verb::Append, event)?;
            }
            op::APPENDS | op::ADDITEMS => {
                let items = self.pop_mark(event)?;
                let verb = if event.code == op::APPENDS { Verb::Append } else { Verb::Add };
                self.append(items, verb, event)?;
            }
            op::SETITEM => {
                let (value, key) = (self.pop(event)?, self.pop(event)?);
                self.set_items(vec![(key, value)], event)?;
            }
            op::SETITEMS => {
                let pairs = self.pop_pairs(event)?;
                self.set_items(pairs, event)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn pop_pairs(&mut self, event: &Event) -> Result<Vec<(Id, Id)>> {
        let items = self.pop_mark(event)?;
        let (pairs, rest) = items.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(Error::malformed(
                "pickle",
                event.offset,
                format!("{} finds a key without a value", event.name),
            ));
        }
        Ok(pairs.iter().map(|[key, value]| (*key, *value)).collect())
    }

    fn append(&mut self, items: Vec<Id>, verb: Verb, event: &Event) -> Result<()> {
        let target = self.top(event)?;
        // With nothing to add CPython does not look at the target at all.
        if items.is_empty() {
            return Ok(());
        }
        self.heap.charge(grown::<Id>(items.len()));
        match (self.heap.get_mut(target), verb) {
            (Some(Node::List(list)), Verb::Append) | (Some(Node::Set(list)), Verb::Add) => {
                list.extend(items);
                return Ok(());
            }
            // A bytearray takes numbers.
            (Some(Node::Bytes(_)), Verb::Append) => return Ok(()),
            (Some(Node::Object(object)), _) => object.appended.extend(items.iter().copied()),
            _ => {}
        }
        let first = items.first().copied().unwrap_or(Id::NONE);
        self.foreign(verb, target, first, event)
    }

    fn set_items(&mut self, pairs: Vec<(Id, Id)>, event: &Event) -> Result<()> {
        let target = self.top(event)?;
        let Some(&(first, value)) = pairs.first() else { return Ok(()) };
        self.heap.charge(grown::<(Id, Id)>(pairs.len()));
        // A list or a bytearray takes items by number.
        let number = self.heap.int(first);
        match self.heap.get_mut(target) {
            Some(Node::List(list)) if number.is_some() => {
                let slot = number.and_then(|at| usize::try_from(at).ok()).and_then(|at| list.get_mut(at));
                if let Some(slot) = slot {
                    *slot = value;
                }
                return Ok(());
            }
            Some(Node::Bytes(_)) if number.is_some() => return Ok(()),
            Some(Node::Dict(dict)) => {
                dict.extend(pairs);
                return Ok(());
            }
            Some(Node::Object(object)) => object.items.extend(pairs),
            _ => {}
        }
        self.foreign(Verb::SetItems, target, first, event)
    }

    /// Writes down what is done to something that is no plain value; Python would stop at one that is.
    fn foreign(&mut self, verb: Verb, target: Id, argument: Id, event: &Event) -> Result<()> {
        let node = self.heap.get(target);
        if !is_foreign(node) {
            let what = format!("{} finds {}, with which that cannot be done", event.name, kind(node));
            return Err(Error::malformed("pickle", event.offset, what));
        }
        self.record.act(verb, target, argument, &self.heap, event.offset)
    }

    /// Imports, calls, states, ids, extensions, buffers.
    pub(super) fn object(&mut self, event: &Event) -> Result<()> {
        match (event.code, &event.argument) {
            (op::GLOBAL, Argument::Lines(module, name)) => {
                let import = self.import(module, name, event)?;
                self.push(import)
            }
            (op::INST, Argument::Lines(module, name)) => {
                let import = self.import(module, name, event)?;
                let callee = self.heap.add(import)?;
                let arguments = self.pop_mark(event)?;
                self.call(callee, arguments, event)
            }
            (op::OBJ, _) => {
                let mut arguments = self.pop_mark(event)?;
                if arguments.is_empty() {
                    return Err(Error::malformed("pickle", event.offset, "OBJ finds no class on the stack"));
                }
                let callee = arguments.remove(0);
                self.call(callee, arguments, event)
            }
            (op::STACK_GLOBAL, _) => self.stack_global(event),
            (op::REDUCE, _) => {
                let (arguments, callee) = (self.pop(event)?, self.pop(event)?);
                self.make(Verb::Call, callee, arguments, None, event)
            }
            (op::NEWOBJ, _) => {
                let (arguments, callee) = (self.pop(event)?, self.pop(event)?);
                self.make(Verb::New, callee, arguments, None, event)
            }
            (op::NEWOBJ_EX, _) => {
                let (keywords, arguments, callee) = (self.pop(event)?, self.pop(event)?, self.pop(event)?);
                self.make(Verb::New, callee, arguments, Some(keywords), event)
            }
            (op::BUILD, _) => self.build(event),
            (op::PERSID, Argument::Line(line)) => {
                let text = String::from_utf8_lossy(line).into_owned().into();
                let id = self.heap.add(Node::Text { text, at: event.offset.saturating_add(1) })?;
                self.persistent(id, event)
            }
            (op::BINPERSID, _) => {
                let id = self.pop(event)?;
                self.persistent(id, event)
            }
            (op::EXT1 | op::EXT2 | op::EXT4, Argument::Int(code)) => {
                let argument = self.heap.add(Node::Int(*code))?;
                let extension = self.heap.add(Node::Extension(*code))?;
                self.stack.push(extension);
                self.record.act(Verb::Extension, extension, argument, &self.heap, event.offset)
            }
            (op::NEXT_BUFFER, _) => {
                let buffer = self.heap.add(Node::Buffer)?;
                self.stack.push(buffer);
                self.record.act(Verb::Buffer, buffer, Id::EMPTY, &self.heap, event.offset)
            }
            (op::READONLY_BUFFER, _) => self.top(event).map(drop),
            _ => Err(Error::Unsupported { format: "pickle", feature: event.name.to_owned() }),
        }
    }

    fn import(&mut self, module: &[u8], name: &[u8], event: &Event) -> Result<Node> {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.record.import(text(module), text(name), true, event.offset).map(Node::Import)
    }

    fn stack_global(&mut self, event: &Event) -> Result<()> {
        let (name, module) = (self.pop(event)?, self.pop(event)?);
        let is_constant = [module, name].iter().all(|&id| self.heap.text(id).is_some());
        let text = |id: Id| match self.heap.text(id) {
            Some(text) => text.to_owned(),
            None => Repr::of(&self.heap, &self.record.imports, id, OPERAND),
        };
        let (module, name) = (text(module), text(name));
        let import = self.record.import(module, name, is_constant, event.offset)?;
        self.push(Node::Import(import))
    }

    fn call(&mut self, callee: Id, arguments: Vec<Id>, event: &Event) -> Result<()> {
        let arguments = if arguments.is_empty() { Id::EMPTY } else { self.heap.add(Node::Tuple(arguments))? };
        self.make(Verb::Call, callee, arguments, None, event)
    }

    fn make(&mut self, verb: Verb, callee: Id, arguments: Id, keywords: Option<Id>, event: &Event) -> Result<()> {
        let node = self.heap.get(callee);
        if !is_foreign(node) {
            let what = format!("{} finds {}, which cannot be called", event.name, kind(node));
            return Err(Error::malformed("pickle", event.offset, what));
        }
        self.record.act(verb, callee, arguments, &self.heap, event.offset)?;
        self.push(Node::Object(Box::new(Object {
            callee,
            arguments,
            keywords,
            is_new: verb == Verb::New,
            states: Vec::new(),
            items: Vec::new(),
            appended: Vec::new(),
        })))
    }

    fn build(&mut self, event: &Event) -> Result<()> {
        let (state, target) = (self.pop(event)?, self.top(event)?);
        if let Some(Node::Object(object)) = self.heap.get_mut(target) {
            object.states.push(state);
            self.heap.charge(grown::<Id>(0));
        }
        // A state with nothing in it can be given to anything.
        if !is_foreign(self.heap.get(target)) && is_empty_state(self.heap.get(state)) {
            return Ok(());
        }
        self.foreign(Verb::Build, target, state, event)?;
        self.pass_array(target, state)
    }

    fn persistent(&mut self, id: Id, event: &Event) -> Result<()> {
        let object = self.heap.add(Node::Persistent(id))?;
        self.stack.push(object);
        self.record.act(Verb::Persistent, object, id, &self.heap, event.offset)
    }

    /// What there is of a pickle that cannot be read on: every open container with the items that were ready for it.
    pub(super) fn collapse(&mut self) -> Option<Id> {
        loop {
            let has_mark = self.stack.has_marks();
            let items = if has_mark { self.stack.pop_mark()? } else { self.stack.level() };
            if !has_mark {
                return self.gather(items);
            }
            let Some(target) = self.stack.pop() else {
                let whole = self.gather(items)?;
                self.stack.push(whole);
                continue;
            };
            let filled = self.fill(target, items);
            self.stack.push(filled);
        }
    }

    /// The first of these items with the others in it, when they fit.
    fn gather(&mut self, mut items: Vec<Id>) -> Option<Id> {
        if items.is_empty() {
            return None;
        }
        let first = items.remove(0);
        Some(if items.is_empty() { first } else { self.fill(first, items) })
    }

    /// `target` with `items` in it; a tuple of all of them when it takes none. Only pairs that are whole are set.
    fn fill(&mut self, target: Id, items: Vec<Id>) -> Id {
        let pairs = || items.as_chunks::<2>().0.iter().map(|[key, value]| (*key, *value));
        match self.heap.get_mut(target) {
            Some(Node::Dict(dict)) => dict.extend(pairs()),
            Some(Node::Object(object)) => object.items.extend(pairs()),
            Some(Node::List(list) | Node::Set(list)) => list.extend(items),
            _ => {
                let all = [vec![target], items].concat();
                return self.heap.add(Node::Tuple(all)).unwrap_or(target);
            }
        }
        target
    }
}

/// Bytes that a list comes to take with so many items more: it has room for four at least, and grows to twice its size.
fn grown<T>(count: usize) -> usize {
    count.saturating_mul(2).saturating_add(4).saturating_mul(size_of::<T>()).saturating_add(PIECE)
}
