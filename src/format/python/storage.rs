//! Where the bytes of tensors are: storages, which tensors are views of.

use super::known::Known;
use crate::model::{DType, Endian, Layer};
use crate::pickle::{Heap, Id, Node};

/// The storages of a file.
pub(in crate::format) trait Storages {
    /// The way from the file to the bytes of the storage called `key`, and how many there are.
    fn find(&self, key: &str) -> Option<(Vec<Layer>, u64)>;

    /// A tensor that the file lists under `key`, for a loader that is asked for it by number.
    fn tensor(&self, _key: &str) -> Option<&View> {
        None
    }

    /// Byte order of the elements.
    fn endian(&self) -> Endian {
        Endian::Little
    }
}

/// A view of a storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::format) struct View {
    /// The storage.
    pub(in crate::format) stored: Stored,
    /// Its first element in the storage.
    pub(in crate::format) offset: u64,
    /// Lengths of the dimensions.
    pub(in crate::format) shape: Vec<u64>,
    /// Elements from one index to the next.
    pub(in crate::format) steps: Vec<u64>,
}

/// A file without storages.
pub(in crate::format) struct NoStorages;

impl Storages for NoStorages {
    fn find(&self, _key: &str) -> Option<(Vec<Layer>, u64)> {
        None
    }
}

/// What a persistent id says of a storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::format) struct Stored {
    /// Element type; `None` when the tensors say it.
    pub(in crate::format) dtype: Option<DType>,
    /// Its name in the file.
    pub(in crate::format) key: String,
    /// Elements.
    pub(in crate::format) count: u64,
    /// The part of it that is meant: first element and length.
    pub(in crate::format) view: Option<(u64, u64)>,
}

impl Stored {
    /// Reads `('storage', class, key, location, count)`, before torch 1.6 with a part behind them.
    pub(in crate::format) fn of(heap: &Heap, known: &[Known], persistent: Id) -> Option<Self> {
        let Node::Persistent(id) = heap.get(persistent) else { return None };
        let [kind, class, key, _location, count, rest @ ..] = heap.items(*id)? else { return None };
        if heap.text(*kind) != Some("storage") {
            return None;
        }
        let Node::Import(index) = heap.get(*class) else { return None };
        let Known::Storage(dtype) = known.get(usize::try_from(*index).ok()?)? else { return None };
        let number = |id: Id| heap.int(id).and_then(|value| u64::try_from(value).ok());
        let key = match heap.get(*key) {
            Node::Text { text, .. } => text.to_string(),
            Node::Int(value) => value.to_string(),
            Node::Big(digits) => digits.to_string(),
            _ => return None,
        };
        let view = rest.first().and_then(|view| match heap.items(*view)? {
            [_, offset, len] => Some((number(*offset)?, number(*len)?)),
            _ => None,
        });
        Some(Self { dtype: dtype.clone(), key, count: number(*count)?, view })
    }

    /// Bytes of all its elements.
    pub(in crate::format) fn bytes(&self) -> Option<u64> {
        match &self.dtype {
            Some(dtype) => dtype.bytes_for(self.count),
            None => Some(self.count),
        }
    }
}
