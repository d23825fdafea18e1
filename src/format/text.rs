//! Text files. Logs in tables and lists of arguments are taken apart; the rest is shown as it is.

use super::table::Table;
use super::{Confidence, Format, Probe, Reading};
use super::{settings, table};
use crate::error::Result;
use crate::limits;
use crate::model::{Contents, extension};
use crate::source::Source;

/// Any text that no other format reads.
pub(super) struct Text;

impl Format for Text {
    fn id(&self) -> &'static str {
        "text"
    }

    fn name(&self) -> &'static str {
        "text"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["txt", "md", "log", "csv", "tsv", "py", "cfg", "ini", "xml", "html", "sha256"]
    }

    fn spec(&self) -> &'static str {
        "https://www.unicode.org/versions/latest/"
    }

    fn probe(&self, probe: &Probe) -> Option<Confidence> {
        if probe.head().is_empty() || !probe.is_text() {
            return None;
        }
        let extension = probe.extension();
        match self.extensions().contains(&extension.as_str()) {
            true => Confidence::likely(format!("text that is called .{extension}")),
            false => Confidence::weakest("its first bytes are text"),
        }
    }

    fn read(&self, file: &Source) -> Result<Reading> {
        let mut contents = Contents { text: short(file)?, ..Contents::new(self.id(), "") };
        let extension = extension(file.name());
        if table::is_log(file.name(), &extension, file.len()) {
            return Table::reading(file, contents);
        }
        if settings::is_settings(file.name(), file.len()) {
            let text = file.bytes_at(0, limits::CONFIGURATION)?;
            contents.document = settings::read(&String::from_utf8_lossy(&text));
        }
        Ok(Reading::Done(contents))
    }
}

/// The text of `file`, when it is short.
///
/// # Errors
/// When it cannot be read.
pub(super) fn short(file: &Source) -> Result<Option<String>> {
    if file.len() > limits::SHORT_TEXT {
        return Ok(None);
    }
    Ok(String::from_utf8(file.bytes_at(0, limits::SHORT_TEXT)?).ok())
}

/// Whether `head`, which may end in the middle of a character, is text: UTF-8 without control characters that text
/// does not have.
pub(super) fn is_text(head: &[u8]) -> bool {
    let valid = match std::str::from_utf8(head) {
        Ok(_) => head,
        Err(error) if error.error_len().is_none() => head.get(..error.valid_up_to()).unwrap_or_default(),
        Err(_) => return false,
    };
    !valid.iter().any(|byte| byte.is_ascii_control() && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b | 0x08))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_may_be_cut_in_a_character_but_has_no_zeros() {
        assert!(is_text("naïve".as_bytes()));
        assert!(is_text(&"ä".as_bytes()[..1]));
        assert!(!is_text(b"a\0b"));
        assert!(!is_text(b"\xff\xfea"));
    }
}
