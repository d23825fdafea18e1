//! The stack machine, without a Python behind it: plain values are made, everything else is written down.

use super::acts::Record;
use super::heap::{ESCAPED, Heap, Id, Node, Span};
use super::opcode as op;
use super::reader::{Argument, Event, Reader};
use super::stack::{Memo, Stack, no_mark, underflow};
use super::text;
use super::weights_only::WeightsOnly;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::Pickle;
use crate::source::Source;

/// Highest protocol there is.
const PROTOCOL: i64 = 5;

/// A pickle being read. Call [`Machine::step`] until it says that it is done, then [`Machine::finish`].
pub struct Machine {
    pub(super) reader: Reader,
    pub(super) heap: Heap,
    pub(super) stack: Stack,
    pub(super) record: Record,
    pub(super) weights_only: WeightsOnly,
    memo: Memo,
    start: u64,
    protocol: u8,
    events: u64,
    texts: u64,
    truths: Option<[Id; 2]>,
    top: Option<Id>,
    stopped: Option<Error>,
    pub(super) inner: Vec<Pickle>,
}

/// A pickle that was read.
pub struct Program {
    /// The nodes.
    pub heap: Heap,
    /// What loading would give; of one that was not read to its end, what was there.
    pub top: Option<Id>,
    /// What it does.
    pub pickle: Pickle,
    /// Why it was not read to its end, when it was not.
    pub stopped: Option<Error>,
    /// What was read; the spans of the nodes are of it.
    pub source: Source,
    /// Pickles that stand between its opcodes, as joblib writes arrays of objects.
    pub inner: Vec<Pickle>,
    /// The byte after it.
    pub end: u64,
}

impl Machine {
    /// Reads the pickle at `offset` of `source`.
    pub fn new(source: Source, offset: u64) -> Self {
        Self {
            reader: Reader::new(source, offset),
            heap: Heap::default(),
            stack: Stack::default(),
            record: Record::default(),
            weights_only: WeightsOnly::default(),
            memo: Memo::default(),
            start: offset,
            protocol: 0,
            events: 0,
            texts: 0,
            truths: None,
            top: None,
            stopped: None,
            inner: Vec::new(),
        }
    }

    /// Reads all of it.
    ///
    /// # Errors
    /// When the environment fails.
    pub fn run(source: Source, offset: u64) -> Result<Program> {
        let mut machine = Self::new(source, offset);
        while !machine.step(u64::MAX)? {}
        machine.finish()
    }

    /// Runs up to `events` opcodes; true when it is done, at its end or where it cannot go on.
    ///
    /// # Errors
    /// When the environment fails. What is wrong with the pickle is in [`Program::stopped`].
    pub fn step(&mut self, events: u64) -> Result<bool> {
        for _ in 0..events {
            if self.top.is_some() || self.stopped.is_some() {
                return Ok(true);
            }
            match self.one() {
                Ok(()) => {}
                Err(error @ Error::Io { .. }) => return Err(error),
                Err(error) => self.stopped = Some(error),
            }
        }
        Ok(self.top.is_some() || self.stopped.is_some())
    }

    /// Runs up to `events` opcodes of the pickle at `offset`; one with more counts as stopped there.
    ///
    /// # Errors
    /// When the environment fails.
    pub fn run_some(source: Source, offset: u64, events: u64) -> Result<Program> {
        let mut machine = Self::new(source, offset);
        if !machine.step(events)? {
            machine.stopped = Some(Error::Limit { limit: "pickle opcodes here", cap: events, asked: events });
        }
        machine.finish()
    }

    /// Bytes of the source gone through.
    pub fn position(&self) -> u64 {
        self.reader.position()
    }

