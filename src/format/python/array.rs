//! Arrays, scalars and types of NumPy, and bytes in whatever form they are written.

use super::document::Document;
use super::element;
use super::known::{self, Known};
use super::tensor::Array;
use crate::error::Result;
use crate::format::numpy::{Described, Literal, describe};
use crate::limits;
use crate::model::{DType, Endian, Layer, Order, Place, Value, elements};
use crate::pickle::{ESCAPED, Id, Node, Span};

impl Document<'_> {
    /// Type, byte order, and whether elements are objects.
    pub(super) fn array_type(&self, id: Id) -> Option<Described> {
        let heap = &self.program.heap;
        let Node::Object(object) = heap.get(id) else { return None };
        if self.known(object.callee) != Known::ArrayType {
            return None;
        }
        let first = *heap.items(object.arguments)?.first()?;
        let Some(code) = heap.text(first) else {
            let Known::DType(dtype) = self.known(first) else { return None };
            let width = Some(u64::from(dtype.bits().div_ceil(8)));
            return Some(Described { dtype, width, endian: Endian::Little, object: false, bfloat16: false });
        };
        // (version, byte order, sub-array, names, fields, …)
        let state = object.states.last().and_then(|state| heap.items(*state)).unwrap_or_default();
        let order = state.get(1).and_then(|order| heap.text(*order)).unwrap_or("|");
        let is_plain = state.get(3).is_none_or(|names| *names == Id::NONE);
        if let Some(dtype) = known::dtype(code).filter(|_| code.len() > 3) {
            let width = Some(u64::from(dtype.bits().div_ceil(8)));
            return Some(Described { dtype, width, endian: Endian::Little, object: false, bfloat16: false });
        }
        let mut described = describe(&Literal::Text(format!("{order}{code}")))?;
        if !is_plain && described.bfloat16 {
            described.dtype = DType::Other(code.into(), 16);
        }
        Some(described)
    }

    /// The array that `id` stands for, and the elements of one of objects.
    pub(super) fn array(&self, id: Id) -> Option<(Array, Option<Id>)> {
        let heap = &self.program.heap;
        let Node::Object(object) = heap.get(id) else { return None };
        let (shape, dtype, order, data) = match self.known(object.callee) {
            Known::Array => {
                let state = heap.items(*object.states.last()?)?;
                // A subclass puts its own state behind.
                let state =
                    state.first().and_then(|inner| heap.items(*inner)).filter(|s| s.len() >= 5).unwrap_or(state);
                let [_, shape, dtype, fortran, data] = state.get(..5)? else { return None };
                let is_fortran = heap.int(*fortran) == Some(1);
                (*shape, *dtype, if is_fortran { Order::Fortran } else { Order::C }, *data)
            }
            Known::ArrayOfBuffer => {
                let [data, dtype, shape, order, ..] = heap.items(object.arguments)? else { return None };
                let is_fortran = heap.text(*order) == Some("F");
                (*shape, *dtype, if is_fortran { Order::Fortran } else { Order::C }, *data)
            }
            Known::ArrayBehind => {
                let [state, .., data] = object.states.as_slice() else { return None };
                let field = |key| heap.field(*state, key);
                let is_fortran = field("order").and_then(|order| heap.text(order)) == Some("F");
                (field("shape")?, field("dtype")?, if is_fortran { Order::Fortran } else { Order::C }, *data)
            }
            _ => return None,
        };
        let (described, shape) = (self.array_type(dtype)?, self.numbers(shape)?);
        let len = described.width.and_then(|width| elements(&shape)?.checked_mul(width)).filter(|_| !described.object);
        let span = self.span(data).filter(|span| Some(span.len) == len);
        let place = span.map(|span| {
            let window = Layer::Window { offset: span.offset, len: span.len };
            Place { layers: [self.base.clone(), vec![window]].concat(), order, endian: described.endian }
        });
        let small = len.is_some_and(|len| len <= limits::ARRAY_VALUES_BYTES);
        let bytes = if place.is_none() && small { self.encoded(data) } else { None };
        // A record with objects in it is a list too.
        let objects = (described.object || matches!(heap.get(data), Node::List(_))).then_some(data);
        Some((Array { dtype: described.dtype, shape, place, class: "numpy.ndarray", bytes }, objects))
    }

    /// A scalar of NumPy as a value.
    pub(super) fn scalar(&self, arguments: &[Id]) -> Result<Option<Value>> {
        let [dtype, data, ..] = arguments else { return Ok(None) };
        let Some(described) = self.array_type(*dtype) else { return Ok(None) };
        let Some(bytes) = self.raw(*data)? else { return Ok(None) };
        Ok(element::value(&described.dtype, described.endian, &bytes))
    }

    /// Bytes that stand in the source as they are.
    pub(super) fn span(&self, id: Id) -> Option<Span> {
        match self.program.heap.get(id) {
            Node::Bytes(span) | Node::LongText(span) => Some(*span),
            Node::Text { text, at } if *at != ESCAPED => Some(Span { offset: *at, len: text.len() as u64 }),
            Node::Object(object) if self.known(object.callee) == Known::Bytes => {
                self.span(*self.program.heap.items(object.arguments)?.first()?)
            }
            // ASCII is the same in every encoding.
            Node::Object(object) if self.known(object.callee) == Known::Encode => {
                let text = *self.program.heap.items(object.arguments)?.first()?;
                self.span(text).filter(|_| self.program.heap.text(text).is_some_and(str::is_ascii))
            }
            _ => None,
        }
    }

    /// Bytes that were written as text: each character is one.
    fn encoded(&self, id: Id) -> Option<Vec<u8>> {
        let heap = &self.program.heap;
        match heap.get(id) {
            Node::Text { text, .. } => text.chars().map(|letter| u8::try_from(u32::from(letter)).ok()).collect(),
            Node::Object(object) if matches!(self.known(object.callee), Known::Encode | Known::Bytes) => {
                match heap.items(object.arguments)? {
                    [] => Some(Vec::new()),
                    [text, ..] => self.encoded(*text),
                }
            }
            _ => None,
        }
    }

    /// A few bytes, however they are written.
    pub(super) fn raw(&self, id: Id) -> Result<Option<Vec<u8>>> {
        const FEW: u64 = 256;
        if let Some(bytes) = self.encoded(id) {
            return Ok(Some(bytes));
        }
        match self.span(id).filter(|span| span.len <= FEW) {
            Some(span) => self.program.source.exact_at(span.offset, span.len, "pickle", "a value").map(Some),
            None => Ok(None),
        }
    }
}
