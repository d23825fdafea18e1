//! Block collections: what belongs together stands in one column.

use super::super::document::Place;
use super::scalar;
use super::tag::{self, Properties};
use crate::limits;
use crate::model::{Finding, Value};

/// Repeated keys named one by one, and the size of map in which they are looked for.
const REPEATED: usize = 20;

/// Why a text is not understood, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) at: usize,
    pub(super) what: String,
}

pub(super) type Parse<T> = Result<T, Wrong>;

/// A text and a position in it.
pub(super) struct Parser<'a> {
    pub(super) text: &'a [u8],
    pub(super) at: usize,
    depth: usize,
    values: u64,
    /// Values under a name, with the number of values in each.
    anchors: Vec<(String, Value, u64)>,
    repeated: Vec<(String, usize)>,
    /// A number that PyYAML takes for text.
    number_as_text: Option<(String, usize)>,
}

/// A node as it stands there: plain texts are not yet numbers.
pub(super) enum Node {
    Plain(String),
    Value(Value),
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, depth: 0, values: 0, anchors: Vec::new(), repeated: Vec::new(), number_as_text: None }
    }

    /// The first document, `None` when there is nothing but comments, and what is odd about it.
    pub(super) fn document(mut self) -> Parse<(Option<Value>, Vec<Finding>)> {
        self.skip_blank()?;
        if self.peek() == Some(b'%') {
            return Err(self.wrong("a directive"));
        }
        if self.is_mark(b"---") {
            self.at = self.at.saturating_add(3);
        } else if self.at >= self.text.len() {
            return Ok((None, Vec::new()));
        }
        let value = self.node(-1, true)?;
        self.skip_blank()?;
        let more = self.at < self.text.len();
        if more && !self.at_end() {
            return Err(self.wrong("text that belongs to nothing before it"));
        }
        let is_last = !more || {
            self.at = self.at.saturating_add(3);
            self.skip_blank()?;
            self.at >= self.text.len()
        };
        let mut findings = self.oddities();
        if !is_last {
            findings.push(Finding::note("yaml-documents", "further documents follow the first, which alone is shown"));
        }
        Ok((Some(value), findings))
    }

    fn oddities(&self) -> Vec<Finding> {
        let place = |at: usize| Place::of(self.text, at);
        let repeated = self.repeated.iter().map(|(key, at)| {
            let message = format!("key {key:?} is repeated at {}; readers use the last one", place(*at));
            Finding::warning("yaml-duplicate-key", message).at(*at as u64)
        });
        let number = self.number_as_text.iter().map(|(text, at)| {
            let message =
                format!("{text} at {} is text for PyYAML, which wants a point in it to be a number", place(*at));
            Finding::note("yaml-number-as-text", message).at(*at as u64)
        });
        repeated.chain(number).collect()
    }

    pub(super) fn wrong(&self, what: impl Into<String>) -> Wrong {
        Wrong { at: self.at, what: what.into() }
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at.saturating_add(ahead)).copied()
    }

    /// Whether a space, the end of the line or of the text stands `ahead`.
    pub(super) fn is_space_at(&self, ahead: usize) -> bool {
        self.peek_at(ahead).is_none_or(|byte| byte.is_ascii_whitespace())
    }

    /// Goes to the next thing that is no space and no comment.
    pub(super) fn skip_blank(&mut self) -> Parse<()> {
        loop {
            match self.peek() {
                Some(b' ' | b'\n' | b'\r') => self.at = self.at.saturating_add(1),
                Some(b'\t') if !self.is_indentation() => self.at = self.at.saturating_add(1),
                Some(b'\t') => return Err(self.wrong("a tab in the indentation")),
                Some(b'#') if self.at == 0 || self.before().is_ascii_whitespace() => self.skip_line(),
                _ => return Ok(()),
            }
        }
    }

    /// Goes to the end of the line.
    pub(super) fn skip_line(&mut self) {
        while self.peek().is_some_and(|byte| byte != b'\n') {
            self.at = self.at.saturating_add(1);
        }
    }

    fn before(&self) -> u8 {
        self.at.checked_sub(1).and_then(|at| self.text.get(at)).copied().unwrap_or(b'\n')
    }

    fn line(&self) -> &[u8] {
        let before = self.text.get(..self.at).unwrap_or_default();
        before.rsplit(|&byte| byte == b'\n').next().unwrap_or_default()
    }

    /// Whether nothing but spaces stands in front of the position, and something else behind it.
    fn is_indentation(&self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let next = rest.iter().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
        !matches!(next, None | Some(b'\n' | b'#')) && self.line().iter().all(u8::is_ascii_whitespace)
    }

    fn starts_line(&self) -> bool {
        self.line().iter().all(|&byte| byte == b' ')
    }

    /// Characters in front of the position on its line.
    pub(super) fn column(&self) -> i64 {
        let characters = self.line().iter().filter(|&&byte| byte & 0xc0 != 0x80).count();
        i64::try_from(characters).unwrap_or(i64::MAX)
    }

    fn is_mark(&self, mark: &[u8]) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        rest.starts_with(mark) && self.is_space_at(3) && self.line().is_empty()
    }

    /// Whether the document ends here.
    pub(super) fn at_end(&self) -> bool {
        self.at >= self.text.len() || self.is_mark(b"---") || self.is_mark(b"...")
    }

    fn is_dash(&self) -> bool {
        self.peek() == Some(b'-') && self.is_space_at(1)
    }

    /// Counts a value, and how deep it lies.
    pub(super) fn enter(&mut self) -> Parse<()> {
        self.depth = self.depth.saturating_add(1);
        self.values = self.values.saturating_add(1);
        if self.depth > limits::DOCUMENT_DEPTH {
            return Err(self.wrong(format!("more than {} levels", limits::DOCUMENT_DEPTH)));
        }
        self.check_values()
    }

    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    fn check_values(&self) -> Parse<()> {
        if self.values > limits::CONFIGURATION_VALUES {
            return Err(self.wrong(format!("more than {} values", limits::CONFIGURATION_VALUES)));
        }
        Ok(())
    }

    /// The node that begins here or below, of a collection in column `parent`. `is_inner`: a collection may begin on
    /// this line (behind a dash, but not behind a key).
    fn node(&mut self, parent: i64, is_inner: bool) -> Parse<Value> {
        self.enter()?;
        let line = self.line().len();
        let start = self.at.saturating_sub(line);
        let mut properties = Properties::default();
        tag::properties(self, &mut properties)?;
        self.skip_blank()?;
        let is_same_line = self.at.saturating_sub(self.line().len()) == start;
        let column = self.column();
        let belongs = is_same_line || column > parent || (column == parent && self.is_dash() && !is_inner);
        let node = if self.at_end() || !belongs {
            Node::Plain(String::new())
        } else {
            if !is_same_line {
                tag::properties(self, &mut properties)?;
                self.skip_blank()?;
            }
            self.content(parent, self.column(), is_inner || !is_same_line)?
        };
        self.leave();
        self.finish(node, properties)
    }

    fn content(&mut self, parent: i64, column: i64, may_nest: bool) -> Parse<Node> {
        match self.peek() {
            Some(b'-') if self.is_dash() && may_nest => return self.sequence(column).map(Node::Value),
            Some(b'?') if self.is_space_at(1) => return Err(self.wrong("a key that is marked by ?")),
            Some(b'|' | b'>') => return self.block_text(parent).map(|text| Node::Value(Value::Text(text))),
            Some(b'%' | b'@' | b'`') => return Err(self.wrong("a character that no value begins with")),
            _ => {}
        }
        if may_nest && self.key_ahead() {
            return self.mapping(column).map(Node::Value);
        }
        let node = match self.peek() {
            Some(b'"' | b'\'') => Node::Value(Value::Text(self.quoted()?)),
            Some(b'[' | b'{') => Node::Value(self.flow()?),
            Some(b'*') => Node::Value(self.alias()?),
            _ => return self.plain(parent).map(Node::Plain),
        };
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r')) {
            self.at = self.at.saturating_add(1);
        }
        match self.peek() {
            None | Some(b'\n' | b'#') => Ok(node),
            _ => Err(self.wrong("text behind a complete value")),
        }
    }

    /// Gives a node its tag and its name.
    pub(super) fn finish(&mut self, node: Node, properties: Properties) -> Parse<Value> {
        if let (Node::Plain(text), None) = (&node, &properties.tag)
            && scalar::is_number_without_point(text)
            && self.number_as_text.is_none()
        {
            self.number_as_text = Some((text.clone(), self.at.saturating_sub(text.len())));
        }
        let value = tag::apply(node, properties.tag.as_deref());
        if let Some(anchor) = properties.anchor {
            let values = value.values();
            self.values = self.values.saturating_add(values);
            self.check_values()?;
            self.anchors.push((anchor, value.clone(), values));
        }
        Ok(value)
    }

    /// The value under a name: counted again, so that aliases of aliases do not explode.
    pub(super) fn alias(&mut self) -> Parse<Value> {
        let at = self.at;
        self.at = self.at.saturating_add(1);
        let name = tag::word(self);
        let found = self.anchors.iter().rev().find(|(anchor, ..)| *anchor == name);
        let Some((_, value, values)) = found else {
            return Err(Wrong { at, what: format!("an alias of {name:?}, which is not there") });
        };
        let (value, values) = (value.clone(), *values);
        self.values = self.values.saturating_add(values);
        self.check_values()?;
        Ok(value)
    }

    fn sequence(&mut self, column: i64) -> Parse<Value> {
        let mut items = Vec::new();
        loop {
            self.at = self.at.saturating_add(1);
            items.push(self.node(column, true)?);
            self.skip_blank()?;
            if self.at_end() || self.column() < column || (self.column() == column && !self.is_dash()) {
                return Ok(Value::List(items));
            }
            if self.column() > column || !self.starts_line() {
                return Err(self.wrong("a line that is indented further than the items before it"));
            }
        }
    }

    fn mapping(&mut self, column: i64) -> Parse<Value> {
        let mut pairs: Vec<(String, Value)> = Vec::new();
        loop {
            let at = self.at;
            let key = self.key()?;
            if self.repeated.len() < REPEATED && pairs.iter().take(1000).any(|(known, _)| *known == key) {
                self.repeated.push((key.clone(), at));
            }
            let value = self.node(column, false)?;
            pairs.push((key, value));
            self.skip_blank()?;
            if self.at_end() || self.column() < column {
                return Ok(Value::Map(pairs));
            }
            if self.column() > column || !self.starts_line() || !self.key_ahead() {
                return Err(self.wrong("expected a key and a colon"));
            }
        }
    }

    /// Whether a key and its colon stand on this line.
    fn key_ahead(&mut self) -> bool {
        let start = self.at;
        let is_key = match self.peek() {
            Some(b'"' | b'\'') => {
                let line = self.line().len();
                self.quoted().is_ok() && self.line().len() > line && {
                    while self.peek() == Some(b' ') {
                        self.at = self.at.saturating_add(1);
                    }
                    self.peek() == Some(b':') && self.is_space_at(1)
                }
            }
            Some(b'[' | b'{' | b'*' | b'#' | b',' | b']' | b'}') | None => false,
            _ => self.plain_end(false).1,
        };
        self.at = start;
        is_key
    }

    /// The key that stands here; goes past its colon.
    fn key(&mut self) -> Parse<String> {
        let key = match self.peek() {
            Some(b'"' | b'\'') => self.quoted()?,
            _ => {
                let (end, _) = self.plain_end(false);
                let key = String::from_utf8_lossy(self.text.get(self.at..end).unwrap_or_default()).trim().to_owned();
                self.at = end;
                key
            }
        };
        while self.peek() == Some(b' ') {
            self.at = self.at.saturating_add(1);
        }
        self.at = self.at.saturating_add(1);
        Ok(key)
    }
}
