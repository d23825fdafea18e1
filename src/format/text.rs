//! Text files. YAML and TOML are known by their names; they are shown as text.

use super::{Confidence, Format, Probe, Reading};
use crate::error::Result;
use crate::limits;
use crate::model::Contents;
use crate::source::Source;

/// A format that is text under a certain name.
pub(super) struct Text {
    id: &'static str,
    name: &'static str,
    extensions: &'static [&'static str],
    spec: &'static str,
}

impl Text {
    /// YAML configuration.
    pub(super) const YAML: Self =
        Self { id: "yaml", name: "YAML document", extensions: &["yaml", "yml"], spec: "https://yaml.org/spec/1.2.2/" };
    /// TOML configuration.
    pub(super) const TOML: Self =
        Self { id: "toml", name: "TOML document", extensions: &["toml"], spec: "https://toml.io/en/v1.0.0" };
    /// Any other text.
    pub(super) const ANY: Self = Self {
        id: "text",
        name: "text",
        extensions: &["txt", "md", "log", "csv", "py", "cfg", "ini", "xml", "html", "sha256"],
        spec: "https://www.unicode.org/versions/latest/",
    };
}

impl Format for Text {
    fn id(&self) -> &'static str {
        self.id
    }

    fn name(&self) -> &'static str {
        self.name
    }

    fn extensions(&self) -> &'static [&'static str] {
        self.extensions
    }

    fn spec(&self) -> &'static str {
        self.spec
    }

    fn probe(&self, probe: &Probe) -> Option<Confidence> {
        if probe.head().is_empty() || !probe.is_text() {
            return None;
        }
        let extension = probe.extension();
        match self.extensions.contains(&extension.as_str()) {
            true => Confidence::likely(format!("text that is called .{extension}")),
            false if self.id == Self::ANY.id => Confidence::weakest("its first bytes are text"),
            false => None,
        }
    }

    fn read(&self, file: &Source) -> Result<Reading> {
        Ok(Reading::Done(Contents { text: short(file)?, ..Contents::new(self.id, "") }))
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
