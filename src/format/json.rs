//! JSON documents: configuration, metrics, indexes.
//!
//! Only what could be one of those is parsed when it is large: datasets are JSON too. A `.json` file that holds one
//! value a line (detectron2's `metrics.json`) is read as JSON lines.

use super::document::Parser;
use super::lines::{Lines, looks_like_lines};
use super::{Confidence, Format, Probe, Reading, Rest};
use crate::error::Result;
use crate::limits;
use crate::model::{Contents, base_name};
use crate::source::Source;

/// Tokens parsed in one step: about 8 ms.
const STEP: usize = 60_000;
/// Parts of names that promise something worth parsing whatever its size.
const NAMED: [&str; 12] = [
    "config",
    "metric",
    "index",
    "manifest",
    "meta",
    "state",
    "structure",
    "result",
    "best",
    "latest",
    "checksum",
    "rng",
];
/// The byte order mark that some Windows programs put in front of UTF-8.
pub(super) const MARK: &[u8] = b"\xef\xbb\xbf";

/// The JSON format.
pub(super) struct Json;

impl Format for Json {
    fn id(&self) -> &'static str {
        "json"
    }

    fn name(&self) -> &'static str {
        "JSON document"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["json"]
    }

    fn spec(&self) -> &'static str {
        "https://www.rfc-editor.org/rfc/rfc8259"
    }

    fn probe(&self, probe: &Probe) -> Option<Confidence> {
        let head = probe.head();
        let text = head.strip_prefix(MARK).unwrap_or(head);
        let opens = matches!(text.trim_ascii_start().first(), Some(b'{' | b'['));
        match probe.extension().as_str() {
            "json" if opens => Confidence::likely("called .json and begins like JSON"),
            "json" if probe.is_text() => Confidence::guess("called .json"),
            "jsonl" | "ndjson" => None,
            _ if opens && probe.is_text() && looks_like_json(text) => Confidence::guess("text that begins like JSON"),
            _ => None,
        }
    }

    fn read(&self, file: &Source) -> Result<Reading> {
        let mut contents = Contents::new(self.id(), "");
        if let Some(reason) = too_large(file) {
            contents.not_examined = Some(reason);
            return Ok(Reading::Done(contents));
        }
        let text = file.bytes_at(0, limits::DOCUMENT)?;
        let start = if text.starts_with(MARK) { MARK.len() } else { 0 };
        if looks_like_lines(text.get(start..).unwrap_or_default()) {
            return Lines::reading(file, start as u64);
        }
        let rest = Document { len: text.len(), text, parser: Parser::new(start), position: start };
        Reading::More(contents, Box::new(rest)).settled()
    }
}

/// Behind `{` stands a key or the end, behind `[` a value.
fn looks_like_json(text: &[u8]) -> bool {
    let mut bytes = text.iter().filter(|byte| !byte.is_ascii_whitespace());
    match (bytes.next(), bytes.next()) {
        (Some(b'{'), Some(second)) => matches!(second, b'"' | b'}'),
        (Some(b'['), Some(second)) => {
            matches!(second, b'[' | b'{' | b'"' | b']' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n')
        }
        _ => false,
    }
}

fn too_large(file: &Source) -> Option<String> {
    let name = base_name(file.name()).to_lowercase();
    let named = NAMED.iter().any(|part| name.contains(part));
    let len = file.len();
    if len > limits::DOCUMENT {
        Some(format!("{len} bytes; documents are read up to {} bytes", limits::DOCUMENT))
    } else if len > limits::DOCUMENT_UNNAMED && !named {
        Some(format!("{len} bytes, and not called configuration, metrics or index"))
    } else {
        None
    }
}

/// A document being parsed.
struct Document {
    text: Vec<u8>,
    len: usize,
    parser: Parser,
    position: usize,
}

impl Rest for Document {
    fn step(&mut self, contents: &mut Contents) -> Result<bool> {
        let parsed = self.parser.step(&self.text, STEP);
        self.position = self.parser.position();
        let Some(parsed) = parsed? else { return Ok(false) };
        contents.document = Some(parsed.value);
        contents.findings.extend(parsed.findings);
        Ok(true)
    }

    fn progress(&self) -> (u64, u64) {
        (self.position as u64, self.len as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_skipped() {
        let file = Source::memory("config.json", *b"\xef\xbb\xbf{\"step\": 7}");
        let Reading::Done(contents) = Json.read(&file).unwrap() else { panic!("small is done at once") };
        assert_eq!(contents.document.unwrap().get("step").unwrap().count(), Some(7));
    }

    #[test]
    fn a_large_dataset_is_left_alone() {
        let text = vec![b' '; 5 << 20];
        assert!(too_large(&Source::memory("train.json", text.clone())).is_some());
        assert!(too_large(&Source::memory("a/model.safetensors.index.json", text)).is_none());
    }
}
