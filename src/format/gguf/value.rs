//! Values of the key-value part, and how much of a long list is kept.

use crc32fast::Hasher;

use super::super::forward::{Forward, signed, single};
use super::Sizes;
use crate::error::Result;
use crate::limits;
use crate::model::Value;

/// Longest list that is kept whole: a list of tokens is not configuration.
const WHOLE: u64 = 64;
/// Items of a longer list that are kept.
const FIRST: u64 = 8;
/// Lists in lists; no writer nests them.
const DEPTH: u32 = 4;
/// Bytes of a list read at once for its checksum.
const PIECE: u64 = 64 << 10;

const STRING: u64 = 8;
const ARRAY: u64 = 9;

/// A string as the file spells it; bytes that are no UTF-8 become U+FFFD (tokens can be parts of characters).
pub(super) fn text(reader: &mut Forward, sizes: Sizes, what: &str) -> Result<String> {
    let len = reader.uint(sizes.count, what)?;
    Ok(String::from_utf8_lossy(reader.take(len, what)?).into_owned())
}

/// The value of type `kind` that begins here.
pub(super) fn value(reader: &mut Forward, sizes: Sizes, kind: u64) -> Result<Value> {
    any(reader, sizes, kind, 0)
}

fn any(reader: &mut Forward, sizes: Sizes, kind: u64, depth: u32) -> Result<Value> {
    match kind {
        STRING => text(reader, sizes, "a string").map(Value::Text),
        ARRAY if depth < DEPTH => list(reader, sizes, depth.saturating_add(1)),
        _ => number(reader, kind),
    }
}

/// Bytes of a number of type `kind`.
fn width(kind: u64) -> Option<u64> {
    Some(match kind {
        0 | 1 | 7 => 1,
        2 | 3 => 2,
        4..=6 => 4,
        10..=12 => 8,
        _ => return None,
    })
}

fn number(reader: &mut Forward, kind: u64) -> Result<Value> {
    let Some(width) = width(kind) else {
        return Err(reader.wrong(format!("expected a value type from 0 to 12 that fits here, found {kind}")));
    };
    let bits = reader.uint(width, "a value")?;
    Ok(match kind {
        1 | 3 | 5 | 11 => Value::Int(signed(bits, width)),
        6 => Value::Float(single(bits)),
        7 => Value::Bool(bits != 0),
        12 => Value::Float(f64::from_bits(bits)),
        _ => count(bits),
    })
}

/// A list; of a long one its length, its first items and a checksum of its bytes, so that two can be told apart.
fn list(reader: &mut Forward, sizes: Sizes, depth: u32) -> Result<Value> {
    let kind = reader.uint(4, "the type of a list")?;
    let len = reader.uint(sizes.count, "the length of a list")?;
    let kept = if len > WHOLE { FIRST } else { len };
    let mut items = Vec::new();
    let start = reader.at();
    for _ in 0..kept {
        items.push(any(reader, sizes, kind, depth)?);
    }
    if kept == len {
        return Ok(Value::List(items));
    }
    let mut checksum = Hasher::new();
    let rest = len.saturating_sub(kept);
    match width(kind) {
        Some(width) => hash(reader, width.saturating_mul(rest), &mut checksum)?,
        None if kind == STRING => {
            for _ in 0..rest {
                super::check_header(reader)?;
                let bytes = reader.uint(sizes.count, "a string of a list")?;
                hash(reader, bytes, &mut checksum)?;
                // Where one string ends and the next begins counts too.
                checksum.update(&bytes.to_le_bytes());
            }
        }
        None => {
            for _ in 0..rest {
                super::check_header(reader)?;
                any(reader, sizes, kind, depth)?;
            }
        }
    }
    let told = [
        ("length", count(len)),
        ("of", Value::Text(name(kind).to_owned())),
        ("bytes", count(reader.at().saturating_sub(start))),
        ("crc32 of the rest", Value::Text(format!("{:08x}", checksum.finalize()))),
        ("first", Value::List(items)),
    ];
    Ok(Value::Map(told.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()))
}

fn count(value: u64) -> Value {
    i64::try_from(value).map_or_else(|_| Value::Big(value.to_string()), Value::Int)
}

fn hash(reader: &mut Forward, len: u64, checksum: &mut Hasher) -> Result<()> {
    if len > reader.left() {
        return Err(reader.wrong(format!("a list goes on for {len} bytes, {} are there", reader.left())));
    }
    limits::check("GGUF header", limits::GGUF_HEADER, reader.at().saturating_add(len))?;
    let mut left = len;
    while left > 0 {
        let piece = left.min(PIECE);
        checksum.update(reader.take(piece, "a list")?);
        left = left.saturating_sub(piece);
    }
    Ok(())
}

fn name(kind: u64) -> &'static str {
    const NAMES: [&str; 13] = [
        "uint8", "int8", "uint16", "int16", "uint32", "int32", "float32", "bool", "string", "list", "uint64", "int64",
        "float64",
    ];
    usize::try_from(kind).ok().and_then(|at| NAMES.get(at).copied()).unwrap_or("unknown")
}
