//! Plain texts over several lines, and block texts (`|` and `>`).

use super::parser::{Parse, Parser};

impl Parser<'_> {
    /// Where the plain text that stands here ends on its line, and whether a colon ends it.
    pub(super) fn plain_end(&self, in_flow: bool) -> (usize, bool) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        for (len, &byte) in rest.iter().enumerate() {
            let next = rest.get(len.saturating_add(1)).copied();
            let before = len.checked_sub(1).and_then(|at| rest.get(at)).copied();
            let ends_word = next.is_none_or(|byte| byte.is_ascii_whitespace());
            let is_colon =
                byte == b':' && (ends_word || in_flow && matches!(next, Some(b',' | b'[' | b']' | b'{' | b'}')));
            let is_comment = byte == b'#' && before.is_some_and(|byte| byte.is_ascii_whitespace());
            let is_flow = in_flow && matches!(byte, b',' | b'[' | b']' | b'{' | b'}');
            if byte == b'\n' || is_colon || is_comment || is_flow {
                return (self.at.saturating_add(len), is_colon);
            }
        }
        (self.text.len(), false)
    }

    /// The plain text that stands here, with the lines that are indented further than `parent`.
    pub(super) fn plain(&mut self, parent: i64) -> Parse<String> {
        let mut text = String::new();
        loop {
            let (end, is_key) = self.plain_end(false);
            if is_key {
                self.at = end;
                return Err(self.wrong("a colon inside a plain text"));
            }
            text.push_str(String::from_utf8_lossy(self.text.get(self.at..end).unwrap_or_default()).trim());
            self.at = end;
            if self.peek() != Some(b'\n') {
                return Ok(text);
            }
            let breaks = self.line_breaks();
            if self.at_end() || self.column() <= parent || self.peek() == Some(b'#') {
                self.at = end;
                return Ok(text);
            }
            fold(&mut text, breaks);
        }
    }

    /// Goes past line breaks and indentation; how many breaks there were.
    pub(super) fn line_breaks(&mut self) -> usize {
        let mut breaks = 0_usize;
        while let Some(byte @ (b' ' | b'\t' | b'\r' | b'\n')) = self.peek() {
            breaks = breaks.saturating_add(usize::from(byte == b'\n'));
            self.at = self.at.saturating_add(1);
        }
        breaks
    }

    /// The text behind `|` or `>`, of a collection in column `parent`.
    pub(super) fn block_text(&mut self, parent: i64) -> Parse<String> {
        let is_folded = self.peek() == Some(b'>');
        self.at = self.at.saturating_add(1);
        let (mut chomp, mut given) = (b' ', 0_i64);
        while let Some(byte @ (b'+' | b'-' | b'1'..=b'9')) = self.peek() {
            match byte {
                b'+' | b'-' => chomp = byte,
                digit => given = i64::from(digit.saturating_sub(b'0')),
            }
            self.at = self.at.saturating_add(1);
        }
        let (end, _) = self.plain_end(false);
        if !self.text.get(self.at..end).unwrap_or_default().trim_ascii().is_empty() {
            return Err(self.wrong("text behind the mark of a block text"));
        }
        self.skip_line();
        self.at = self.at.saturating_add(1).min(self.text.len());
        let least = parent.saturating_add(1).max(1);
        let indent =
            if given > 0 { least.saturating_add(given).saturating_sub(1) } else { self.block_indent().max(least) };
        let lines = self.block_lines(usize::try_from(indent).unwrap_or(0));
        Ok(chomped(if is_folded { folded(&lines) } else { lines.join("\n") }, chomp, lines.is_empty()))
    }

    /// Indentation of the first line that is not empty.
    fn block_indent(&self) -> i64 {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut lines = rest.split(|&byte| byte == b'\n');
        let first = lines.find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
        i64::try_from(first.iter().take_while(|&&byte| byte == b' ').count()).unwrap_or(0)
    }

    /// The lines that are indented by `indent` or empty, without the indentation.
    fn block_lines(&mut self, indent: usize) -> Vec<String> {
        let mut lines = Vec::new();
        while self.at < self.text.len() {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let len = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
            let line = rest.get(..len).unwrap_or_default();
            let spaces = line.iter().take_while(|&&byte| byte == b' ').count();
            if spaces < indent && !line.trim_ascii().is_empty() {
                break;
            }
            let line = String::from_utf8_lossy(line.get(indent..).unwrap_or_default());
            lines.push(line.strip_suffix('\r').unwrap_or(&line).to_owned());
            self.at = self.at.saturating_add(len).saturating_add(1).min(self.text.len());
        }
        // The break in front of what follows is not part of it: the column is told by it.
        lines
    }
}

/// Joins what follows to `text`: one line break is a space, more are one less.
pub(super) fn fold(text: &mut String, breaks: usize) {
    match breaks {
        0 | 1 => text.push(' '),
        more => text.extend(std::iter::repeat_n('\n', more.saturating_sub(1))),
    }
}

fn folded(lines: &[String]) -> String {
    let mut text = String::new();
    let is_plain = |line: &str| !line.is_empty() && !line.starts_with([' ', '\t']);
    for (at, line) in lines.iter().enumerate() {
        text.push_str(line);
        let Some(next) = lines.get(at.saturating_add(1)) else { break };
        let previous = lines.iter().take(at.saturating_add(1)).rev().find(|line| !line.is_empty());
        let following = lines.iter().skip(at.saturating_add(1)).find(|line| !line.is_empty());
        let joins = previous.is_some_and(|line| is_plain(line)) && following.is_some_and(|line| is_plain(line));
        match (joins, line.is_empty(), next.is_empty()) {
            (true, false, false) => text.push(' '),
            (true, false, true) => {}
            _ => text.push('\n'),
        }
    }
    text
}

/// Ends of a block text: `-` has no line break at the end, `+` all that are there, else one.
fn chomped(mut text: String, chomp: u8, is_empty: bool) -> String {
    if chomp == b'+' {
        if !is_empty {
            text.push('\n');
        }
        return text;
    }
    text.truncate(text.trim_end_matches('\n').len());
    if chomp != b'-' && !text.is_empty() {
        text.push('\n');
    }
    text
}
