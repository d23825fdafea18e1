//! One value, or the beginning of one that holds others.

use super::super::forward::{Forward, signed, single};
use crate::error::Result;
use crate::model::Value;

/// What begins at a byte.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// Nothing, a truth value or a number.
    Plain(Value),
    Text(String),
    /// So many bytes follow.
    Bytes(u64),
    /// So many values follow.
    List(u64),
    /// So many pairs follow.
    Map(u64),
    /// So many bytes of this extension follow.
    Extension(i64, u64),
}

/// Reads the next token; the bytes of [`Token::Bytes`] and [`Token::Extension`] are left where they are.
pub(super) fn token(reader: &mut Forward) -> Result<Token> {
    let at = reader.at();
    let mark = reader.uint(1, "a value")?;
    let low = |mask: u64| mark & mask;
    Ok(match mark {
        0x00..=0x7f | 0xe0..=0xff => Token::Plain(Value::Int(signed(mark, 1))),
        0x80..=0x8f => Token::Map(low(0xf)),
        0x90..=0x9f => Token::List(low(0xf)),
        0xa0..=0xbf => text(reader, low(0x1f))?,
        0xc0 => Token::Plain(Value::Null),
        0xc2 | 0xc3 => Token::Plain(Value::Bool(mark == 0xc3)),
        0xc4..=0xc6 => Token::Bytes(sized(reader, mark, 0xc4)?),
        0xc7..=0xc9 => {
            let len = sized(reader, mark, 0xc7)?;
            extension(reader, len)?
        }
        0xca => Token::Plain(Value::Float(single(reader.uint(4, "a number")?))),
        0xcb => Token::Plain(Value::Float(f64::from_bits(reader.uint(8, "a number")?))),
        0xcc..=0xcf => {
            let bits = sized(reader, mark, 0xcc)?;
            Token::Plain(i64::try_from(bits).map_or_else(|_| Value::Big(bits.to_string()), Value::Int))
        }
        0xd0..=0xd3 => {
            let width = width(mark, 0xd0);
            Token::Plain(Value::Int(signed(reader.uint(width, "a number")?, width)))
        }
        0xd4..=0xd8 => extension(reader, width(mark, 0xd4))?,
        0xd9..=0xdb => {
            let len = sized(reader, mark, 0xd9)?;
            text(reader, len)?
        }
        0xdc | 0xdd => Token::List(reader.uint(width(mark, 0xdb), "the length of a list")?),
        0xde | 0xdf => Token::Map(reader.uint(width(mark, 0xdd), "the length of a map")?),
        _ => return Err(crate::error::Error::malformed("msgpack", at, "byte 0xc1, which begins no value")),
    })
}

/// 1, 2, 4, 8 or 16 bytes: each mark after `first` doubles it.
fn width(mark: u64, first: u64) -> u64 {
    let doublings = u32::try_from(mark.saturating_sub(first)).unwrap_or(0);
    1_u64.wrapping_shl(doublings)
}

fn sized(reader: &mut Forward, mark: u64, first: u64) -> Result<u64> {
    reader.uint(width(mark, first), "a length or number")
}

fn text(reader: &mut Forward, len: u64) -> Result<Token> {
    Ok(Token::Text(String::from_utf8_lossy(reader.take(len, "a text")?).into_owned()))
}

fn extension(reader: &mut Forward, len: u64) -> Result<Token> {
    let code = signed(reader.uint(1, "the code of an extension")?, 1);
    Ok(Token::Extension(code, len))
}
