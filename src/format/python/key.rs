//! Keys of dicts as text.

use super::document::Document;
use super::known::Known;
use crate::pickle::{Id, Node, Object, float_repr};

impl Document<'_> {
    /// A key as text.
    pub(super) fn key(&self, id: Id) -> String {
        match self.program.heap.get(id) {
            Node::Text { text, .. } => text.to_string(),
            Node::Float(value) => float_repr(*value),
            Node::Object(object) => self.index(object).unwrap_or_else(|| self.path(id)),
            _ => self.path(id),
        }
    }

    /// `torch.distributed.checkpoint.metadata.MetadataIndex`: the name of a tensor, and where the piece begins in it:
    /// `layers.0.weight`, `layers.0.weight at [512, 0]`.
    fn index(&self, object: &Object) -> Option<String> {
        let heap = &self.program.heap;
        if self.known(object.callee) != Known::PieceIndex {
            return None;
        }
        let state = *object.states.last()?;
        let name = heap.text(heap.field(state, "fqn")?)?;
        // A `torch.Size`: a call with a tuple.
        let offset = heap.field(state, "offset").and_then(|offset| match heap.get(offset) {
            Node::Object(size) => self.numbers(*heap.items(size.arguments)?.first()?),
            _ => self.numbers(offset),
        });
        let is_inside = offset.as_ref().is_some_and(|offset| offset.iter().any(|&at| at > 0));
        Some(if is_inside { format!("{name} at {:?}", offset.unwrap_or_default()) } else { name.to_owned() })
    }
}
