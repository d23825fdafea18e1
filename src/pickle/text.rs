//! Numbers and texts as protocol 0 writes them, and long numbers.

use super::heap::{Node, Span};
use crate::error::{Error, Result};
use crate::limits;

/// A whole number in decimal, with the `L` of Python 2.
pub(super) fn decimal(line: &[u8], at: u64) -> Result<Node> {
    let text = line.trim_ascii();
    let text = text.strip_suffix(b"L").unwrap_or(text);
    let text = std::str::from_utf8(text).unwrap_or_default();
    if let Ok(value) = text.parse() {
        return Ok(Node::Int(value));
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_shown = digits.len() as u64 <= limits::PICKLE_NUMBER.saturating_mul(3);
    if is_shown && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(Node::Big(text.into()));
    }
    // Python takes `0x10` and `1_000` too. Which number it is does not matter; going on as Python would does.
    let is_written = digits.bytes().all(|byte| byte.is_ascii_hexdigit() || b"xXoO_".contains(&byte));
    if digits.starts_with(|first: char| first.is_ascii_digit()) && is_written {
        return Ok(Node::Huge(Span { offset: at.saturating_add(1), len: line.len() as u64 }));
    }
    Err(wrong(at, "a whole number", line))
}

/// An index of the memo.
pub(super) fn index(line: &[u8], at: u64) -> Result<i64> {
    let text = std::str::from_utf8(line.trim_ascii()).unwrap_or_default();
    // `int` of Python takes `1_0`.
    text.replace('_', "")
        .parse()
        .ok()
        .filter(|index| *index >= 0)
        .ok_or_else(|| wrong(at, "an index of the memo", line))
}

/// A number.
pub(super) fn float(line: &[u8], at: u64) -> Result<f64> {
    let text = std::str::from_utf8(line.trim_ascii()).unwrap_or_default();
    text.parse().map_err(|_not_a_number: std::num::ParseFloatError| wrong(at, "a number", line))
}

#[cold]
fn wrong(at: u64, what: &str, line: &[u8]) -> Error {
    let shown: String = String::from_utf8_lossy(line).chars().take(60).collect();
    Error::malformed("pickle", at, format!("expected {what}, found {shown:?}"))
}

/// A quoted string of Python 2: bytes, shown as UTF-8 where they are, else each as a character.
pub(super) fn quoted(line: &[u8], at: u64) -> Result<String> {
    let line = line.trim_ascii();
    let inner = match line {
        [b'\'', inner @ .., b'\''] | [b'"', inner @ .., b'"'] => inner,
        _ => return Err(wrong(at, "a quoted string", line)),
    };
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let Some((&letter, after)) = rest.split_first() else { return Err(wrong(at, "an escape", line)) };
        rest = after;
        let (byte, used) = escaped(letter, rest);
        match byte {
            Some(byte) => bytes.push(byte),
            None if letter == b'\n' => {}
            None => bytes.extend([b'\\', letter]),
        }
        rest = rest.get(used..).unwrap_or_default();
    }
    Ok(String::from_utf8(bytes).unwrap_or_else(|error| error.as_bytes().iter().map(|&byte| char::from(byte)).collect()))
}

/// The byte an escape stands for, and how many further bytes it takes.
fn escaped(letter: u8, rest: &[u8]) -> (Option<u8>, usize) {
    let number = |digits: &[u8], radix| u8::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok();
    match letter {
        b'n' => (Some(b'\n'), 0),
        b't' => (Some(b'\t'), 0),
        b'r' => (Some(b'\r'), 0),
        b'a' => (Some(7), 0),
        b'b' => (Some(8), 0),
        b'f' => (Some(12), 0),
        b'v' => (Some(11), 0),
        b'\\' | b'\'' | b'"' => (Some(letter), 0),
        b'x' => (rest.get(..2).and_then(|digits| number(digits, 16)), 2),
        b'0'..=b'7' => {
            let more = rest.iter().take(2).take_while(|byte| (b'0'..=b'7').contains(*byte)).count();
            let value = rest
                .iter()
                .take(more)
                .fold(u32::from(letter & 7), |sum, digit| sum.saturating_mul(8).saturating_add(u32::from(digit & 7)));
            (u8::try_from(value & 255).ok(), more)
        }
        _ => (None, 0),
    }
}

/// Text of protocol 0: Latin-1 with `\u` and four, `\U` and eight hexadecimal digits.
pub(super) fn unicode(line: &[u8]) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((&byte, after)) = rest.split_first() {
        let digits = match after.first() {
            Some(b'u') if byte == b'\\' => after.get(1..5),
            Some(b'U') if byte == b'\\' => after.get(1..9),
            _ => None,
        };
        let code = digits.and_then(|digits| u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match (code, digits) {
            (Some(code), Some(digits)) => {
                text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                rest = after.get(digits.len().saturating_add(1)..).unwrap_or_default();
            }
            _ => {
                text.push(char::from(byte));
                rest = after;
            }
        }
    }
    text
}

/// A little-endian number in two's complement.
pub(super) fn long(bytes: &[u8]) -> Node {
    let is_negative = bytes.last().is_some_and(|last| last & 0x80 != 0);
    let fill = if is_negative { 0xff } else { 0 };
    if bytes.len() <= 8 {
        let mut whole = [fill; 8];
        for (to, from) in whole.iter_mut().zip(bytes) {
            *to = *from;
        }
        return Node::Int(i64::from_le_bytes(whole));
    }
    let digits = big(bytes, is_negative);
    digits.parse().map_or_else(|_too_large| Node::Big(digits.into()), Node::Int)
}

/// The decimal digits, by dividing by a thousand million again and again.
fn big(bytes: &[u8], is_negative: bool) -> String {
    const STEP: u64 = 1_000_000_000;
    let mut carry = is_negative;
    // Highest byte first, for the division.
    let mut magnitude: Vec<u8> = bytes
        .iter()
        .map(|&byte| {
            let (flipped, over) = if is_negative { (!byte).overflowing_add(u8::from(carry)) } else { (byte, false) };
            carry = over;
            flipped
        })
        .collect();
    magnitude.reverse();
    let mut groups = Vec::new();
    while magnitude.iter().any(|&byte| byte != 0) {
        let mut remainder = 0_u64;
        for byte in &mut magnitude {
            let value = remainder.saturating_mul(256).saturating_add(u64::from(*byte));
            *byte = u8::try_from(value.checked_div(STEP).unwrap_or(0)).unwrap_or(u8::MAX);
            remainder = value.checked_rem(STEP).unwrap_or(0);
        }
        groups.push(remainder);
    }
    let mut digits = String::from(if is_negative { "-" } else { "" });
    for (at, group) in groups.iter().rev().enumerate() {
        digits.push_str(&if at == 0 { group.to_string() } else { format!("{group:09}") });
    }
    if groups.is_empty() {
        digits.push('0');
    }
    digits
}
