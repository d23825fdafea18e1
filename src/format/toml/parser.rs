//! Tables and keys: where each value belongs.

use crate::limits;
use crate::model::Value;

/// Why a text is not understood: where, and what.
pub(super) type Wrong = (usize, String);

/// Keys of a table that are searched for one that comes again: more are not written by hand.
const SEARCHED: usize = 1000;

/// A text and a position in it.
pub(super) struct Parser<'a> {
    pub(super) text: &'a [u8],
    pub(super) at: usize,
    pub(super) depth: usize,
    values: u64,
}

/// The document that `text` is.
pub(super) fn parse(text: &[u8]) -> Result<Value, Wrong> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut parser = Parser { text, at: 0, depth: 0, values: 0 };
    let mut root = Vec::new();
    let mut table: Vec<String> = Vec::new();
    loop {
        parser.skip_blank(true);
        match parser.peek() {
            None => return Ok(Value::Map(root)),
            Some(b'[') => table = parser.header(&mut root)?,
            Some(_) => {
                let start = parser.at;
                let path = parser.path()?;
                parser.expect(b'=')?;
                let value = parser.value()?;
                let found = descend(&mut root, &table).ok_or((start, "a table inside a value".to_owned()))?;
                put(found, &path, value, start)?;
            }
        }
        parser.skip_blank(false);
        if !matches!(parser.peek(), None | Some(b'\n')) {
            return Err(parser.wrong("text behind a complete line"));
        }
    }
}

impl Parser<'_> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    pub(super) fn rest(&self) -> &[u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn bump(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes).min(self.text.len());
    }

    pub(super) fn wrong(&self, what: &str) -> Wrong {
        (self.at, what.to_owned())
    }

    /// Goes past spaces and comments, and line breaks too if `over_lines`.
    pub(super) fn skip_blank(&mut self, over_lines: bool) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r') => self.bump(1),
                Some(b'\n') if over_lines => self.bump(1),
                Some(b'#') => {
                    let len = self.rest().iter().position(|&byte| byte == b'\n').unwrap_or(self.rest().len());
                    self.bump(len);
                }
                _ => return,
            }
        }
    }

    pub(super) fn expect(&mut self, byte: u8) -> Result<(), Wrong> {
        self.skip_blank(false);
        if self.peek() != Some(byte) {
            return Err((self.at, format!("expected {:?}", char::from(byte))));
        }
        self.bump(1);
        self.skip_blank(false);
        Ok(())
    }

    pub(super) fn count(&mut self) -> Result<(), Wrong> {
        self.values = self.values.saturating_add(1);
        let fits = self.values <= limits::CONFIGURATION_VALUES && self.depth <= limits::DOCUMENT_DEPTH;
        if fits { Ok(()) } else { Err(self.wrong("more values or levels than a configuration has")) }
    }

    /// A key, its parts joined with dots in the file.
    pub(super) fn path(&mut self) -> Result<Vec<String>, Wrong> {
        let mut path = Vec::new();
        loop {
            self.skip_blank(false);
            let part = match self.peek() {
                Some(b'"' | b'\'') => self.string()?,
                _ => {
                    let is_bare = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
                    let len = self.rest().iter().take_while(|byte| is_bare(byte)).count();
                    let part = String::from_utf8_lossy(self.rest().get(..len).unwrap_or_default()).into_owned();
                    if part.is_empty() {
                        return Err(self.wrong("expected a key"));
                    }
                    self.bump(len);
                    part
                }
            };
            path.push(part);
            if path.len() > limits::DOCUMENT_DEPTH {
                return Err(self.wrong("more levels than a configuration has"));
            }
            self.skip_blank(false);
            if self.peek() != Some(b'.') {
                return Ok(path);
            }
            self.bump(1);
        }
    }

    /// `[table]` or `[[table]]`: makes it, and gives its path.
    fn header(&mut self, root: &mut Vec<(String, Value)>) -> Result<Vec<String>, Wrong> {
        self.count()?;
        let start = self.at;
        let is_list = self.rest().starts_with(b"[[");
        self.bump(if is_list { 2 } else { 1 });
        let path = self.path()?;
        self.expect(b']')?;
        if is_list {
            self.expect(b']')?;
        }
        let Some((last, parents)) = path.split_last() else { return Ok(path) };
        let inside = || (start, format!("{} is no table", path.join(".")));
        let parent = descend(root, parents).ok_or_else(inside)?;
        let position = position(parent, last);
        match (position.and_then(|at| parent.get_mut(at)), is_list) {
            (Some((_, Value::List(items))), true) => items.push(Value::Map(Vec::new())),
            (Some((_, Value::Map(_))), false) => {}
            (Some(_), _) => return Err(inside()),
            (None, true) => parent.push((last.clone(), Value::List(vec![Value::Map(Vec::new())]))),
            (None, false) => parent.push((last.clone(), Value::Map(Vec::new()))),
        }
        Ok(path)
    }
}

/// Where `key` is in a table.
fn position(table: &[(String, Value)], key: &str) -> Option<usize> {
    let start = table.len().saturating_sub(SEARCHED);
    let found = table.iter().skip(start).position(|(known, _)| known == key)?;
    found.checked_add(start)
}

/// The table at `path`, made on the way; of a list of tables the last one.
fn descend<'a>(table: &'a mut Vec<(String, Value)>, path: &[String]) -> Option<&'a mut Vec<(String, Value)>> {
    let Some((first, rest)) = path.split_first() else { return Some(table) };
    let at = position(table, first).unwrap_or(table.len());
    if at == table.len() {
        table.push((first.clone(), Value::Map(Vec::new())));
    }
    match &mut table.get_mut(at)?.1 {
        Value::Map(pairs) => descend(pairs, rest),
        Value::List(items) => match items.last_mut()? {
            Value::Map(pairs) => descend(pairs, rest),
            _ => None,
        },
        _ => None,
    }
}

/// Puts a value under a dotted key.
pub(super) fn put(table: &mut Vec<(String, Value)>, path: &[String], value: Value, at: usize) -> Result<(), Wrong> {
    let Some((last, parents)) = path.split_last() else { return Ok(()) };
    let wrong = |what: &str| (at, format!("{} {what}", path.join(".")));
    let parent = descend(table, parents).ok_or_else(|| wrong("is inside a value"))?;
    if position(parent, last).is_some() {
        return Err(wrong("is there already"));
    }
    parent.push((last.clone(), value));
    Ok(())
}