    /// What was read.
    ///
    /// # Errors
    /// Never for a pickle that ended; else when there is no room for the rest.
    pub fn finish(mut self) -> Result<Program> {
        if self.top.is_none() {
            self.top = self.collapse();
        }
        let end = self.reader.position();
        if let Some(error) = &self.stopped {
            self.weights_only.stopped(error, end);
        }
        let pickle = Pickle {
            entry: None,
            offset: self.start,
            len: end.saturating_sub(self.start),
            protocol: self.protocol,
            opcodes: self.record.opcodes(),
            imports: self.record.imports,
            acts: self.record.acts,
            refused: self.weights_only.newest,
            refused_2_6: self.weights_only.torch_2_6,
            hidden: None,
            judgement: None,
            stopped: self.stopped.as_ref().map(Error::to_string),
        };
        let source = self.reader.source().clone();
        let (heap, top, inner) = (self.heap, self.top, self.inner);
        Ok(Program { heap, top, pickle, stopped: self.stopped, source, inner, end })
    }

    fn one(&mut self) -> Result<()> {
        limits::check("pickle opcodes", limits::PICKLE_OPCODES, self.events)?;
        limits::check("pickle memory", limits::PICKLE_MEMORY, self.bytes())?;
        self.events = self.events.saturating_add(1);
        let event = self.reader.next_event()?;
        self.record.opcode(&event);
        self.watch(&event);
        if let Some(node) = self.scalar(&event)? {
            self.watch_scalar(&event, &node);
            return self.push(node);
        }
        if self.container(&event)? || self.shuffle(&event)? {
            return Ok(());
        }
        self.object(&event)
    }

    /// Bytes that everything takes.
    fn bytes(&self) -> u64 {
        let values = self.heap.bytes().saturating_add(self.record.bytes());
        values.saturating_add(self.stack.bytes()).saturating_add(self.memo.bytes())
    }

    pub(super) fn push(&mut self, node: Node) -> Result<()> {
        let id = self.heap.add(node)?;
        self.stack.push(id);
        Ok(())
    }

    /// What an opcode makes of its argument alone.
    fn scalar(&mut self, event: &Event) -> Result<Option<Node>> {
        let at = event.offset;
        Ok(Some(match (event.code, &event.argument) {
            (op::BININT | op::BININT1 | op::BININT2, Argument::Int(value)) => Node::Int(*value),
            (op::BINFLOAT, Argument::Float(value)) => Node::Float(*value),
            (op::INT, Argument::Line(line)) if line == b"00" || line == b"01" => Node::Bool(line == b"01"),
            (op::INT | op::LONG, Argument::Line(line)) => text::decimal(line, at)?,
            (op::FLOAT, Argument::Line(line)) => Node::Float(text::float(line, at)?),
            (op::LONG1 | op::LONG4, Argument::Bytes(span)) => self.long(*span)?,
            (op::STRING, Argument::Line(line)) => self.written(text::quoted(line, at)?, event),
            (op::UNICODE, Argument::Line(line)) => self.written(text::unicode(line), event),
            (op::STRING | op::UNICODE, Argument::LongLine(span)) => Node::LongText(*span),
            (op::INT | op::LONG, Argument::LongLine(span)) => Node::Huge(*span),
            (_, Argument::LongLine(span)) => {
                let (cap, asked) = (limits::PICKLE_LINE_KEPT as u64, span.len);
                return Err(Error::Limit { limit: "pickle line", cap, asked });
            }
            (op::SHORT_BINUNICODE | op::BINUNICODE | op::BINUNICODE8, Argument::Bytes(span)) => self.text(*span)?,
            (op::SHORT_BINSTRING | op::BINSTRING, Argument::Bytes(span)) => match self.text(*span)? {
                // Python 2 had one type for text and bytes.
                Node::Text { text, .. } if text.contains(char::REPLACEMENT_CHARACTER) => Node::Bytes(*span),
                Node::LongText(span) => Node::Bytes(span),
                node => node,
            },
            (op::SHORT_BINBYTES | op::BINBYTES | op::BINBYTES8 | op::BYTEARRAY8, Argument::Bytes(span)) => {
                Node::Bytes(*span)
            }
            (op::EMPTY_LIST, _) => Node::List(Vec::new()),
            (op::EMPTY_DICT, _) => Node::Dict(Vec::new()),
            (op::EMPTY_SET, _) => Node::Set(Vec::new()),
            _ => return Ok(None),
        }))
    }

