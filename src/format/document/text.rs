//! Places in a text, and the text of its strings.

use std::fmt;

use super::Oddities;

/// Line and column of a byte, from 1; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::format) struct Place {
    line: usize,
    column: usize,
}

impl Place {
    /// The place of byte `at` of `text`.
    pub(in crate::format) fn of(text: &[u8], at: usize) -> Self {
        let before = text.get(..at).unwrap_or(text);
        let line = before.split(|&byte| byte == b'\n');
        let column = line.clone().next_back().unwrap_or_default();
        let characters = column.iter().filter(|&&byte| byte & 0xc0 != 0x80).count();
        Self { line: line.count(), column: characters.saturating_add(1) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} column {}", self.line, self.column)
    }
}

/// What is wrong with an escape, and where.
pub(super) type Wrong = (usize, &'static str);

/// The text between the quotes `raw`, which begins at byte `at`.
pub(super) fn unescape(raw: &[u8], at: usize, oddities: &mut Oddities) -> Result<String, Wrong> {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while !rest.is_empty() {
        let offset = at.saturating_add(raw.len().saturating_sub(rest.len()));
        let plain = rest.iter().position(|&byte| byte == b'\\' || byte < 0x20).unwrap_or(rest.len());
        let (before, after) = rest.split_at_checked(plain).unwrap_or((rest, &[]));
        push_lossy(before, offset, &mut text, oddities);
        let offset = offset.saturating_add(plain);
        rest = match after.split_first() {
            None => after,
            Some((b'\\', escape)) => push_escape(escape, offset, &mut text, oddities)?,
            Some((&control, rest)) => {
                oddities.control(offset);
                text.push(char::from(control));
                rest
            }
        };
    }
    Ok(text)
}

fn push_lossy(bytes: &[u8], at: usize, text: &mut String, oddities: &mut Oddities) {
    match std::str::from_utf8(bytes) {
        Ok(valid) => text.push_str(valid),
        Err(error) => {
            oddities.utf8(at.saturating_add(error.valid_up_to()));
            text.push_str(&String::from_utf8_lossy(bytes));
        }
    }
}

/// Appends the character of an escape; `escape` begins behind the backslash at byte `at`. Gives what follows.
fn push_escape<'a>(escape: &'a [u8], at: usize, text: &mut String, oddities: &mut Oddities) -> Result<&'a [u8], Wrong> {
    let Some((kind, rest)) = escape.split_first() else { return Err((at, "a backslash with nothing after it")) };
    let character = match kind {
        b'"' | b'\\' | b'/' => char::from(*kind),
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return push_unicode(rest, at, text, oddities),
        _ => return Err((at, "an escape that JSON does not have")),
    };
    text.push(character);
    Ok(rest)
}

fn push_unicode<'a>(rest: &'a [u8], at: usize, text: &mut String, oddities: &mut Oddities) -> Result<&'a [u8], Wrong> {
    let (high, rest) = four_digits(rest).ok_or((at, "\\u without four hexadecimal digits"))?;
    if (0xd800..0xdc00).contains(&high)
        && let Some((low, after)) = rest.strip_prefix(b"\\u").and_then(four_digits)
        && (0xdc00..0xe000).contains(&low)
    {
        let pair = char::decode_utf16([high, low]).next().and_then(Result::ok);
        text.push(pair.unwrap_or(char::REPLACEMENT_CHARACTER));
        return Ok(after);
    }
    match char::from_u32(u32::from(high)) {
        Some(character) => text.push(character),
        None => {
            oddities.surrogate(at);
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    Ok(rest)
}

fn four_digits(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (digits, rest) = bytes.split_at_checked(4)?;
    let digits = std::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
    Some((u16::from_str_radix(digits, 16).ok()?, rest))
}
