//! What `torch.load(weights_only=True)` makes of a pickle while it is read: the first opcode it would not take, and why
//! (`torch/_weights_only_unpickler.py` of PyTorch 2.15; where 2.6 differs, both are followed: 2.6 sets items of anything,
//! knows fewer element types, and takes nested tensors).

use super::globals::{Kind, Named, class, is_after_2_6, is_blocked, is_only_2_6};
use super::heap::{Id, Node};
use super::machine::Machine;
use super::opcode as op;
use super::reader::{Argument, Event};
use crate::error::Error;
use crate::model::{Import, Refusal};

/// Values looked at to see whether a key can be one.
const KEYS: usize = 1000;

/// Where the two unpicklers stopped.
#[derive(Debug, Default)]
pub(super) struct WeightsOnly {
    pub(super) newest: Option<Refusal>,
    pub(super) torch_2_6: Option<Refusal>,
}

/// Who stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Both,
    Newest,
    Torch26,
}

type Refused = (Who, String);

#[cold]
fn both(reason: impl Into<String>) -> Option<Refused> {
    Some((Who::Both, reason.into()))
}

impl WeightsOnly {
    /// The pickle could not be read any further.
    pub(super) fn stopped(&mut self, error: &Error, end: u64) {
        let offset = error.offset().unwrap_or(end);
        self.refuse(Who::Both, &Refusal { opcode: String::new(), offset, reason: error.to_string() });
    }

    #[cold]
    fn refuse(&mut self, who: Who, refusal: &Refusal) {
        if who != Who::Torch26 {
            self.newest.get_or_insert_with(|| refusal.clone());
        }
        if who != Who::Newest {
            self.torch_2_6.get_or_insert_with(|| refusal.clone());
        }
    }
}

impl Machine {
    /// Looks at an opcode that is about to be run.
    pub(super) fn watch(&mut self, event: &Event) {
        if self.weights_only.newest.is_some() && self.weights_only.torch_2_6.is_some() {
            return;
        }
        let refused = match event.code {
            op::GLOBAL => self.refused_import(event),
            op::REDUCE => self.refused_call(),
            op::NEWOBJ => self.refused_instance(),
            op::BUILD => self.refused_state(),
            op::APPEND => self.refused_append(self.stack.peek(1)),
            op::APPENDS => self.refused_append(self.stack.below_mark()),
            op::SETITEM => self.refused_item(self.stack.peek(2), self.stack.peek(1).as_slice()),
            op::SETITEMS => {
                let keys: Vec<Id> = self.stack.above_mark().iter().step_by(2).copied().collect();
                self.refused_item(self.stack.below_mark(), &keys)
            }
            op::BINPERSID => self.refused_id(),
            code if is_taken(code) => return,
            _ => both("an opcode it does not know"),
        };
        if let Some((who, reason)) = refused {
            self.refuse(who, event, reason);
        }
    }

    /// Looks at what an opcode made of its argument.
    pub(super) fn watch_scalar(&mut self, event: &Event, node: &Node) {
        if event.code == op::SHORT_BINSTRING && matches!(node, Node::Bytes(_)) {
            self.refuse(Who::Both, event, "bytes that are no text in UTF-8".to_owned());
        }
    }

    fn refuse(&mut self, who: Who, event: &Event, reason: String) {
        let refusal = Refusal { opcode: event.name.to_owned(), offset: event.offset, reason };
        self.weights_only.refuse(who, &refusal);
    }

    fn refused_import(&self, event: &Event) -> Option<Refused> {
        let Argument::Lines(module, name) = &event.argument else { return None };
        let (Ok(module), Ok(name)) = (std::str::from_utf8(module), std::str::from_utf8(name)) else {
            return both("a name that is no text");
        };
        if is_blocked(module) {
            return both(format!("{module}.{name}: nothing of {module} is ever allowed"));
        }
        if class(module, name) == Named::Refused {
            return both(format!("{module}.{name} is not on its list"));
        }
        if is_only_2_6(module, name) {
            return Some((Who::Newest, format!("{module}.{name} was taken by PyTorch 2.6 and is not any more")));
        }
        is_after_2_6(module, name).then(|| (Who::Torch26, format!("{module}.{name} came after PyTorch 2.6")))
    }

