//! Checksums as JSON records: `{"file": "state.pt", "sha256": "digest", "bytes": 6471}`, one or a list of them, itself or
//! one level down (`{"artifacts": [{"path": …, "sha256": …}]}`).
//!
//! A list that ranks (`metric` beside the digest) is an index, not a manifest: its writers mean other digests by it.

use serde::Deserialize;

use super::ManifestKind;
use super::claims::{Claims, digest};
use super::read::has_digest;
use crate::limits;
use crate::model::{Finding, Manifest, base_name};

/// The kind.
pub struct JsonRecords;

/// One record, as much of it as matters here.
#[derive(Deserialize)]
struct Record {
    #[serde(alias = "path", alias = "filename", alias = "checkpoint_path")]
    file: String,
    sha256: String,
    #[serde(default)]
    metric: Option<serde::de::IgnoredAny>,
}

/// The texts that records come in.
#[derive(Deserialize)]
#[serde(untagged)]
enum Text {
    One(Record),
    List(Vec<Record>),
    Inside {
        #[serde(alias = "files", alias = "entries")]
        artifacts: Vec<Record>,
    },
}

impl JsonRecords {
    /// Its id.
    pub(super) const ID: &str = "json_records";
}

impl ManifestKind for JsonRecords {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn name(&self) -> &'static str {
        "JSON records with digests"
    }

    fn parse(&self, name: &str, text: &[u8]) -> Option<(Manifest, Vec<Finding>)> {
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        let most = usize::try_from(limits::MANIFEST_HEAD).unwrap_or(usize::MAX);
        let head = text.get(..most.min(text.len()))?;
        let opens =
            head.iter().find(|byte| !byte.is_ascii_whitespace()).is_some_and(|byte| matches!(byte, b'{' | b'['));
        if !opens || !has_digest(head) {
            return None;
        }
        let text = str::from_utf8(text).ok()?;
        let records = match serde_json::from_str(text).ok()? {
            Text::One(record) => vec![record],
            Text::List(records) | Text::Inside { artifacts: records } => records,
        };
        if records.is_empty() || records.iter().any(|record| record.metric.is_some()) {
            return None;
        }
        let mut claims = Claims::default();
        let (mut at, mut line) = (0_usize, 1_u64);
        for record in records {
            let spelled = record.sha256.strip_prefix("sha256:").unwrap_or(&record.sha256);
            let passed = text.get(at..).unwrap_or_default();
            if let Some(next) = passed.find(spelled) {
                let lines = passed.get(..next).unwrap_or_default().bytes().filter(|&byte| byte == b'\n').count();
                line = line.saturating_add(lines as u64);
                at = at.saturating_add(next).saturating_add(spelled.len());
            }
            claims.add(file(name, record.file), digest(spelled)?, line);
        }
        Some(claims.finish(self.id()))
    }
}

/// `model.pt.integrity.json` notes the path that its writer was given; it is about the file beside it.
fn file(name: &str, file: String) -> String {
    let own = base_name(&file);
    if name.strip_suffix(".integrity.json") == Some(own) { own.to_owned() } else { file }
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: &str = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";

    fn lines(name: &str, text: &str) -> Option<Vec<(String, u64)>> {
        let (manifest, _) = JsonRecords.parse(name, text.as_bytes())?;
        Some(manifest.lines.into_iter().map(|line| (line.path, line.line)).collect())
    }

    #[test]
    fn records_alone_in_a_list_and_one_level_down() {
        let one = |path: &str| format!("{{\"path\": \"{path}\", \"sha256\": \"{X}\", \"size\": 1}}");
        let expected =
            |lines: &[(&str, u64)]| Some(lines.iter().map(|(path, line)| ((*path).to_owned(), *line)).collect());
        assert_eq!(
            lines("checksums.json", &format!("{{\"file\": \"state.pt\",\n\"sha256\": \"{X}\"}}")),
            expected(&[("state.pt", 2)])
        );
        assert_eq!(
            lines("manifest.json", &format!("[{},\n{}]", one("a"), one("b/c"))),
            expected(&[("a", 1), ("b/c", 2)])
        );
        let inside = format!("{{\"schema_version\": 2, \"artifacts\": [{}]}}", one("epoch-2/state.pt"));
        assert_eq!(lines("manifest.json", &inside), expected(&[("epoch-2/state.pt", 1)]));
        let told = format!("{{\"checkpoint_path\": \"/tmp/x/m.pt\", \"sha256\": \"{X}\"}}");
        assert_eq!(lines("m.pt.integrity.json", &told), expected(&[("m.pt", 1)]));
    }

    #[test]
    fn an_index_that_ranks_is_none() {
        let entry = format!("{{\"path\": \"a.pt\", \"metric\": 0.5, \"sha256\": \"{X}\"}}");
        for text in [format!("[{entry}]"), format!("{{\"entries\": [{entry}], \"top_k\": 3}}"), "[]".to_owned()] {
            assert_eq!(lines("index.json", &text), None, "{text}");
        }
        assert_eq!(lines("a.json", &format!("{{\"sha256\": \"{X}\"}}")), None);
        assert_eq!(lines("a.json", &format!("{{\"file\": \"a\", \"sha256\": \"{}\"}}", X.replace('2', "x"))), None);
    }
}
