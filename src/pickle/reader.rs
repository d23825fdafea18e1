//! The opcodes of a pickle, one by one, with their offsets. Reads in windows; long arguments stay where they are.

use super::heap::Span;
use super::opcode::{self, Form};
use crate::error::{Error, Result};
use crate::limits;
use crate::source::Source;

/// Bytes read at once after a jump.
const WINDOW: u64 = 64 << 10;
/// Bytes read at once at most, while everything is read: each read of a browser file costs some milliseconds.
const WIDEST: u64 = 2 << 20;

/// One opcode.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Where it stands, from the start of the source.
    pub offset: u64,
    /// Its code.
    pub code: u8,
    /// Its name in `pickletools`.
    pub name: &'static str,
    /// What follows it.
    pub argument: Argument,
}

/// The argument of an opcode.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// There is none.
    Nothing,
    /// A whole number.
    Int(i64),
    /// A frame's length, which may be beyond every signed number.
    Length(u64),
    /// A number.
    Float(f64),
    /// A line without its end.
    Line(Vec<u8>),
    /// Two lines.
    Lines(Vec<u8>, Vec<u8>),
    /// A line that is too long to be kept, without its end.
    LongLine(Span),
    /// Bytes that stand in the source.
    Bytes(Span),
}

/// Reads opcodes from a source.
pub struct Reader {
    source: Source,
    window: Vec<u8>,
    /// Where the window begins.
    start: u64,
    /// The next byte.
    at: u64,
    /// Bytes to read next.
    fetch: u64,
}

impl Reader {
    /// Reads from `offset` of `source`.
    pub fn new(source: Source, offset: u64) -> Self {
        Self { source, window: Vec::new(), start: offset, at: offset, fetch: WINDOW }
    }

    /// Where the next opcode stands.
    pub fn position(&self) -> u64 {
        self.at
    }

    /// What it reads.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The next opcode.
    ///
    /// # Errors
    /// When the source ends, or another byte stands where an opcode should; nothing is consumed then.
    pub fn next_event(&mut self) -> Result<Event> {
        let offset = self.at;
        let event = self.event(offset);
        if event.is_err() {
            self.at = offset;
        }
        event
    }

    /// Goes `len` bytes further.
    ///
    /// # Errors
    /// When the source ends before.
    pub fn skip(&mut self, len: u64) -> Result<Span> {
        let offset = self.at;
        let end = offset.checked_add(len).filter(|&end| end <= self.source.len());
        let Some(end) = end else {
            let there = self.source.len().saturating_sub(offset);
            return Err(Error::malformed("pickle", offset, format!("{len} bytes are promised, {there} are there")));
        };
        self.at = end;
        if end > self.start.saturating_add(self.window.len() as u64) {
            self.fetch = WINDOW;
        }
        Ok(Span { offset, len })
    }

