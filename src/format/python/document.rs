//! A pickle's value as a document, its tensors under their paths.

use std::collections::{BTreeMap, BTreeSet};

use super::element;
use super::known::Known;
use super::nested::Found;
use super::role;
use super::storage::Storages;
use super::tensor::{Array, Made};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::{CLASS, Contents, Finding, Layer, Order, Pickle, Tensor, TensorRole, Value};
use crate::pickle::{Id, Node, Program, Repr};
use crate::source::{Roots, Source};

/// Bytes of a key that is no text, as Python would show it.
const KEY: usize = 200;
/// The class of tensors that are shown with their elements.
const TORCH: &str = "torch.Tensor";
/// Findings of one pickle about its tensors.
const FINDINGS: usize = 40;

/// A document being made.
pub(in crate::format) struct Document<'a> {
    pub(super) program: &'a Program,
    pub(super) imports: Vec<Known>,
    pub(super) storages: &'a dyn Storages,
    /// The way from the file to the source of the pickle.
    pub(super) base: Vec<Layer>,
    pub(super) complained: BTreeSet<(&'static str, String)>,
    /// Storages in bytes, by the node of these.
    pub(super) inner: BTreeMap<Id, Option<Found>>,
    /// An error on the way to one.
    pub(super) failed: Option<Error>,
    contents: &'a mut Contents,
    roots: Roots,
    path: String,
    role: Option<TensorRole>,
    /// The nodes around the current one.
    open: Vec<Id>,
    values: u64,
    /// Bytes of small arrays read so far.
    read: u64,
    found: usize,
    is_cut: bool,
}

impl<'a> Document<'a> {
    /// For a pickle of `file`, to whose source `base` leads.
    pub(in crate::format) fn new(
        program: &'a Program,
        storages: &'a dyn Storages,
        file: &Source,
        base: Vec<Layer>,
        contents: &'a mut Contents,
    ) -> Self {
        Self {
            program,
            imports: program.pickle.imports.iter().map(Known::of).collect(),
            storages,
            base,
            complained: BTreeSet::new(),
            inner: BTreeMap::new(),
            failed: None,
            contents,
            roots: Roots::new(vec![file.clone()]),
            path: String::new(),
            role: None,
            open: Vec::new(),
            values: 0,
            read: 0,
            found: 0,
            is_cut: false,
        }
    }

    /// Names everything under `path` instead of from the top.
    pub(in crate::format) fn under(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// The document; the tensors and findings go to the contents.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(in crate::format) fn build(mut self) -> Result<Option<Value>> {
        let first = self.contents.tensors.len();
        let value = self.program.top.map(|top| self.value(top)).transpose()?;
        if self.is_cut {
            let message = "the pickle holds more, or deeper nested, values than are shown";
            self.find(Finding::note("document-cut", message));
        }
        match self.failed.take() {
            Some(error @ Error::Io { .. }) => return Err(error),
            Some(error) => self.find(Finding::from_error("", &error)),
            None => {}
        }
        role::settle(self.contents.tensors.get_mut(first..).unwrap_or_default());
        Ok(value)
    }

    /// What an import means; `Other` for anything else.
    pub(super) fn known(&self, id: Id) -> Known {
        let Node::Import(index) = self.program.heap.get(id) else { return Known::Other };
        usize::try_from(*index).ok().and_then(|at| self.imports.get(at)).cloned().unwrap_or(Known::Other)
    }

    /// The path of an import; of anything else what Python would show.
    pub(super) fn path(&self, id: Id) -> String {
        let heap = &self.program.heap;
        // Before torch 1.6 classes of modules went through the loader, with their source.
        let id = match heap.get(id) {
            Node::Persistent(inner) => match heap.items(*inner) {
                Some([kind, class, ..]) if heap.text(*kind) == Some("module") => *class,
                Some([class, _, _]) => *class,
                _ => id,
            },
            _ => id,
        };
        Repr::of(&self.program.heap, &self.program.pickle.imports, id, KEY)
    }

    /// The path of the current value.
    pub(super) fn name(&self) -> &str {
        &self.path
    }

    pub(super) fn find(&mut self, finding: Finding) {
        self.found = self.found.saturating_add(1);
        if self.found <= FINDINGS {
            self.contents.findings.push(finding);
        }
    }

