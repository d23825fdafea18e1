//! The tree of values, walked without recursion: arrays become tensors, the rest a document.

use super::super::Rest;
use super::super::forward::Forward;
use super::{Token, array, token};
use crate::archive::Distinct;
use crate::error::Result;
use crate::limits;
use crate::model::{Contents, Finding, Place, Tensor, Value, elements};

/// Values read in one step: a few milliseconds.
const STEP: usize = 20_000;
/// The key by which Flax marks an array in pieces.
const CHUNKED: &str = "__msgpack_chunked_array__";

/// A tree being walked.
pub(super) struct Tree {
    reader: Forward,
    len: u64,
    open: Vec<Open>,
    /// Dotted name of the value that comes next.
    name: String,
    names: Distinct,
    values: u64,
}

/// A map or list whose values are being read.
struct Open {
    is_map: bool,
    /// Values still to come.
    left: u64,
    index: u64,
    /// Key of the current value.
    key: String,
    /// Length of the name without the key.
    name: usize,
    kept: Vec<(String, Value)>,
    dropped: bool,
    /// Tensors there were before it began.
    tensors: usize,
}

impl Tree {
    pub(super) fn new(reader: Forward) -> Self {
        let len = reader.left();
        Self { reader, len, open: Vec::new(), name: String::new(), names: Distinct::default(), values: 0 }
    }

    /// Reads the next value, its key first in a map; the whole document when it was the last.
    fn next(&mut self, contents: &mut Contents) -> Result<bool> {
        self.values = self.values.saturating_add(1);
        limits::check("document values", limits::DOCUMENT_VALUES, self.values)?;
        if let Some(open) = self.open.last_mut() {
            let key = if open.is_map { key(&mut self.reader)? } else { open.index.to_string() };
            open.index = open.index.saturating_add(1);
            open.left = open.left.saturating_sub(1);
            self.name.truncate(open.name);
            if open.name > 0 {
                self.name.push('.');
            }
            self.name.push_str(&key);
            limits::check("length of a name", limits::PATH as u64, self.name.len() as u64)?;
            open.key = key;
        }
        let value = match token(&mut self.reader)? {
            Token::Plain(value) => Some(value),
            Token::Text(text) => Some(Value::Text(text)),
            Token::Bytes(len) => {
                self.reader.skip(len, "a byte string")?;
                Some(Value::Opaque(format!("{len} bytes")))
            }
            Token::Extension(code, len) => self.extension(code, len, contents)?,
            Token::List(count) => return self.open(false, count, contents),
            Token::Map(count) => return self.open(true, count, contents),
        };
        Ok(self.put(value, contents))
    }

    fn open(&mut self, is_map: bool, count: u64, contents: &mut Contents) -> Result<bool> {
        if count == 0 {
            let empty = if is_map { Value::Map(Vec::new()) } else { Value::List(Vec::new()) };
            return Ok(self.put(Some(empty), contents));
        }
        limits::check("document depth", limits::DOCUMENT_DEPTH as u64, self.open.len() as u64)?;
        self.open.push(Open {
            is_map,
            left: count,
            index: 0,
            key: String::new(),
            name: self.name.len(),
            kept: Vec::new(),
            dropped: false,
            tensors: contents.tensors.len(),
        });
        Ok(false)
    }

    /// Puts a complete value where it belongs, and closes what is complete with it. `None` is a value that became a
    /// tensor. True when there is nothing more.
    fn put(&mut self, mut value: Option<Value>, contents: &mut Contents) -> bool {
        loop {
            let Some(open) = self.open.last_mut() else {
                contents.document = value;
                return true;
            };
            match value {
                Some(value) => open.kept.push((std::mem::take(&mut open.key), value)),
                None => open.dropped = true,
            }
            if open.left > 0 {
                return false;
            }
            let Some(done) = self.open.pop() else { return true };
            self.name.truncate(done.name);
            value = self.close(done, contents);
        }
    }

    fn close(&mut self, done: Open, contents: &mut Contents) -> Option<Value> {
        if done.is_map && done.kept.iter().any(|(key, _)| key == CHUNKED) {
            self.join(&done, contents);
            return None;
        }
        if done.kept.is_empty() {
            return None;
        }
        if done.is_map || done.dropped {
            return Some(Value::Map(done.kept));
        }
        Some(Value::List(done.kept.into_iter().map(|(_, value)| value).collect()))
    }

