//! JSON lines: logs of metrics, one value a line.

use super::lines::Lines;
use super::{Confidence, Format, Probe, Reading};
use crate::error::Result;
use crate::source::Source;

/// The JSON lines format.
pub(super) struct JsonLines;

impl Format for JsonLines {
    fn id(&self) -> &'static str {
        "jsonl"
    }

    fn name(&self) -> &'static str {
        "JSON lines"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["jsonl", "ndjson"]
    }

    fn spec(&self) -> &'static str {
        "https://jsonlines.org"
    }

    fn probe(&self, probe: &Probe) -> Option<Confidence> {
        let named = self.extensions().contains(&probe.extension().as_str());
        if named && probe.is_text() { Confidence::likely("text that is called .jsonl") } else { None }
    }

    fn read(&self, file: &Source) -> Result<Reading> {
        Lines::reading(file, 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Contents;

    fn read(text: &[u8]) -> Contents {
        match JsonLines.read(&Source::memory("metrics.jsonl", text)).unwrap() {
            Reading::Done(contents) => contents,
            Reading::More(..) => panic!("small is done at once"),
        }
    }

    #[test]
    fn a_damaged_line_is_left_out_and_named() {
        let contents = read(b"{\"step\": 1}\n{\"step\": 2\n\n{\"step\": NaN}\r\n{\"step\": NaN}");
        let steps = contents.document.unwrap().items().unwrap().len();
        assert_eq!(steps, 3);
        let said: Vec<_> = contents.findings.iter().map(|finding| finding.message.as_str()).collect();
        assert_eq!(
            said,
            [
                "line 2 is not JSON and is left out: expected a comma or }, found the end of the file at line 2 column 11",
                "1 × NaN or Infinity, which JSON does not have (Python does), first at line 4 column 10, and on 1 further \
                 lines"
            ]
        );
        assert_eq!(contents.findings[1].offset, Some(33));
    }
}
