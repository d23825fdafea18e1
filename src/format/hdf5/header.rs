//! Object headers (IV.A.1): the list of messages that an object consists of.

use super::reader::Reader;
use crate::error::Result;
use crate::limits;

/// A message: what it is, and where its bytes are in the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Message {
    kind: u64,
    pub(super) at: u64,
    pub(super) len: u64,
    /// Its bytes only say where the message is.
    pub(super) is_shared: bool,
}

impl Message {
    pub(super) const DATASPACE: u64 = 0x01;
    pub(super) const LINK_INFO: u64 = 0x02;
    pub(super) const DATATYPE: u64 = 0x03;
    pub(super) const LINK: u64 = 0x06;
    pub(super) const LAYOUT: u64 = 0x08;
    pub(super) const ATTRIBUTE: u64 = 0x0c;
    const CONTINUATION: u64 = 0x10;
    pub(super) const SYMBOL_TABLE: u64 = 0x11;
    const ATTRIBUTE_INFO: u64 = 0x15;
}

/// The messages of an object.
pub(super) struct Header {
    messages: Vec<Message>,
}

/// How the messages of a header are laid out.
struct Shape {
    is_new: bool,
    has_order: bool,
    /// Blocks of messages still to be read: where, and how long.
    blocks: Vec<(u64, u64)>,
}

impl Header {
    /// Reads the header at `address`.
    pub(super) fn read(reader: &mut Reader, address: u64) -> Result<Self> {
        reader.go_to(reader.absolute(address));
        let is_new = reader.take(4, "an object header")? == b"OHDR";
        let mut shape = if is_new { new(reader)? } else { old(reader, address)? };
        let mut messages = Vec::new();
        while let Some((at, len)) = shape.blocks.pop() {
            block(reader, at, len, &mut shape, &mut messages)?;
        }
        Ok(Self { messages })
    }

    /// The first message of a kind.
    pub(super) fn find(&self, kind: u64) -> Option<Message> {
        self.all(kind).next()
    }

    /// The messages of a kind.
    pub(super) fn all(&self, kind: u64) -> impl Iterator<Item = Message> {
        self.messages.iter().copied().filter(move |message| message.kind == kind)
    }

    /// Whether there are attributes in a fractal heap besides those in messages (IV.A.2.v).
    pub(super) fn has_dense_attributes(&self, reader: &mut Reader) -> Result<bool> {
        let Some(info) = self.find(Message::ATTRIBUTE_INFO) else { return Ok(false) };
        reader.go_to(info.at);
        reader.skip(1, "the version of the attribute info")?;
        let flags = reader.uint(1, "flags")?;
        reader.skip(if flags & 1 == 1 { 2 } else { 0 }, "an index")?;
        Ok(reader.address("the address of a heap")?.is_some())
    }
}

/// Version 1: no signature, sixteen bytes, then the messages.
fn old(reader: &mut Reader, address: u64) -> Result<Shape> {
    let start = reader.absolute(address);
    reader.go_to(start);
    let version = reader.uint(1, "the version of an object header")?;
    if version != 1 {
        reader.go_to(start);
        return Err(reader.wrong(format!("expected an object header of version 1 or 2, found {version}")));
    }
    reader.skip(7, "an object header")?;
    let len = reader.uint(4, "the length of an object header")?;
    Ok(Shape { is_new: false, has_order: false, blocks: vec![(start.saturating_add(16), len)] })
}

/// Version 2: behind its signature.
fn new(reader: &mut Reader) -> Result<Shape> {
    let version = reader.uint(1, "the version of an object header")?;
    if version != 2 {
        return Err(reader.wrong(format!("expected an object header of version 2, found {version}")));
    }
    let flags = reader.uint(1, "flags")?;
    reader.skip(if flags & 0x20 != 0 { 16 } else { 0 }, "times")?;
    reader.skip(if flags & 0x10 != 0 { 4 } else { 0 }, "limits")?;
    let width = 1_u64.wrapping_shl(u32::try_from(flags & 3).unwrap_or(0));
    let len = reader.uint(width, "the length of an object header")?;
    Ok(Shape { is_new: true, has_order: flags & 4 != 0, blocks: vec![(reader.at(), len)] })
}

/// The messages of `len` bytes from `at`; those of a continuation wait in `shape`.
fn block(reader: &mut Reader, at: u64, len: u64, shape: &mut Shape, messages: &mut Vec<Message>) -> Result<()> {
    let end = at.saturating_add(len);
    reader.go_to(at);
    let head = match (shape.is_new, shape.has_order) {
        (false, _) => 8,
        (true, false) => 4,
        (true, true) => 6,
    };
    while reader.at().saturating_add(head) <= end {
        let kind = reader.uint(if shape.is_new { 1 } else { 2 }, "a message")?;
        let len = reader.uint(2, "the length of a message")?;
        let flags = reader.uint(1, "the flags of a message")?;
        reader.skip(head.saturating_sub(if shape.is_new { 4 } else { 5 }), "a message")?;
        let at = reader.at();
        let next = at.saturating_add(len);
        if next > end {
            return Err(reader.wrong(format!("a message ends at byte {next}, its block at {end}")));
        }
        messages.push(Message { kind, at, len, is_shared: flags & 2 != 0 });
        limits::check("HDF5 messages", limits::HDF5_MESSAGES, messages.len() as u64)?;
        if kind == Message::CONTINUATION {
            let address = reader.address("the address of a continuation")?.unwrap_or(0);
            let len = reader.length("the length of a continuation")?;
            let start = reader.absolute(address);
            // A new one has a signature in front and a checksum behind.
            let inner = if shape.is_new { (start.saturating_add(4), len.saturating_sub(8)) } else { (start, len) };
            shape.blocks.insert(0, inner);
        }
        reader.go_to(next);
    }
    Ok(())
}
