//! What can be done with a node, by what it is.

use super::heap::Node;

/// Whether only the loader knows what can be done with it.
pub(super) fn is_foreign(node: &Node) -> bool {
    matches!(node, Node::Import(_) | Node::Object(_) | Node::Persistent(_) | Node::Extension(_) | Node::Buffer)
}

/// What it is, in a word.
pub(super) fn kind(node: &Node) -> &'static str {
    match node {
        Node::None => "None",
        Node::Bool(_) => "a truth value",
        Node::Int(_) | Node::Big(_) | Node::Huge(_) => "a whole number",
        Node::Float(_) => "a number",
        Node::Text { .. } | Node::LongText(_) => "text",
        Node::Bytes(_) => "bytes",
        Node::List(_) => "a list",
        Node::Tuple(_) => "a tuple",
        Node::Dict(_) => "a dict",
        Node::Set(_) => "a set",
        _ => "an object",
    }
}

/// Whether it is a state that Python gives to anything: one with nothing in it.
pub(super) fn is_empty_state(state: &Node) -> bool {
    match state {
        Node::None | Node::Bool(false) | Node::Int(0) => true,
        Node::Text { text, .. } => text.is_empty(),
        Node::List(items) | Node::Set(items) => items.is_empty(),
        Node::Dict(pairs) => pairs.is_empty(),
        Node::Bytes(span) => span.len == 0,
        Node::Float(number) => *number == 0.0,
        // A pair is the state of `__dict__` and that of the slots.
        Node::Tuple(items) => matches!(items.len(), 0 | 2),
        _ => false,
    }
}
