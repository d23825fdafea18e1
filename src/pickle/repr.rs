//! Values as Python's `repr` writes them, cut off when long: for keys that are no text, and for arguments.

use super::heap::{Heap, Id, Node};
use crate::model::Import;

/// Nesting shown.
const DEPTH: usize = 8;

/// Writes values as Python would.
pub struct Repr<'a> {
    heap: &'a Heap,
    imports: &'a [Import],
    text: String,
    most: usize,
}

impl<'a> Repr<'a> {
    /// The node as text of about `most` bytes at most; what is cut off ends in `…`.
    pub fn of(heap: &'a Heap, imports: &'a [Import], id: Id, most: usize) -> String {
        let mut repr = Self { heap, imports, text: String::new(), most };
        repr.node(id, 0);
        if repr.text.len() > most {
            let end = (0..=most).rev().find(|&at| repr.text.is_char_boundary(at)).unwrap_or(0);
            repr.text.truncate(end);
            repr.text.push('…');
        }
        repr.text
    }

    fn node(&mut self, id: Id, depth: usize) {
        let inner = depth.saturating_add(1);
        if self.text.len() > self.most {
            return;
        }
        let heap = self.heap;
        match heap.get(id) {
            _ if depth > DEPTH => self.text.push('…'),
            Node::None => self.text.push_str("None"),
            Node::Bool(value) => self.text.push_str(if *value { "True" } else { "False" }),
            Node::Int(value) => self.text.push_str(&value.to_string()),
            Node::Big(digits) => self.text.push_str(digits),
            Node::Float(value) => self.text.push_str(&float_repr(*value)),
            Node::Text { text, .. } => {
                let shown: String = text.chars().take(self.most.saturating_add(1)).collect();
                self.text.push_str(&text_repr(&shown));
            }
            Node::Huge(span) => self.bytes("whole number", span.len),
            Node::LongText(span) => self.bytes("text", span.len),
            Node::Bytes(span) => self.bytes("bytes", span.len),
            Node::Buffer => self.text.push_str("<foreign buffer>"),
            Node::Extension(code) => self.text.push_str(&format!("<extension {code}>")),
            Node::Persistent(id) => self.within("<persistent ", *id, ">", inner),
            Node::List(items) => self.items("[", items, "]", inner),
            Node::Set(items) => self.items("{", items, "}", inner),
            Node::Tuple(items) => self.items("(", items, if items.len() == 1 { ",)" } else { ")" }, inner),
            Node::Dict(pairs) => self.pairs(pairs, inner),
            Node::Import(index) => {
                let import = usize::try_from(*index).ok().and_then(|at| self.imports.get(at));
                self.text.push_str(&import.map_or_else(|| "?".to_owned(), Import::path));
            }
            Node::Object(object) => {
                self.node(object.callee, inner);
                match heap.get(object.arguments) {
                    Node::Tuple(items) => self.items("(", items, ")", inner),
                    _ => self.within("(*", object.arguments, ")", inner),
                }
            }
        }
    }

    fn bytes(&mut self, what: &str, len: u64) {
        self.text.push_str(&format!("<{what}, {len} bytes>"));
    }

    fn within(&mut self, before: &str, id: Id, after: &str, depth: usize) {
        self.text.push_str(before);
        self.node(id, depth);
        self.text.push_str(after);
    }

    fn items(&mut self, open: &str, items: &[Id], close: &str, depth: usize) {
        self.text.push_str(open);
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                self.text.push_str(", ");
            }
            if self.text.len() > self.most {
                return;
            }
            self.node(*item, depth);
        }
        self.text.push_str(close);
    }

    fn pairs(&mut self, pairs: &[(Id, Id)], depth: usize) {
        self.text.push('{');
        for (at, (key, value)) in pairs.iter().enumerate() {
            if at > 0 {
                self.text.push_str(", ");
            }
            if self.text.len() > self.most {
                return;
            }
            self.node(*key, depth);
            self.within(": ", *value, "", depth);
        }
        self.text.push('}');
    }
}

/// A number as Python writes it: `1e-08`, `0.0001`, `1e+16`, `nan`.
pub fn float_repr(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "nan"
        } else if value > 0.0 {
            "inf"
        } else {
            "-inf"
        }
        .to_owned();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        return format!("{value:?}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
}

/// Text in quotes as Python writes it.
pub fn text_repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut quoted = String::from(quote);
    for letter in text.chars() {
        match letter {
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '\\' => quoted.push_str("\\\\"),
            letter if letter == quote => quoted.extend(['\\', letter]),
            letter if letter.is_control() => quoted.push_str(&format!("\\x{:02x}", u32::from(letter))),
            letter => quoted.push(letter),
        }
    }
    quoted.push(quote);
    quoted
}
