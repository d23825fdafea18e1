//! Values: texts, numbers, lists, tables in one line.

use super::parser::{Parser, Wrong, put};
use crate::model::Value;

impl Parser<'_> {
    /// The value that stands here.
    pub(super) fn value(&mut self) -> Result<Value, Wrong> {
        self.depth = self.depth.saturating_add(1);
        self.count()?;
        let value = match self.peek() {
            Some(b'"' | b'\'') => self.string().map(Value::Text),
            Some(b'[') => self.list(),
            Some(b'{') => self.table(),
            _ => self.scalar(),
        };
        self.depth = self.depth.saturating_sub(1);
        value
    }

    fn list(&mut self) -> Result<Value, Wrong> {
        let mut items = Vec::new();
        self.bump(1);
        loop {
            self.skip_blank(true);
            if self.peek() == Some(b']') {
                break;
            }
            items.push(self.value()?);
            self.skip_blank(true);
            match self.peek() {
                Some(b',') => self.bump(1),
                Some(b']') => {}
                _ => return Err(self.wrong("expected a comma or ]")),
            }
        }
        self.bump(1);
        Ok(Value::List(items))
    }

    fn table(&mut self) -> Result<Value, Wrong> {
        let mut pairs = Vec::new();
        self.bump(1);
        loop {
            self.skip_blank(true);
            if self.peek() == Some(b'}') {
                break;
            }
            let start = self.at;
            let path = self.path()?;
            self.expect(b'=')?;
            let value = self.value()?;
            put(&mut pairs, &path, value, start)?;
            self.skip_blank(true);
            match self.peek() {
                Some(b',') => self.bump(1),
                Some(b'}') => {}
                _ => return Err(self.wrong("expected a comma or }")),
            }
        }
        self.bump(1);
        Ok(Value::Map(pairs))
    }

    /// A number, a truth value, or a date as text.
    fn scalar(&mut self) -> Result<Value, Wrong> {
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_' | b':');
        let mut len = self.rest().iter().take_while(|byte| is_part(byte)).count();
        // A date and a time may stand apart.
        let is_date = len == 10 && self.rest().get(4) == Some(&b'-');
        if is_date && self.rest().get(10) == Some(&b' ') && self.rest().get(13) == Some(&b':') {
            len = len
                .saturating_add(1)
                .saturating_add(self.rest().iter().skip(11).take_while(|byte| is_part(byte)).count());
        }
        let token = String::from_utf8_lossy(self.rest().get(..len).unwrap_or_default()).into_owned();
        let value = match token.as_str() {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "inf" | "+inf" => Value::Float(f64::INFINITY),
            "-inf" => Value::Float(f64::NEG_INFINITY),
            "nan" | "+nan" | "-nan" => Value::Float(f64::NAN),
            _ if is_time(&token) => Value::Text(token),
            _ => number(&token).ok_or_else(|| self.wrong("expected a value"))?,
        };
        self.bump(len);
        Ok(value)
    }

    /// The text in quotes that stands here, over several lines in three of them.
    pub(super) fn string(&mut self) -> Result<String, Wrong> {
        let start = self.at;
        let quote = self.peek().unwrap_or(b'"');
        let is_long = self.rest().starts_with(&[quote; 3]);
        self.bump(if is_long { 3 } else { 1 });
        if is_long {
            let breaks = if self.rest().starts_with(b"\r\n") { 2 } else { usize::from(self.peek() == Some(b'\n')) };
            self.bump(breaks);
        }
        let mut text = Vec::new();
        loop {
            match self.peek() {
                Some(byte) if byte == quote && (!is_long || self.rest().starts_with(&[quote; 3])) => break,
                None => return Err((start, "a text that does not end".to_owned())),
                Some(b'\n') if !is_long => return Err((start, "a text that does not end on its line".to_owned())),
                Some(b'\\') if quote == b'"' => self.escape(&mut text)?,
                Some(byte) => {
                    text.push(byte);
                    self.bump(1);
                }
            }
        }
        self.bump(if is_long { 3 } else { 1 });
        // Up to two quotes may end the text in front of those that end it.
        while is_long && self.peek() == Some(quote) {
            text.push(quote);
            self.bump(1);
        }
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    fn escape(&mut self, text: &mut Vec<u8>) -> Result<(), Wrong> {
        let character = match self.rest().get(1) {
            Some(b'b') => '\u{8}',
            Some(b't') => '\t',
            Some(b'n') => '\n',
            Some(b'f') => '\u{c}',
            Some(b'r') => '\r',
            Some(b'e') => '\u{1b}',
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(kind @ (b'x' | b'u' | b'U')) => {
                let digits = match kind {
                    b'x' => 2_usize,
                    b'u' => 4,
                    _ => 8,
                };
                let found = self.rest().get(2..digits.saturating_add(2));
                let code = found.and_then(|found| u32::from_str_radix(std::str::from_utf8(found).ok()?, 16).ok());
                let Some(code) = code else { return Err(self.wrong("an escape without its digits")) };
                self.bump(digits);
                char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            Some(byte) if byte.is_ascii_whitespace() => {
                self.bump(1);
                let blank = self.rest().iter().take_while(|byte| byte.is_ascii_whitespace()).count();
                self.bump(blank);
                return Ok(());
            }
            _ => return Err(self.wrong("an escape that TOML does not have")),
        };
        self.bump(2);
        text.extend(character.encode_utf8(&mut [0; 4]).as_bytes());
        Ok(())
    }
}

/// `1979-05-27T07:32:00Z`, `1979-05-27`, `07:32:00`.
fn is_time(token: &str) -> bool {
    let bytes = token.as_bytes();
    let digits = |len: usize| bytes.get(..len).is_some_and(|start| start.iter().all(u8::is_ascii_digit));
    let is_date = digits(4) && bytes.get(4) == Some(&b'-') && bytes.get(7) == Some(&b'-');
    is_date || digits(2) && bytes.get(2) == Some(&b':')
}

fn number(token: &str) -> Option<Value> {
    let digits = token.strip_prefix(['+', '-']).unwrap_or(token);
    let plain: String = token.chars().filter(|&c| c != '_').collect();
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(rest) = plain.strip_prefix(prefix) {
            return i64::from_str_radix(rest, radix).ok().map(Value::Int);
        }
    }
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'_' | b'.' | b'e' | b'E' | b'+' | b'-'));
    if !is_number {
        return None;
    }
    if digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_') {
        let plain = plain.strip_prefix('+').unwrap_or(&plain);
        return Some(plain.parse().map_or_else(|_| Value::Big(plain.to_owned()), Value::Int));
    }
    plain.parse().ok().map(Value::Float)
}
