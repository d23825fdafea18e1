//! Flow collections: `[a, b]`, `{a: 1}`.

use super::parser::{Node, Parse, Parser};
use super::tag::{self, Properties};
use super::text::fold;
use crate::model::Value;

impl Parser<'_> {
    /// The flow collection that stands here; goes past its end.
    pub(super) fn flow(&mut self) -> Parse<Value> {
        let is_map = self.peek() == Some(b'{');
        let (mut items, mut pairs) = (Vec::new(), Vec::new());
        self.at = self.at.saturating_add(1);
        loop {
            self.skip_blank()?;
            match (self.peek(), is_map) {
                (Some(b'}'), true) => break,
                (Some(b']'), false) => break,
                (Some(_), true) => pairs.push(self.flow_pair()?),
                (Some(_), false) => items.push(self.flow_item()?),
                (None, _) => return Err(self.wrong("a flow collection that does not end")),
            }
            self.skip_blank()?;
            match (self.peek(), is_map) {
                (Some(b','), _) => self.at = self.at.saturating_add(1),
                (Some(b'}'), true) | (Some(b']'), false) => {}
                _ => return Err(self.wrong("expected a comma or the end of a flow collection")),
            }
        }
        self.at = self.at.saturating_add(1);
        Ok(if is_map { Value::Map(pairs) } else { Value::List(items) })
    }

    fn flow_pair(&mut self) -> Parse<(String, Value)> {
        let key = match self.flow_node()? {
            (Node::Plain(text) | Node::Value(Value::Text(text)), _) => text,
            _ => return Err(self.wrong("a key that is a collection")),
        };
        self.skip_blank()?;
        if self.peek() != Some(b':') {
            return Ok((key, Value::Null));
        }
        self.at = self.at.saturating_add(1);
        Ok((key, self.flow_value()?))
    }

    /// An item of a list; `[a: 1]` holds a map of one pair.
    fn flow_item(&mut self) -> Parse<Value> {
        let (node, properties) = self.flow_node()?;
        self.skip_blank()?;
        if self.peek() == Some(b':') {
            let (Node::Plain(key) | Node::Value(Value::Text(key))) = node else {
                return Err(self.wrong("a key that is a collection"));
            };
            self.at = self.at.saturating_add(1);
            return Ok(Value::Map(vec![(key, self.flow_value()?)]));
        }
        self.finish(node, properties)
    }

    fn flow_value(&mut self) -> Parse<Value> {
        let (node, properties) = self.flow_node()?;
        self.finish(node, properties)
    }

    fn flow_node(&mut self) -> Parse<(Node, Properties)> {
        self.enter()?;
        let mut properties = Properties::default();
        self.skip_blank()?;
        tag::properties(self, &mut properties)?;
        self.skip_blank()?;
        let node = match self.peek() {
            Some(b'[' | b'{') => Node::Value(self.flow()?),
            Some(b'"' | b'\'') => Node::Value(Value::Text(self.quoted()?)),
            Some(b'*') => Node::Value(self.alias()?),
            _ => Node::Plain(self.flow_plain()),
        };
        self.leave();
        Ok((node, properties))
    }

    fn flow_plain(&mut self) -> String {
        let mut text = String::new();
        loop {
            let (end, _) = self.plain_end(true);
            text.push_str(String::from_utf8_lossy(self.text.get(self.at..end).unwrap_or_default()).trim());
            self.at = end;
            if self.peek() != Some(b'\n') {
                return text;
            }
            let breaks = self.line_breaks();
            if matches!(self.peek(), None | Some(b',' | b']' | b'}' | b':' | b'#')) {
                return text;
            }
            fold(&mut text, breaks);
        }
    }
}