    /// The bytes of a span, from the window where they are in it.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn bytes(&self, span: Span) -> Result<Vec<u8>> {
        let inside = span.offset.checked_sub(self.start).and_then(|from| {
            let from = usize::try_from(from).ok()?;
            self.window.get(from..)?.get(..usize::try_from(span.len).ok()?)
        });
        match inside {
            Some(bytes) => Ok(bytes.to_vec()),
            None => self.source.exact_at(span.offset, span.len, "pickle", "a value"),
        }
    }

    fn event(&mut self, offset: u64) -> Result<Event> {
        let [code] = self.take("an opcode")?;
        let Some((name, form)) = opcode::find(code) else {
            return Err(Error::malformed("pickle", offset, format!("expected an opcode, found byte {code:#04x}")));
        };
        let argument = self.argument(form, name)?;
        Ok(Event { offset, code, name, argument })
    }

    fn argument(&mut self, form: Form, name: &'static str) -> Result<Argument> {
        Ok(match form {
            Form::Nothing => Argument::Nothing,
            Form::U8 => Argument::Int(i64::from(u8::from_le_bytes(self.take(name)?))),
            Form::U16 => Argument::Int(i64::from(u16::from_le_bytes(self.take(name)?))),
            Form::U32 => Argument::Int(i64::from(u32::from_le_bytes(self.take(name)?))),
            Form::I32 => Argument::Int(i64::from(i32::from_le_bytes(self.take(name)?))),
            Form::U64 => Argument::Length(u64::from_le_bytes(self.take(name)?)),
            Form::F64 => Argument::Float(f64::from_be_bytes(self.take(name)?)),
            Form::Line => match self.line(name)? {
                Ok(line) => Argument::Line(line),
                Err(span) => Argument::LongLine(span),
            },
            Form::Lines => Argument::Lines(self.short_line(name)?, self.short_line(name)?),
            Form::Counted1 => {
                let len = u64::from(u8::from_le_bytes(self.take(name)?));
                Argument::Bytes(self.skip(len)?)
            }
            Form::Counted4 => {
                let len = u64::from(u32::from_le_bytes(self.take(name)?));
                Argument::Bytes(self.skip(len)?)
            }
            Form::Signed4 => {
                let (at, len) = (self.at, i32::from_le_bytes(self.take(name)?));
                let len = u64::try_from(len).map_err(|_negative| {
                    Error::malformed("pickle", at, format!("{name} has a length of {len} bytes"))
                })?;
                Argument::Bytes(self.skip(len)?)
            }
            Form::Counted8 => {
                let len = u64::from_le_bytes(self.take(name)?);
                Argument::Bytes(self.skip(len)?)
            }
        })
    }

    /// What is there of the source from the next byte on, at least `len` bytes unless it ends.
    fn ahead(&mut self, len: usize) -> Result<&[u8]> {
        let from = usize::try_from(self.at.saturating_sub(self.start)).unwrap_or(usize::MAX);
        let there = self.window.len().saturating_sub(from);
        let left = self.source.len().saturating_sub(self.at);
        if there < len && (there as u64) < left {
            self.window = self.source.bytes_at(self.at, self.fetch.max(len as u64))?;
            self.start = self.at;
            self.fetch = self.fetch.saturating_mul(2).min(WIDEST);
            return Ok(&self.window);
        }
        Ok(self.window.get(from..).unwrap_or_default())
    }

    fn take<const N: usize>(&mut self, what: &str) -> Result<[u8; N]> {
        let found = self.ahead(N)?.first_chunk::<N>().copied();
        let Some(bytes) = found else { return Err(self.ended(what)) };
        self.at = self.at.saturating_add(N as u64);
        Ok(bytes)
    }

    /// The next line; where it stands when it is too long to be kept.
    fn line(&mut self, name: &str) -> Result<std::result::Result<Vec<u8>, Span>> {
        let mut wanted = 80_usize;
        loop {
            let ahead = self.ahead(wanted)?;
            if let Some(end) = line_end(ahead) {
                let line = ahead.get(..end).unwrap_or_default().to_vec();
                self.at = self.at.saturating_add(end as u64).saturating_add(1);
                return Ok(Ok(line));
            }
            let there = ahead.len();
            if there < wanted {
                return Err(self.ended(name));
            }
            if there >= limits::PICKLE_LINE_KEPT {
                return self.long_line(there as u64, name).map(Err);
            }
            wanted = there.saturating_mul(2).min(limits::PICKLE_LINE_KEPT);
        }
    }

    fn short_line(&mut self, name: &str) -> Result<Vec<u8>> {
        self.line(name)?.map_err(|span| limit_of_lines(limits::PICKLE_LINE_KEPT as u64, span.len))
    }

    /// Goes to the end of a line of which the first `known` bytes do not have it.
    fn long_line(&mut self, known: u64, name: &str) -> Result<Span> {
        self.window = Vec::new();
        let mut len = known;
        loop {
            let piece = self.source.bytes_at(self.at.saturating_add(len), WIDEST)?;
            let end = line_end(&piece);
            len = len.saturating_add(end.unwrap_or(piece.len()) as u64);
            limits::check("pickle line", limits::PICKLE_LINE, len)?;
            if end.is_some() {
                let span = Span { offset: self.at, len };
                self.at = self.at.saturating_add(len).saturating_add(1);
                return Ok(span);
            }
            if piece.is_empty() {
                return Err(self.ended(name));
            }
        }
    }

    fn ended(&self, inside: &str) -> Error {
        let len = self.source.len();
        Error::malformed("pickle", len, format!("the pickle ends at byte {len} inside {inside}"))
    }
}

fn line_end(bytes: &[u8]) -> Option<usize> {
    bytes.iter().position(|&byte| byte == b'\n')
}

fn limit_of_lines(cap: u64, asked: u64) -> Error {
    Error::Limit { limit: "pickle line", cap, asked }
}
