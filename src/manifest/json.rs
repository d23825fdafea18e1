//! As much of a JSON value as manifests need, parsed once for all kinds.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A value.
#[derive(Debug)]
pub enum Node {
    /// Text.
    Text(String),
    /// A whole number that is not negative.
    Number(u64),
    /// `[…]`.
    List(Vec<Node>),
    /// `{…}`, in the order of the file.
    Map(Vec<(String, Node)>),
    /// Anything else.
    Other,
}

impl Node {
    /// The value that `text` spells, when it is JSON.
    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(pairs) => pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(super) fn number(&self) -> Option<u64> {
        if let Self::Number(number) = self { Some(*number) } else { None }
    }

    pub(super) fn list(&self) -> Option<&[Self]> {
        if let Self::List(items) = self { Some(items) } else { None }
    }

    pub(super) fn map(&self) -> Option<&[(String, Self)]> {
        if let Self::Map(pairs) = self { Some(pairs) } else { None }
    }

    /// The text of `key`.
    pub(super) fn word(&self, key: &str) -> Option<&str> {
        self.get(key)?.text()
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Node::Map(pairs))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(Node::Number(number))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Other)
    }
}

/// Lines of a text on which words stand, which are asked for in their order.
pub(super) struct Lines<'a> {
    text: &'a str,
    at: usize,
    line: u64,
    /// Words that were not there.
    missed: u32,
}

/// Words looked for in vain: each makes the rest of the text be searched once, and a text can spell a million of them so
/// that they are not found.
const MISSES: u32 = 8;

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, at: 0, line: 1, missed: 0 }
    }

    /// The line of the next `word`; of one that is not there, that of the last.
    pub(super) fn next(&mut self, word: &str) -> u64 {
        let passed = self.text.get(self.at..).filter(|_| self.missed < MISSES).unwrap_or_default();
        match passed.find(word) {
            Some(next) => {
                let lines = passed.get(..next).unwrap_or_default().bytes().filter(|&byte| byte == b'\n').count();
                self.line = self.line.saturating_add(lines as u64);
                self.at = self.at.saturating_add(next).saturating_add(word.len());
            }
            None => self.missed = self.missed.saturating_add(1),
        }
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_the_words_in_turn() {
        let mut lines = Lines::of("a\nb a\n\nc");
        let found: Vec<u64> = ["a", "a", "x", "c", "b"].into_iter().map(|word| lines.next(word)).collect();
        assert_eq!(found, [1, 2, 2, 4, 4]);
    }

    #[test]
    fn words_in_vain_are_looked_for_a_few_times_only() {
        let mut lines = Lines::of("a\nb");
        (0..MISSES).for_each(|_| assert_eq!(lines.next("x"), 1));
        assert_eq!(lines.next("b"), 1);
    }
}