    pub(super) fn note_pickle(&mut self, pickle: Pickle) {
        if self.contents.pickles.len() < limits::FINDINGS {
            self.contents.pickles.push(pickle);
        }
    }

    /// A value of the document.
    pub(super) fn value(&mut self, id: Id) -> Result<Value> {
        self.values = self.values.saturating_add(1);
        let is_deep = self.open.len() >= limits::DOCUMENT_DEPTH;
        if self.values > limits::DOCUMENT_VALUES || is_deep {
            self.is_cut = true;
            return Ok(Value::Opaque("not shown".to_owned()));
        }
        let program = self.program;
        Ok(match program.heap.get(id) {
            Node::None => Value::Null,
            Node::Bool(value) => Value::Bool(*value),
            Node::Int(value) => Value::Int(*value),
            Node::Big(digits) => Value::Big(digits.to_string()),
            Node::Float(value) => Value::Float(*value),
            Node::Text { text, .. } => Value::Text(text.to_string()),
            Node::Huge(span) => Value::Opaque(format!("whole number of {} bytes", span.len)),
            Node::LongText(span) => Value::Opaque(format!("text of {} bytes", span.len)),
            Node::Bytes(span) => Value::Opaque(format!("{} bytes", span.len)),
            Node::Buffer => Value::Opaque("bytes that are not in the pickle".to_owned()),
            Node::Import(_) => Value::Opaque(self.path(id)),
            Node::Extension(code) => Value::Opaque(format!("extension {code}")),
            Node::Persistent(inner) => match self.listed(*inner) {
                Some(array) => self.place_array(array)?,
                None => Value::Opaque(format!("object of the loader {}", self.path(*inner))),
            },
            _ if self.open.contains(&id) => Value::Opaque("the same object that this is part of".to_owned()),
            Node::List(items) | Node::Tuple(items) | Node::Set(items) => {
                self.within(id, |document| document.list(items))?
            }
            Node::Dict(pairs) => self.within(id, |document| document.dict(pairs, Vec::new()))?,
            Node::Object(object) => self.within(id, |document| document.object(id, object))?,
        })
    }

    fn within(&mut self, id: Id, inner: impl FnOnce(&mut Self) -> Result<Value>) -> Result<Value> {
        self.open.push(id);
        let value = inner(self);
        self.open.pop();
        value
    }

    /// The value of `key`, under its path and in its role.
    pub(super) fn at(&mut self, key: &str, id: Id) -> Result<Value> {
        let (len, role) = (self.path.len(), self.role);
        if len > 0 {
            self.path.push('.');
        }
        self.path.push_str(key);
        let value = self.value(id);
        self.path.truncate(len);
        self.role = role;
        value
    }

    pub(super) fn list(&mut self, items: &[Id]) -> Result<Value> {
        let mut list = Vec::with_capacity(items.len().min(1 << 16));
        for (index, item) in items.iter().enumerate() {
            if self.values > limits::DOCUMENT_VALUES {
                break;
            }
            list.push(self.at(&index.to_string(), *item)?);
        }
        Ok(Value::List(list))
    }

    /// A dict behind pairs that are there already.
    pub(super) fn dict(&mut self, pairs: &[(Id, Id)], mut map: Vec<(String, Value)>) -> Result<Value> {
        let outer = self.role;
        let names: Vec<(String, Id)> = pairs.iter().map(|(key, value)| (self.key(*key), *value)).collect();
        let own = outer.or_else(|| self.role_of(&names));
        map.reserve(names.len());
        for (key, id) in names {
            if self.values > limits::DOCUMENT_VALUES {
                break;
            }
            self.role = own.or_else(|| role::of_key(&key));
            let value = self.at(&key, id)?;
            map.push((key, value));
        }
        self.role = outer;
        Ok(Value::Map(map))
    }

    fn role_of(&self, pairs: &[(String, Id)]) -> Option<TensorRole> {
        let keys: Vec<&str> = pairs.iter().map(|(key, _)| key.as_str()).collect();
        role::of_keys(&keys, || pairs.iter().all(|(_, id)| self.may_be_tensor(*id)))
    }

