//! Texts in quotes.

use super::parser::{Parse, Parser, Wrong};
use super::text::fold;

impl Parser<'_> {
    /// The quoted text that stands here; goes past its end.
    pub(super) fn quoted(&mut self) -> Parse<String> {
        let start = self.at;
        let quote = self.peek().unwrap_or(b'"');
        self.at = self.at.saturating_add(1);
        let mut text = String::new();
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let len =
                rest.iter().position(|&byte| byte == quote || matches!(byte, b'\\' | b'\n')).unwrap_or(rest.len());
            text.push_str(&String::from_utf8_lossy(rest.get(..len).unwrap_or_default()));
            self.at = self.at.saturating_add(len);
            match self.peek() {
                None => return Err(Wrong { at: start, what: "a quoted text that does not end".to_owned() }),
                Some(b'\n') => {
                    text.truncate(text.trim_end_matches([' ', '\t', '\r']).len());
                    let breaks = self.line_breaks();
                    fold(&mut text, breaks);
                }
                Some(b'\\') if quote == b'"' => self.escape(&mut text)?,
                Some(b'\\') => {
                    text.push('\\');
                    self.at = self.at.saturating_add(1);
                }
                // Two single quotes stand for one.
                Some(b'\'') if quote == b'\'' && self.peek_at(1) == Some(b'\'') => {
                    text.push('\'');
                    self.at = self.at.saturating_add(2);
                }
                Some(_) => {
                    self.at = self.at.saturating_add(1);
                    return Ok(text);
                }
            }
        }
    }

    fn escape(&mut self, text: &mut String) -> Parse<()> {
        let escape = self.peek_at(1);
        let character = match escape {
            Some(byte @ (b'"' | b'\\' | b'/' | b' ' | b'\t')) => char::from(byte),
            Some(b'0') => '\0',
            Some(b'a') => '\u{7}',
            Some(b'b') => '\u{8}',
            Some(b't') => '\t',
            Some(b'n') => '\n',
            Some(b'v') => '\u{b}',
            Some(b'f') => '\u{c}',
            Some(b'r') => '\r',
            Some(b'e') => '\u{1b}',
            Some(b'N') => '\u{85}',
            Some(b'_') => '\u{a0}',
            Some(b'L') => '\u{2028}',
            Some(b'P') => '\u{2029}',
            Some(b'x') => return self.code(2, text),
            Some(b'u') => return self.code(4, text),
            Some(b'U') => return self.code(8, text),
            Some(b'\n' | b'\r') => {
                self.at = self.at.saturating_add(1);
                self.line_breaks();
                return Ok(());
            }
            _ => return Err(self.wrong("an escape that YAML does not have")),
        };
        text.push(character);
        self.at = self.at.saturating_add(2);
        Ok(())
    }

    fn code(&mut self, digits: usize, text: &mut String) -> Parse<()> {
        let from = self.at.saturating_add(2);
        let end = from.saturating_add(digits);
        let found = self.text.get(from..end).and_then(|bytes| std::str::from_utf8(bytes).ok());
        let code = found.and_then(|found| u32::from_str_radix(found, 16).ok());
        let Some(code) = code else { return Err(self.wrong("an escape without its hexadecimal digits")) };
        text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        self.at = end;
        Ok(())
    }
}
