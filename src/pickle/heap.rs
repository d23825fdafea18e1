//! What reading a pickle makes: nodes that refer to each other by number, so that sharing costs nothing and neither a
//! cycle nor a deep nesting can hurt.

use crate::error::Result;
use crate::limits;

/// Number of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(u32);

impl Id {
    /// `None`, in every heap.
    pub const NONE: Self = Self(0);
    /// `()`, in every heap.
    pub const EMPTY: Self = Self(1);
}

/// Where text stands that was written with escapes, so that its bytes are not those of the file.
pub const ESCAPED: u64 = u64::MAX;

/// Bytes of the source a pickle is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The first.
    pub offset: u64,
    /// How many.
    pub len: u64,
}

/// A value, or what would have made one.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// `None`.
    None,
    /// `True`, `False`.
    Bool(bool),
    /// A whole number that fits.
    Int(i64),
    /// One that does not, in decimal.
    Big(Box<str>),
    /// One that is too long to be shown.
    Huge(Span),
    /// A number.
    Float(f64),
    /// Text, and where its first byte stands.
    Text {
        /// The text.
        text: Box<str>,
        /// Offset of its bytes in the source, or [`ESCAPED`].
        at: u64,
    },
    /// Text that is too long to be kept.
    LongText(Span),
    /// `bytes` or `bytearray`.
    Bytes(Span),
    /// `list`.
    List(Vec<Id>),
    /// `tuple`.
    Tuple(Vec<Id>),
    /// `dict`, in the order of the pickle; a repeated key is repeated.
    Dict(Vec<(Id, Id)>),
    /// `set` or `frozenset`.
    Set(Vec<Id>),
    /// Something imported, by its index among the imports.
    Import(u32),
    /// What a call would return.
    Object(Box<Object>),
    /// What the loader would give for this id.
    Persistent(Id),
    /// What stands in the registry of extensions under this number.
    Extension(i64),
    /// Bytes that are not in the pickle.
    Buffer,
}

/// What a call would return, and what is done with it afterwards.
#[derive(Debug, Clone, PartialEq)]
pub struct Object {
    /// What is called: an import, most often.
    pub callee: Id,
    /// The arguments, a tuple.
    pub arguments: Id,
    /// The arguments by name (`NEWOBJ_EX`), a dict.
    pub keywords: Option<Id>,
    /// Whether only an instance is made, without a call of its class.
    pub is_new: bool,
    /// The states it is given.
    pub states: Vec<Id>,
    /// The items that are set.
    pub items: Vec<(Id, Id)>,
    /// What is appended or added.
    pub appended: Vec<Id>,
}

/// Nodes that lie side by side: a list that grows as a whole would need three times its size to do so.
const CHUNK: usize = 1 << 14;

/// The nodes of one pickle.
#[derive(Debug, Clone, PartialEq)]
pub struct Heap {
    chunks: Vec<Vec<Node>>,
    /// Bytes that the nodes take, with what they hold.
    bytes: u64,
}

impl Default for Heap {
    fn default() -> Self {
        Self { chunks: vec![vec![Node::None, Node::Tuple(Vec::new())]], bytes: 0 }
    }
}

impl Heap {
    /// Takes a node in.
    ///
    /// # Errors
    /// When they take too much memory.
    pub fn add(&mut self, node: Node) -> Result<Id> {
        self.charge(held(&node).saturating_add(size_of::<Node>()));
        limits::check("pickle memory", limits::PICKLE_MEMORY, self.bytes)?;
        let id = Id(u32::try_from(self.len()).unwrap_or(u32::MAX));
        match self.chunks.last_mut().filter(|chunk| chunk.len() < CHUNK) {
            Some(chunk) => chunk.push(node),
            None => {
                let mut chunk = Vec::with_capacity(CHUNK);
                chunk.push(node);
                self.chunks.push(chunk);
            }
        }
        Ok(id)
    }

    /// Counts bytes that a node has come to hold.
    pub(super) fn charge(&mut self, bytes: usize) {
        self.bytes = self.bytes.saturating_add(bytes as u64);
    }

    /// Bytes that the nodes take.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// A node. One of another heap is `None`.
    pub fn get(&self, id: Id) -> &Node {
        let place = place(id);
        place.and_then(|(chunk, at)| self.chunks.get(chunk)?.get(at)).unwrap_or(&Node::None)
    }

    /// The same, to change it.
    pub(super) fn get_mut(&mut self, id: Id) -> Option<&mut Node> {
        let (chunk, at) = place(id)?;
        self.chunks.get_mut(chunk)?.get_mut(at)
    }

    /// Every node, in the order in which they were made.
    pub fn ids(&self) -> impl Iterator<Item = Id> + use<> {
        (0..u32::try_from(self.len()).unwrap_or(u32::MAX)).map(Id)
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        let full = self.chunks.len().saturating_sub(1).saturating_mul(CHUNK);
        full.saturating_add(self.chunks.last().map_or(0, Vec::len))
    }

    /// True when nothing was made; `None` and `()` are always there.
    pub fn is_empty(&self) -> bool {
        self.len() <= 2
    }

    /// The text of a node that is text.
    pub fn text(&self, id: Id) -> Option<&str> {
        match self.get(id) {
            Node::Text { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The number of a node that is a whole number and fits.
    pub fn int(&self, id: Id) -> Option<i64> {
        match self.get(id) {
            Node::Int(value) => Some(*value),
            Node::Bool(value) => Some(i64::from(*value)),
            _ => None,
        }
    }

    /// The items of a list or a tuple.
    pub fn items(&self, id: Id) -> Option<&[Id]> {
        match self.get(id) {
            Node::List(items) | Node::Tuple(items) => Some(items),
            _ => None,
        }
    }

    /// The value of a text key in a dict, the last one when it is repeated.
    pub fn field(&self, id: Id, key: &str) -> Option<Id> {
        let Node::Dict(pairs) = self.get(id) else { return None };
        pairs.iter().rev().find(|(name, _)| self.text(*name) == Some(key)).map(|(_, value)| *value)
    }
}

/// Which chunk, and where in it.
fn place(id: Id) -> Option<(usize, usize)> {
    let at = usize::try_from(id.0).ok()?;
    Some((at.checked_div(CHUNK)?, at.checked_rem(CHUNK)?))
}

/// Bytes that a node holds besides itself; each piece of memory has some of the allocator's.
fn held(node: &Node) -> usize {
    let piece = |bytes: usize| if bytes == 0 { 0 } else { bytes.saturating_add(PIECE) };
    match node {
        Node::Big(text) | Node::Text { text, .. } => piece(text.len()),
        Node::List(items) | Node::Tuple(items) | Node::Set(items) => {
            piece(items.capacity().saturating_mul(size_of::<Id>()))
        }
        Node::Dict(pairs) => piece(pairs.capacity().saturating_mul(size_of::<(Id, Id)>())),
        Node::Object(_) => piece(size_of::<Object>()),
        _ => 0,
    }
}

/// What the allocator adds to a piece of memory.
pub(super) const PIECE: usize = 8;