    pub(super) fn import_of(&self, id: Id) -> Option<&Import> {
        match self.heap.get(id) {
            Node::Import(index) => self.record.imports.get(usize::try_from(*index).ok()?),
            _ => None,
        }
    }

    fn class_of(&self, id: Id) -> Named {
        self.import_of(id).map_or(Named::Refused, |import| class(&import.module, &import.name))
    }

    fn kind_of(&self, id: Id) -> Kind {
        match self.heap.get(id) {
            Node::List(_) => Kind::List,
            Node::Dict(_) => Kind::Dict,
            Node::Object(object) => match self.class_of(object.callee) {
                Named::Class(kind) | Named::Function(kind) => kind,
                Named::Refused | Named::Value => Kind::Other,
            },
            _ => Kind::Other,
        }
    }

    fn refused_call(&self) -> Option<Refused> {
        let (arguments, callee) = (self.stack.peek(0)?, self.stack.peek(1)?);
        match self.class_of(callee) {
            Named::Refused => both("a call of something that is not on its list"),
            Named::Value => both("a call of something that cannot be called"),
            Named::Class(_) | Named::Function(_) => self.refused_arguments(self.import_of(callee)?, arguments),
        }
    }

    /// What the callee itself would not take; the common mistakes only.
    fn refused_arguments(&self, callee: &Import, arguments: Id) -> Option<Refused> {
        let items = match self.heap.get(arguments) {
            Node::Tuple(items) | Node::List(items) => items,
            Node::None | Node::Bool(_) | Node::Int(_) | Node::Big(_) | Node::Huge(_) | Node::Float(_) => {
                return both("arguments that are no tuple");
            }
            _ => return None,
        };
        let first = items.first().map(|id| self.heap.get(*id));
        let is_text = matches!(first, Some(Node::Text { .. } | Node::LongText(_)));
        let is_plain = matches!(first, Some(Node::None | Node::Bool(_) | Node::Int(_) | Node::Float(_)));
        let is_tensor = || items.first().is_some_and(|id| matches!(self.kind_of(*id), Kind::Tensor | Kind::Parameter));
        let (count, is_fit) = match callee.name.as_str() {
            "_rebuild_tensor" => (4..=4, matches!(first, Some(Node::Persistent(_)))),
            "_rebuild_tensor_v2" => (6..=7, matches!(first, Some(Node::Persistent(_)))),
            "_rebuild_tensor_v3" => (7..=8, matches!(first, Some(Node::Persistent(_)))),
            "_rebuild_parameter" => (3..=3, is_tensor()),
            "_rebuild_parameter_with_state" => (4..=4, is_tensor()),
            "_rebuild_from_type_v2" => (4..=4, !is_plain && !is_text),
            "OrderedDict" | "Counter" | "set" => (0..=1, !is_plain || matches!(first, Some(Node::None))),
            "Size" => (0..=1, !is_plain && !is_text),
            "encode" => (1..=3, is_text),
            "complex" => (0..=2, !matches!(first, Some(Node::None | Node::List(_) | Node::Dict(_)))),
            "device" => (1..=2, !matches!(first, Some(Node::None | Node::Float(_) | Node::List(_) | Node::Dict(_)))),
            _ => return None,
        };
        let is_taken = count.contains(&items.len()) && is_fit;
        if is_taken { None } else { both(format!("{} does not take these arguments", callee.path())) }
    }

    fn refused_instance(&self) -> Option<Refused> {
        match self.class_of(self.stack.peek(1)?) {
            Named::Class(_) => None,
            _ => both("an instance of something that is no class on its list"),
        }
    }

