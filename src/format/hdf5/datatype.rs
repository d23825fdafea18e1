//! Datatypes (IV.A.2.d): what safetensors has a name for gets it, the rest keeps NumPy's.

use super::header::{Header, Message};
use super::reader::Reader;
use crate::error::Result;
use crate::model::{DType, Endian};

/// A type of elements.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Datatype {
    pub(super) dtype: DType,
    pub(super) endian: Endian,
    /// Bytes of an element in the file.
    pub(super) size: u64,
    pub(super) text: Option<Text>,
}

/// How a text is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    /// In place, up to a zero.
    Fixed,
    /// In a heap.
    Variable,
}

/// Reads the type in `message`, or where that leads.
pub(super) fn of_message(reader: &mut Reader, message: Message) -> Result<Datatype> {
    reader.go_to(message.at);
    if !message.is_shared {
        return read(reader);
    }
    shared(reader)
}

/// Reads the type that is kept elsewhere (IV.A.2, shared messages).
pub(super) fn shared(reader: &mut Reader) -> Result<Datatype> {
    let version = reader.uint(1, "the version of a shared message")?;
    let kind = reader.uint(1, "the kind of a shared message")?;
    if version == 1 {
        reader.skip(6, "a shared message")?;
    } else if version == 3 && kind != 2 {
        return Err(reader.wrong("a type that is shared in a heap is not read"));
    }
    let Some(address) = reader.address("the address of a type")? else {
        return Err(reader.wrong("a shared type is nowhere"));
    };
    let header = Header::read(reader, address)?;
    match header.find(Message::DATATYPE).filter(|message| !message.is_shared) {
        Some(message) => {
            reader.go_to(message.at);
            read(reader)
        }
        None => Err(reader.wrong("a shared type is not where it should be")),
    }
}

/// Reads the type that begins here.
pub(super) fn read(reader: &mut Reader) -> Result<Datatype> {
    let mark = reader.uint(1, "a type")?;
    let (version, class) = (mark.wrapping_shr(4), mark & 0xf);
    let flags = reader.uint(3, "the flags of a type")?;
    let size = reader.uint(4, "the size of a type")?;
    let mut endian = if flags & 1 == 1 && class < 2 { Endian::Big } else { Endian::Little };
    let mut text = None;
    let dtype = match class {
        0 => {
            reader.skip(4, "a type")?;
            whole(size, flags & 8 != 0)
        }
        1 => float(reader, size)?,
        3 => {
            text = Some(Text::Fixed);
            other(format!("S{size}"), size)
        }
        5 => other(format!("V{size}"), size),
        6 => compound(reader, size, flags & 0xffff)?,
        8 => {
            let (dtype, order) = enumeration(reader, version, flags & 0xffff)?;
            endian = order;
            dtype
        }
        9 if flags & 0xf == 1 => {
            text = Some(Text::Variable);
            DType::Other("O".into(), 0)
        }
        11 => complex(size),
        _ => other(format!("HDF5 class {class}"), size),
    };
    Ok(Datatype { dtype, endian, size, text })
}

fn other(name: String, size: u64) -> DType {
    DType::Other(name.into(), u32::try_from(size.saturating_mul(8)).unwrap_or(0))
}

fn whole(size: u64, signed: bool) -> DType {
    match (size, signed) {
        (1, true) => DType::I8,
        (1, false) => DType::U8,
        (2, true) => DType::I16,
        (2, false) => DType::U16,
        (4, true) => DType::I32,
        (4, false) => DType::U32,
        (8, true) => DType::I64,
        (8, false) => DType::U64,
        (_, true) => other(format!("i{size}"), size),
        (_, false) => other(format!("u{size}"), size),
    }
}

fn float(reader: &mut Reader, size: u64) -> Result<DType> {
    reader.skip(5, "a type")?;
    let exponent = reader.uint(1, "the size of an exponent")?;
    reader.skip(1, "a type")?;
    let mantissa = reader.uint(1, "the size of a mantissa")?;
    reader.skip(4, "a type")?;
    Ok(match (size, exponent, mantissa) {
        (8, 11, 52) => DType::F64,
        (4, 8, 23) => DType::F32,
        (2, 5, 10) => DType::F16,
        (2, 8, 7) => DType::BF16,
        (1, 4, 3) => DType::F8E4M3,
        (1, 5, 2) => DType::F8E5M2,
        _ => other(format!("f{size}"), size),
    })
}

fn complex(size: u64) -> DType {
    match size {
        8 => DType::C64,
        16 => DType::C128,
        _ => other(format!("c{size}"), size),
    }
}

/// h5py writes complex numbers as a compound of `r` and `i`.
fn compound(reader: &mut Reader, size: u64, members: u64) -> Result<DType> {
    if members == 2 && reader.take(2, "the name of a member")? == b"r\0" {
        return Ok(complex(size));
    }
    Ok(other(format!("V{size}"), size))
}

/// h5py writes booleans as an enumeration of `FALSE` and `TRUE`; other enumerations are the numbers they stand for.
fn enumeration(reader: &mut Reader, version: u64, members: u64) -> Result<(DType, Endian)> {
    let base = reader.uint(1, "a type")? & 0xf;
    let flags = reader.uint(3, "the flags of a type")?;
    let size = reader.uint(4, "the size of a type")?;
    reader.skip(4, "a type")?;
    let endian = if flags & 1 == 1 { Endian::Big } else { Endian::Little };
    if base != 0 {
        return Ok((other(format!("V{size}"), size), endian));
    }
    let names: &[u8] = if version < 3 { b"FALSE\0\0\0TRUE\0\0\0\0" } else { b"FALSE\0TRUE\0" };
    if members == 2 && size == 1 && reader.take(names.len() as u64, "the names of an enumeration")? == names {
        return Ok((DType::Bool, endian));
    }
    Ok((whole(size, flags & 8 != 0), endian))
}
