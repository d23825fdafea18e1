//! Tensors of torch: views of storages.

use super::document::Document;
use super::known::Known;
use super::storage::{Stored, View};
use crate::model::{DType, Endian, Finding, Layer, Order, Place, elements};
use crate::pickle::{Id, Node};

/// An array found in a pickle.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Array {
    pub(super) dtype: DType,
    pub(super) shape: Vec<u64>,
    pub(super) place: Option<Place>,
    /// `torch.Tensor`, `numpy.ndarray`.
    pub(super) class: &'static str,
    /// Its bytes, where they are no bytes of the file.
    pub(super) bytes: Option<Vec<u8>>,
}

/// What a call makes, if it is a tensor.
pub(super) enum Made {
    /// One.
    Tensor(Array),
    /// Several that stand for one: what to call it, and each with its name.
    Parts(String, Vec<(&'static str, Id)>),
}

/// Calls looked through to the tensor inside: a parameter of a subclass of a tensor.
const WRAPPED: usize = 8;

impl Document<'_> {
    /// The tensor that `id` stands for.
    pub(super) fn tensor(&mut self, id: Id) -> Option<Made> {
        let program = self.program;
        let mut at = id;
        for _ in 0..WRAPPED {
            let Node::Object(object) = program.heap.get(at) else { return None };
            let arguments = program.heap.items(object.arguments)?;
            let mut kind = self.known(object.callee);
            let mut given = arguments;
            if kind == Known::FromType {
                // (function, class, arguments, state)
                let [function, _, inner, ..] = arguments else { return None };
                (kind, given) = (self.known(*function), program.heap.items(*inner)?);
            }
            match kind {
                Known::Parameter => at = *given.first()?,
                Known::Tensor => return self.strided(given, None),
                Known::TypedTensor => {
                    let dtype = self.dtype(*given.get(6)?);
                    return self.strided(given, dtype);
                }
                Known::Quantized => return self.strided(given, None),
                Known::Sparse => return self.sparse(given),
                Known::Nested => {
                    let names = ["buffer", "sizes", "strides", "offsets"];
                    let parts = names.into_iter().zip(given.iter().copied()).collect();
                    return Some(Made::Parts("nested tensor".to_owned(), parts));
                }
                Known::Meta => {
                    let (dtype, shape) = (self.dtype(*given.first()?)?, self.numbers(*given.get(1)?)?);
                    return Some(Made::Tensor(bare(dtype, shape)));
                }
                Known::Wrapper => {
                    let (dtype, shape) = (self.dtype(*given.get(1)?)?, self.numbers(*given.get(2)?)?);
                    return Some(Made::Tensor(bare(dtype, shape)));
                }
                _ => return None,
            }
        }
        None
    }

    /// The tensor that the file lists under this id of the loader.
    pub(super) fn listed(&mut self, id: Id) -> Option<Array> {
        let key = match self.program.heap.get(id) {
            Node::Text { text, .. } => text.to_string(),
            Node::Int(number) => number.to_string(),
            _ => return None,
        };
        let view = self.storages.tensor(&key)?.clone();
        let dtype = view.stored.dtype.clone().unwrap_or(DType::U8);
        let place = self.place(&view, &dtype, None);
        Some(Array { dtype, shape: view.shape, place, class: "torch.Tensor", bytes: None })
    }

    fn dtype(&self, id: Id) -> Option<DType> {
        match self.known(id) {
            Known::DType(dtype) => Some(dtype),
            _ => None,
        }
    }

    /// A tuple, list or `torch.Size` of numbers that are not negative.
    pub(super) fn numbers(&self, id: Id) -> Option<Vec<u64>> {
        let heap = &self.program.heap;
        let items = match heap.get(id) {
            Node::Object(object) if self.known(object.callee) == Known::List => {
                heap.items(*heap.items(object.arguments)?.first()?)?
            }
            _ => heap.items(id)?,
        };
        items.iter().map(|item| u64::try_from(heap.int(*item)?).ok()).collect()
    }

    fn sparse(&mut self, given: &[Id]) -> Option<Made> {
        let [layout, data, ..] = given else { return None };
        let heap = &self.program.heap;
        let layout = match heap.get(*layout) {
            Node::Object(object) => heap.text(*heap.items(object.arguments)?.first()?)?,
            _ => return None,
        };
        let data = heap.items(*data)?;
        let (parts, shape): (Vec<(&'static str, Id)>, Id) = match data {
            [indices, values, shape] | [indices, values, shape, _] if layout == "torch.sparse_coo" => {
                (vec![("indices", *indices), ("values", *values)], *shape)
            }
            [compressed, plain, values, shape, ..] => {
                (vec![("compressed_indices", *compressed), ("plain_indices", *plain), ("values", *values)], *shape)
            }
            _ => return None,
        };
        let shape = self.numbers(shape)?;
        Some(Made::Parts(format!("tensor {shape:?} in the layout {layout}"), parts))
    }

    /// (storage, offset, size, stride, …)
    fn strided(&mut self, given: &[Id], dtype: Option<DType>) -> Option<Made> {
        let [storage, offset, size, stride, ..] = given else { return None };
        let shape = self.numbers(*size)?;
        let steps = self.numbers(*stride);
        let offset = u64::try_from(self.program.heap.int(*offset)?).ok();
        let (stored, bytes) = match self.nested(*storage) {
            Some((stored, layers, len)) => (stored, Some((layers, len))),
            None => match self.stored(*storage) {
                Some(stored) => (stored, None),
                None => {
                    let dtype = dtype.unwrap_or_else(|| DType::Other("?".into(), 0));
                    return Some(Made::Tensor(bare(dtype, shape)));
                }
            },
        };
        let dtype = dtype.or_else(|| stored.dtype.clone()).unwrap_or(DType::U8);
        let place = match (steps, offset) {
            (Some(steps), Some(offset)) if steps.len() == shape.len() => {
                let view = View { stored, offset, shape: shape.clone(), steps };
                self.place(&view, &dtype, bytes)
            }
            _ => None,
        };
        Some(Made::Tensor(Array { dtype, shape, place, class: "torch.Tensor", bytes: None }))
    }

    fn stored(&self, id: Id) -> Option<Stored> {
        if let Some(stored) = Stored::of(&self.program.heap, &self.imports, id) {
            return Some(stored);
        }
        // A typed storage around an untyped one.
        let Node::Object(object) = self.program.heap.get(id) else { return None };
        let state = self.program.heap.items(*object.states.last()?)?;
        Stored::of(&self.program.heap, &self.imports, *state.first()?)
    }

    /// Where a view of elements of type `dtype` is. `bytes` leads to its storage, when that is none of the file's own.
    fn place(&mut self, view: &View, dtype: &DType, bytes: Option<(Vec<Layer>, u64)>) -> Option<Place> {
        let View { stored, offset, shape, steps } = view;
        let claimed = stored.bytes();
        let is_own = bytes.is_none();
        let Some((mut layers, there)) = bytes.or_else(|| self.storages.find(&stored.key)) else {
            if claimed != Some(0) {
                let message = format!("storage {} is not in the file", stored.key);
                self.complain("torch-storage-missing", &stored.key, message);
            }
            return None;
        };
        if claimed.is_none_or(|claimed| claimed > there) {
            let claimed = claimed.map_or_else(|| "more bytes than can be counted".to_owned(), |n| format!("{n} bytes"));
            let message = format!("the pickle says that storage {} has {claimed}, it has {there}", stored.key);
            self.complain("torch-storage-size", &stored.key, message);
        } else if is_own && claimed.is_some_and(|claimed| claimed < there) {
            let claimed = claimed.unwrap_or(0);
            let message = format!("the pickle says that storage {} has {claimed} bytes, it has {there}", stored.key);
            self.complain("storage-longer", &stored.key, message);
        }
        let width = u64::from(dtype.bits()).div_ceil(8);
        let first = offset.checked_add(stored.view.map_or(0, |(start, _)| start))?;
        let (start, len) = (first.checked_mul(width)?, span(shape, steps)?.checked_mul(width)?);
        let end = start.checked_add(len);
        if end.is_none_or(|end| end > there) {
            // Either the view is wrong, or the storage is not as long as it should be.
            let is_fit = end.is_some_and(|end| claimed.is_some_and(|claimed| end <= claimed));
            let code = if is_fit { "torch-storage-short" } else { "torch-storage-bounds" };
            let (name, end, key) = (self.name(), start.saturating_add(len), &stored.key);
            let message = format!("{name}: its elements end at byte {end} of storage {key}, which has {there}");
            self.complain(code, &stored.key, message);
            return None;
        }
        match layers.last_mut() {
            Some(Layer::Window { offset, len: all }) => (*offset, *all) = (offset.checked_add(start)?, len),
            _ if start == 0 && len == there => {}
            _ => layers.push(Layer::Window { offset: start, len }),
        }
        let endian = if is_own { self.storages.endian() } else { Endian::Little };
        Some(Place { layers, order: order(shape, steps), endian })
    }

    /// An error about a storage, once for each.
    fn complain(&mut self, code: &'static str, key: &str, message: String) {
        if self.complained.insert((code, key.to_owned())) {
            self.find(Finding::error(code, message));
        }
    }
}

/// A tensor without bytes.
fn bare(dtype: DType, shape: Vec<u64>) -> Array {
    Array { dtype, shape, place: None, class: "torch.Tensor", bytes: None }
}

/// Elements from the first to the last, both included.
fn span(shape: &[u64], steps: &[u64]) -> Option<u64> {
    if elements(shape)? == 0 {
        return Some(0);
    }
    let mut last = 0_u64;
    for (length, step) in shape.iter().zip(steps) {
        last = last.checked_add(length.saturating_sub(1).checked_mul(*step)?)?;
    }
    last.checked_add(1)
}

/// How these steps lay the elements out. The step of a dimension of length 1 means nothing.
fn order(shape: &[u64], steps: &[u64]) -> Order {
    let pairs: Vec<(u64, u64)> = shape.iter().copied().zip(steps.iter().copied()).collect();
    let dense = |dimensions: &[(u64, u64)]| {
        let mut expected = 1_u64;
        dimensions.iter().all(|(length, step)| {
            let fits = *length == 1 || *step == expected;
            expected = expected.saturating_mul(*length);
            fits
        })
    };
    let reversed: Vec<(u64, u64)> = pairs.iter().rev().copied().collect();
    if shape.contains(&0) || dense(&reversed) {
        return Order::C;
    }
    if dense(&pairs) {
        return Order::Fortran;
    }
    Order::Strided(steps.to_vec())
}