    fn refused_state(&self) -> Option<Refused> {
        let (state, target) = (self.heap.get(self.stack.peek(0)?), self.stack.peek(1)?);
        if !matches!(self.heap.get(target), Node::Object(_)) {
            return both("a state for something that is no instance of a class on its list");
        }
        let is_taken = match self.kind_of(target) {
            Kind::OrderedDict => matches!(state, Node::Dict(_)),
            Kind::Tensor | Kind::Parameter => matches!(state, Node::Tuple(_) | Node::List(_) | Node::Object(_)),
            Kind::Counter => matches!(state, Node::Dict(_) | Node::None | Node::Tuple(_)),
            Kind::List | Kind::Dict | Kind::Other => false,
        };
        if is_taken { None } else { both("a state that this object does not take") }
    }

    fn refused_append(&self, target: Option<Id>) -> Option<Refused> {
        if self.kind_of(target?) == Kind::List { None } else { both("it appends to lists only") }
    }

    fn refused_item(&self, target: Option<Id>, keys: &[Id]) -> Option<Refused> {
        match self.kind_of(target?) {
            Kind::Dict | Kind::OrderedDict | Kind::Counter => {
                let mut budget = KEYS.saturating_add(keys.len());
                let is_key = keys.iter().all(|key| self.is_key(*key, &mut budget));
                if is_key { None } else { both("a key that cannot be one") }
            }
            Kind::List | Kind::Tensor | Kind::Parameter => {
                Some((Who::Newest, "since 2.10 it sets items of dict, OrderedDict and Counter only".to_owned()))
            }
            Kind::Other => both("it sets items of dict, OrderedDict and Counter only"),
        }
    }

    /// Whether Python can hash it.
    fn is_key(&self, id: Id, budget: &mut usize) -> bool {
        let mut waiting = vec![id];
        while let Some(id) = waiting.pop() {
            let Some(left) = budget.checked_sub(1) else { return true };
            *budget = left;
            match self.heap.get(id) {
                Node::List(_) | Node::Dict(_) | Node::Set(_) => return false,
                Node::Tuple(items) => waiting.extend(items.iter().take(left)),
                Node::Object(_) if matches!(self.kind_of(id), Kind::OrderedDict | Kind::Counter) => return false,
                _ => {}
            }
        }
        true
    }

    fn refused_id(&self) -> Option<Refused> {
        let Some(items) = self.heap.items(self.stack.peek(0)?) else {
            return both("an id of an object of the loader that is no tuple");
        };
        let [kind, storage, _key, _location, count, rest @ ..] = items else {
            return both("an id of an object of the loader that is none of a storage");
        };
        if self.heap.text(*kind) != Some("storage") {
            return both("an object of the loader that is no storage");
        }
        let is_class = self.import_of(*storage).is_some_and(|import| import.name.ends_with("Storage"));
        let is_taken = is_class && self.heap.int(*count).is_some() && rest.len() <= 1;
        if is_taken { None } else { both("an id of a storage that does not say what it is") }
    }
}

/// Opcodes that are taken wherever they stand.
fn is_taken(code: u8) -> bool {
    matches!(
        code,
        op::MARK
            | op::TUPLE
            | op::TUPLE1
            | op::TUPLE2
            | op::TUPLE3
            | op::NONE
            | op::NEWFALSE
            | op::NEWTRUE
            | op::EMPTY_TUPLE
            | op::EMPTY_LIST
            | op::EMPTY_DICT
            | op::EMPTY_SET
            | op::BININT
            | op::BININT1
            | op::BININT2
            | op::BINFLOAT
            | op::BINUNICODE
            | op::SHORT_BINSTRING
            | op::BINGET
            | op::LONG_BINGET
            | op::BINPUT
            | op::LONG_BINPUT
            | op::LONG1
            | op::PROTO
            | op::STOP
    )
}