    /// Text that stands in the pickle as it is.
    fn text(&mut self, span: Span) -> Result<Node> {
        if !self.is_kept(span.len) {
            return Ok(Node::LongText(span));
        }
        let text = match String::from_utf8(self.reader.bytes(span)?) {
            Ok(text) => text,
            // Lone surrogates are no UTF-8; Python writes them all the same.
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        };
        Ok(Node::Text { text: text.into(), at: span.offset })
    }

    /// Text that stands escaped in a line.
    fn written(&mut self, text: String, event: &Event) -> Node {
        let len = text.len() as u64;
        if self.is_kept(len) {
            return Node::Text { text: text.into(), at: ESCAPED };
        }
        Node::LongText(Span { offset: event.offset, len: self.reader.position().saturating_sub(event.offset) })
    }

    fn is_kept(&mut self, len: u64) -> bool {
        let all = self.texts.saturating_add(len);
        let is_kept = len <= limits::PICKLE_TEXT && all <= limits::PICKLE_TEXTS;
        if is_kept {
            self.texts = all;
        }
        is_kept
    }

    fn long(&mut self, span: Span) -> Result<Node> {
        if span.len > limits::PICKLE_NUMBER {
            return Ok(Node::Huge(span));
        }
        Ok(text::long(&self.reader.bytes(span)?))
    }

    fn truth(&mut self, value: bool) -> Result<Id> {
        let [no, yes] = match self.truths {
            Some(known) => known,
            None => [self.heap.add(Node::Bool(false))?, self.heap.add(Node::Bool(true))?],
        };
        self.truths = Some([no, yes]);
        Ok(if value { yes } else { no })
    }

    /// The stack, the memo, and the pickle itself.
    fn shuffle(&mut self, event: &Event) -> Result<bool> {
        let number = match &event.argument {
            Argument::Int(value) => *value,
            Argument::Line(line) if matches!(event.code, op::GET | op::PUT) => text::index(line, event.offset)?,
            _ => 0,
        };
        let index = u64::try_from(number).unwrap_or(u64::MAX);
        match event.code {
            op::NONE => self.stack.push(Id::NONE),
            op::EMPTY_TUPLE => self.stack.push(Id::EMPTY),
            op::NEWTRUE | op::NEWFALSE => {
                let id = self.truth(event.code == op::NEWTRUE)?;
                self.stack.push(id);
            }
            op::MARK => self.stack.mark(),
            op::POP => self.stack.pop_any().ok_or_else(|| underflow(event))?,
            op::POP_MARK => drop(self.stack.pop_mark().ok_or_else(|| no_mark(event))?),
            op::DUP => {
                let top = self.top(event)?;
                self.stack.push(top);
            }
            op::GET | op::BINGET | op::LONG_BINGET => {
                let id = self.memo.get(index).ok_or_else(|| {
                    Error::malformed(
                        "pickle",
                        event.offset,
                        format!("{} asks for memo entry {index}, which was never put", event.name),
                    )
                })?;
                self.stack.push(id);
            }
            op::PUT | op::BINPUT | op::LONG_BINPUT => {
                let top = self.top(event)?;
                self.memo.put(index, top);
            }
            op::MEMOIZE => {
                let top = self.top(event)?;
                self.memo.put(self.memo.len(), top);
            }
            op::PROTO if number > PROTOCOL => {
                let what = format!("protocol {number} is asked for, {PROTOCOL} is the highest there is");
                return Err(Error::malformed("pickle", event.offset, what));
            }
            op::PROTO => self.protocol = self.protocol.max(u8::try_from(number).unwrap_or(u8::MAX)),
            op::FRAME => {}
            op::STOP => self.top = Some(self.pop(event)?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    pub(super) fn pop(&mut self, event: &Event) -> Result<Id> {
        self.stack.pop().ok_or_else(|| underflow(event))
    }

    pub(super) fn top(&self, event: &Event) -> Result<Id> {
        self.stack.top().ok_or_else(|| underflow(event))
    }

    pub(super) fn pop_mark(&mut self, event: &Event) -> Result<Vec<Id>> {
        self.stack.pop_mark().ok_or_else(|| no_mark(event))
    }
}
