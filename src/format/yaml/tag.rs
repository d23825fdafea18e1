//! Tags and anchors: `!!python/tuple`, `&name`.

use super::parser::{Node, Parse, Parser};
use super::scalar;
use crate::model::{CLASS, Value};

/// What stands in front of a node.
#[derive(Debug, Default)]
pub(super) struct Properties {
    pub(super) tag: Option<String>,
    pub(super) anchor: Option<String>,
}

/// Reads the tag and the anchor that stand here, if any.
pub(super) fn properties(parser: &mut Parser<'_>, found: &mut Properties) -> Parse<()> {
    loop {
        while matches!(parser.peek(), Some(b' ' | b'\t')) {
            parser.at = parser.at.saturating_add(1);
        }
        match parser.peek() {
            Some(b'!') => found.tag = Some(word(parser)),
            Some(b'&') => {
                parser.at = parser.at.saturating_add(1);
                found.anchor = Some(word(parser));
            }
            _ => return Ok(()),
        }
    }
}

/// What stands here up to a space or the punctuation of a flow collection.
pub(super) fn word(parser: &mut Parser<'_>) -> String {
    let rest = parser.text.get(parser.at..).unwrap_or_default();
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b'[' | b']' | b'{' | b'}');
    let len = rest.iter().position(ends).unwrap_or(rest.len());
    parser.at = parser.at.saturating_add(len);
    String::from_utf8_lossy(rest.get(..len).unwrap_or_default()).into_owned()
}

/// The value of a node under a tag. Nothing is ever made of a class: its name is kept.
pub(super) fn apply(node: Node, tag: Option<&str>) -> Value {
    let Some(tag) = tag else { return plain(node) };
    let name = tag.trim_start_matches('!').trim_start_matches("<tag:yaml.org,2002:").trim_end_matches('>');
    let objects = ["python/object:", "python/object/new:", "python/object/apply:"];
    if let Some(class) = objects.iter().find_map(|start| name.strip_prefix(start)) {
        return object(class, plain(node));
    }
    let texts = ["python/name:", "python/module:"];
    if texts.iter().any(|start| name.starts_with(start)) {
        return Value::Opaque(name.to_owned());
    }
    match (name, node) {
        ("str" | "python/str" | "python/unicode", Node::Plain(text)) => Value::Text(text),
        ("float" | "python/float", Node::Plain(text)) => {
            text.parse().map_or_else(|_| scalar::resolve(&text), Value::Float)
        }
        ("binary", Node::Plain(text) | Node::Value(Value::Text(text))) => {
            Value::Opaque(format!("binary of {} characters", text.len()))
        }
        (_, node) if tag.starts_with("!!") || tag.starts_with("!<") || tag == "!" => plain(node),
        // A tag of the application's own.
        (_, node) => object(tag, plain(node)),
    }
}

fn plain(node: Node) -> Value {
    match node {
        Node::Plain(text) => scalar::resolve(&text),
        Node::Value(value) => value,
    }
}

fn object(class: &str, value: Value) -> Value {
    let mut pairs = vec![(CLASS.to_owned(), Value::Text(class.to_owned()))];
    match value {
        Value::Map(fields) => pairs.extend(fields),
        Value::Null => {}
        other => pairs.push(("args".to_owned(), other)),
    }
    Value::Map(pairs)
}