    fn may_be_tensor(&self, id: Id) -> bool {
        let Node::Object(object) = self.program.heap.get(id) else { return false };
        use Known::{Array, FromType, Meta, Nested, Parameter, Quantized, Sparse, Tensor, TypedTensor, Wrapper};
        let kind = self.known(object.callee);
        matches!(
            kind,
            Tensor | TypedTensor | Parameter | FromType | Sparse | Quantized | Nested | Meta | Wrapper | Array
        )
    }

    /// Sets the role of what follows, unless there is one; gives the one before.
    pub(super) fn take_role(&mut self, role: TensorRole) -> Option<TensorRole> {
        let before = self.role;
        self.role.get_or_insert(role);
        before
    }

    /// Sets the role of what follows.
    pub(super) fn give_role(&mut self, role: Option<TensorRole>) {
        self.role = role;
    }

    /// A tensor: listed, and as words or with its elements.
    pub(super) fn made(&mut self, made: Made) -> Result<Value> {
        match made {
            Made::Tensor(array) => self.place_array(array),
            Made::Parts(words, parts) => {
                for (name, id) in parts {
                    self.at(name, id)?;
                }
                Ok(Value::Opaque(words))
            }
        }
    }

    /// An array: listed, and as words or with its elements.
    pub(super) fn place_array(&mut self, array: Array) -> Result<Value> {
        limits::check("tensors", limits::TENSORS, self.contents.tensors.len() as u64)?;
        let role = self.role.unwrap_or(TensorRole::Other);
        let small = if role == TensorRole::Other { self.elements(&array)? } else { None };
        let Array { dtype, shape, place, class, .. } = array;
        let name = if self.path.is_empty() { "value".to_owned() } else { self.path.clone() };
        let value = match small {
            Some(values) => {
                let lengths = shape.iter().map(|&length| i64::try_from(length).map_or(Value::Null, Value::Int));
                Value::Map(vec![
                    (CLASS.to_owned(), Value::Text(class.to_owned())),
                    ("dtype".to_owned(), Value::Text(dtype.name().to_owned())),
                    ("shape".to_owned(), Value::List(lengths.collect())),
                    ("values".to_owned(), Value::List(values)),
                ])
            }
            None => Value::Opaque(format!("{} {dtype} {shape:?}", if class == TORCH { "tensor" } else { "array" })),
        };
        let size_bytes = crate::model::elements(&shape).and_then(|count| dtype.bytes_for(count)).unwrap_or(0);
        self.contents.tensors.push(Tensor { name, dtype, shape, size_bytes, role, place });
        Ok(value)
    }

    /// The elements of a small array of numbers.
    fn elements(&mut self, array: &Array) -> Result<Option<Vec<Value>>> {
        let count = crate::model::elements(&array.shape).unwrap_or(u64::MAX);
        let bytes = array.dtype.bytes_for(count).unwrap_or(u64::MAX);
        let all = self.read.saturating_add(bytes);
        if array.shape.len() > 1 || count > limits::ARRAY_VALUES || all > limits::ARRAY_VALUES_BYTES {
            return Ok(None);
        }
        let (step, endian) = match &array.place {
            Some(place) => match &place.order {
                Order::Strided(steps) => (steps.first().copied().unwrap_or(1), place.endian),
                Order::C | Order::Fortran => (1, place.endian),
            },
            None => (1, crate::model::Endian::Little),
        };
        let bytes = match (&array.bytes, &array.place) {
            (Some(bytes), _) => bytes.clone(),
            // A step of 0 repeats one element, a long one reaches far.
            (None, Some(place)) if (1..=64).contains(&step) => {
                let locator = crate::model::Locator::root(0).then(&place.layers);
                match self.roots.open(&locator).and_then(|source| source.bytes_at(0, limits::ARRAY_VALUES_BYTES)) {
                    Ok(bytes) => bytes,
                    Err(error @ Error::Io { .. }) => return Err(error),
                    Err(error) => {
                        self.find(Finding::from_error("", &error));
                        return Ok(None);
                    }
                }
            }
            _ => return Ok(None),
        };
        self.read = all;
        let values = element::values(&array.dtype, endian, step, &bytes);
        Ok(values.filter(|values| values.len() as u64 == count))
    }
}
