//! Attributes (IV.A.2.m): numbers and texts; texts of variable length are in global heaps (III.E).

use std::collections::BTreeMap;

use super::super::document::Parser;
use super::super::forward::number;
use super::dataset;
use super::datatype::{self, Datatype, Text};
use super::header::Message;
use super::reader::Reader;
use crate::error::Result;
use crate::limits;
use crate::model::{Endian, Value, elements};

/// Items of an attribute that are kept: a list of layers has hundreds.
const ITEMS: u64 = 10_000;

/// The global heap that was read last: where its objects are. Texts of one attribute lie together.
#[derive(Default)]
pub(super) struct Heaps {
    address: Option<u64>,
    objects: BTreeMap<u64, (u64, u64)>,
}

/// Reads the attribute in `message`: its name and value.
pub(super) fn read(reader: &mut Reader, heaps: &mut Heaps, message: Message) -> Result<(String, Value)> {
    reader.go_to(message.at);
    if message.is_shared {
        return Err(reader.wrong("an attribute that is shared in a heap is not read"));
    }
    let version = reader.uint(1, "the version of an attribute")?;
    let flags = reader.uint(1, "flags")?;
    let mut lens = [0_u64; 3];
    for len in &mut lens {
        *len = reader.uint(2, "a length")?;
    }
    let padding = match version {
        1 => 8,
        2 => 1,
        3 => {
            reader.skip(1, "the characters of a name")?;
            1
        }
        _ => return Err(reader.wrong(format!("expected an attribute of version 1 to 3, found {version}"))),
    };
    let [name_len, type_len, space_len] = lens.map(|len| len.checked_next_multiple_of(padding).unwrap_or(len));
    let name = reader.take(name_len, "the name of an attribute")?;
    let name = String::from_utf8_lossy(name.split(|&byte| byte == 0).next().unwrap_or_default()).into_owned();
    let at = reader.at();
    let kind = if version > 1 && flags & 1 == 1 { datatype::shared(reader)? } else { datatype::read(reader)? };
    reader.go_to(at.saturating_add(type_len));
    let shape = if space_len == 0 { Vec::new() } else { dataset::shape(reader)? };
    reader.go_to(at.saturating_add(type_len).saturating_add(space_len));
    let end = message.at.saturating_add(message.len);
    let value = value(reader, heaps, &kind, &shape, end).map_err(|error| error.inside(&name))?;
    Ok((name, value))
}

fn value(reader: &mut Reader, heaps: &mut Heaps, kind: &Datatype, shape: &[u64], end: u64) -> Result<Value> {
    let count = elements(shape).unwrap_or(u64::MAX);
    let is_readable = kind.text.is_some() || (1..=8).contains(&kind.size);
    if !is_readable || count > ITEMS {
        return Ok(Value::Opaque(format!("{} {shape:?}", kind.dtype)));
    }
    let mut items = Vec::new();
    for _ in 0..count {
        let next = reader.at().saturating_add(kind.size);
        if next > end {
            return Err(reader.wrong(format!("the value of an attribute runs to byte {next}, the attribute to {end}")));
        }
        items.push(item(reader, heaps, kind)?);
        reader.go_to(next);
    }
    if shape.is_empty() {
        return Ok(items.pop().unwrap_or(Value::Null));
    }
    Ok(Value::List(items))
}

fn item(reader: &mut Reader, heaps: &mut Heaps, kind: &Datatype) -> Result<Value> {
    match kind.text {
        None => {
            let bits = reader.uint(kind.size, "a number")?;
            let bits = match kind.endian {
                Endian::Little => bits,
                Endian::Big => reversed(bits, kind.size),
            };
            Ok(number(&kind.dtype, bits).unwrap_or_else(|| Value::Opaque(kind.dtype.name().to_owned())))
        }
        Some(Text::Fixed) => {
            let bytes = reader.take(kind.size, "a text")?;
            Ok(text(bytes.split(|&byte| byte == 0).next().unwrap_or_default()))
        }
        Some(Text::Variable) => {
            let len = reader.uint(4, "the length of a text")?;
            let Some(heap) = reader.address("the address of a heap")?.filter(|_| len > 0) else {
                return Ok(Value::Text(String::new()));
            };
            let index = reader.uint(4, "the index of a text")?;
            heaps.open(reader, heap)?;
            let Some(&(at, there)) = heaps.objects.get(&index) else {
                return Err(reader.wrong(format!("text {index} is not in the heap at {heap}")));
            };
            reader.go_to(at);
            Ok(text(reader.take(len.min(there), "a text")?))
        }
    }
}

fn reversed(bits: u64, width: u64) -> u64 {
    let unused = u32::try_from(64_u64.saturating_sub(width.saturating_mul(8))).unwrap_or(0);
    bits.swap_bytes().wrapping_shr(unused)
}

/// A text; what is JSON (Keras keeps its configurations so) is taken apart.
fn text(bytes: &[u8]) -> Value {
    if bytes.starts_with(b"{")
        && let Ok(Some(parsed)) = Parser::new(0).step(bytes, usize::MAX)
    {
        return parsed.value;
    }
    Value::Text(String::from_utf8_lossy(bytes).into_owned())
}

impl Heaps {
    /// Notes where the objects of the heap at `address` are.
    fn open(&mut self, reader: &mut Reader, address: u64) -> Result<()> {
        if self.address == Some(address) {
            return Ok(());
        }
        self.address = None;
        self.objects.clear();
        let start = reader.absolute(address);
        reader.open(address, b"GCOL", "a global heap")?;
        reader.skip(4, "a global heap")?;
        let end = start.saturating_add(reader.length("the length of a heap")?);
        while reader.at().saturating_add(16) <= end {
            let index = reader.uint(2, "an object of a heap")?;
            reader.skip(6, "an object of a heap")?;
            let len = reader.length("the length of an object")?;
            if index == 0 {
                break;
            }
            self.objects.insert(index, (reader.at(), len));
            limits::check("HDF5 messages", limits::HDF5_MESSAGES, self.objects.len() as u64)?;
            reader.skip(len.checked_next_multiple_of(8).unwrap_or(len), "an object of a heap")?;
        }
        self.address = Some(address);
        Ok(())
    }
}