    /// Makes one tensor of the pieces of an array. More than one piece have no single place in the file.
    fn join(&mut self, done: &Open, contents: &mut Contents) {
        let pieces: Vec<Tensor> = contents.tensors.drain(done.tensors.min(contents.tensors.len())..).collect();
        let Some(first) = pieces.first() else { return };
        let shape = done.kept.iter().find(|(key, _)| key == "shape").and_then(|(_, shape)| shape.pairs());
        let shape: Vec<u64> = shape.unwrap_or_default().iter().filter_map(|(_, length)| length.count()).collect();
        let size = pieces.iter().fold(0_u64, |sum, piece| sum.saturating_add(piece.size_bytes));
        if elements(&shape).and_then(|count| first.dtype.bytes_for(count)).is_some_and(|claimed| claimed != size) {
            let message = format!("{}: {} {shape:?} in pieces of {size} bytes together", self.name, first.dtype);
            add(contents, Finding::error("msgpack-array", message));
        }
        let place: Option<Place> = pieces.first().filter(|_| pieces.len() == 1).and_then(|piece| piece.place.clone());
        let (dtype, role) = (first.dtype.clone(), first.role);
        contents.tensors.push(Tensor { name: self.name.clone(), dtype, shape, size_bytes: size, role, place });
    }

    fn extension(&mut self, code: i64, len: u64, contents: &mut Contents) -> Result<Option<Value>> {
        let at = self.reader.at();
        match code {
            1 | 3 => {
                limits::check("tensors", limits::TENSORS, contents.tensors.len() as u64)?;
                let array = array::read(&mut self.reader, len)?;
                let number = array.number(&mut self.reader)?;
                let (name, repeated) = self.names.take_name(self.name.clone());
                if repeated {
                    let message = format!("a name is repeated, shown as {name:?}");
                    add(contents, Finding::error("msgpack-duplicate-name", message).at(at));
                }
                let (tensor, wrong) = array.tensor(name);
                contents.tensors.push(tensor);
                if let Some(message) = wrong {
                    add(contents, Finding::error("msgpack-array", message).at(at));
                }
                Ok(number)
            }
            2 => {
                let end = at.saturating_add(len);
                let (Token::List(2), Token::Plain(real), Token::Plain(imaginary)) =
                    (token(&mut self.reader)?, token(&mut self.reader)?, token(&mut self.reader)?)
                else {
                    return Err(self.reader.wrong("expected the two parts of a complex number"));
                };
                if self.reader.at() != end {
                    return Err(self.reader.wrong(format!("a complex number ends here, its extension at byte {end}")));
                }
                Ok(Some(Value::List(vec![real, imaginary])))
            }
            _ => {
                self.reader.skip(len, "an extension")?;
                Ok(Some(Value::Opaque(format!("extension {code}, {len} bytes"))))
            }
        }
    }
}

/// Keys are names; numbers as keys are shown as such.
fn key(reader: &mut Forward) -> Result<String> {
    match token(reader)? {
        Token::Text(text) => Ok(text),
        Token::Plain(Value::Int(number)) => Ok(number.to_string()),
        Token::Bytes(len) => Ok(String::from_utf8_lossy(reader.take(len, "a key")?).into_owned()),
        other => Err(reader.wrong(format!("expected a key that is text or a number, found {other:?}"))),
    }
}

fn add(contents: &mut Contents, finding: Finding) {
    if contents.findings.len() < limits::FINDINGS {
        contents.findings.push(finding);
    }
}

impl Rest for Tree {
    fn step(&mut self, contents: &mut Contents) -> Result<bool> {
        for _ in 0..STEP {
            if self.next(contents)? {
                let left = self.reader.left();
                if left > 0 {
                    let message = format!("{left} bytes follow the value");
                    add(contents, Finding::warning("msgpack-trailing", message).at(self.reader.at()));
                }
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn progress(&self) -> (u64, u64) {
        (self.reader.at(), self.len)
    }
}
