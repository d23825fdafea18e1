//! Checksums as JSON records: `{"file": "state.pt", "sha256": "digest", "bytes": 6471}`, one or a list of them, itself or
//! one level down (`{"artifacts": [{"path": …, "sha256": …}]}`). DVC's `.dir` lists are of `{"md5": …, "relpath": …}`;
//! Frictionless data packages have `{"path": …, "hash": "sha256:…"}`.
//!
//! A list that ranks (`metric` beside the digest) is an index, not a manifest: its writers mean other digests by it.

use super::ManifestKind;
use super::claims::{Claim, Claims, fits, spelled};
use super::json::{Lines, Node};
use crate::model::{Algorithm, Finding, Manifest, base_name};

/// The kind.
pub struct JsonRecords;

/// What the field with the path is called.
const PATHS: [&str; 5] = ["path", "file", "filename", "checkpoint_path", "relpath"];
/// What the field with the digest is called, when not by its algorithm.
const DIGESTS: [&str; 3] = ["hash", "digest", "checksum"];
/// What the field with the length is called.
const SIZES: [&str; 4] = ["bytes", "size", "file_size_bytes", "size_bytes"];
/// What the list is called.
const LISTS: [&str; 4] = ["artifacts", "files", "entries", "resources"];

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

    fn parse_json(&self, name: &str, node: &Node, text: &str) -> Option<(Manifest, Vec<Finding>)> {
        let inside = || LISTS.iter().find_map(|key| node.get(key)?.list());
        let records = match node {
            Node::List(records) => records.as_slice(),
            _ if record(node).is_some() => std::slice::from_ref(node),
            _ => inside()?,
        };
        if records.iter().any(|record| record.get("metric").is_some()) {
            return None;
        }
        let (mut claims, mut lines) = (Claims::default(), Lines::of(text));
        for one in records {
            let (path, digest) = record(one)?;
            let size = SIZES.iter().find_map(|key| one.get(key)?.number());
            claims.add(Claim { size, ..Claim::new(file(name, path), digest, lines.next(digest.1)) });
        }
        claims.some(self.id())
    }
}

/// The path and the digest of a record.
fn record(node: &Node) -> Option<(&str, (Algorithm, &str))> {
    let path = PATHS.iter().find_map(|key| node.word(key))?;
    let by_name = node.map()?.iter().find_map(|(key, value)| {
        let algorithm = Algorithm::named(key)?;
        let text = value.text()?;
        let digits = text.rsplit_once(':').map_or(text, |(_, digits)| digits);
        fits(algorithm, digits).then_some((algorithm, digits))
    });
    let digest = by_name.or_else(|| DIGESTS.iter().find_map(|key| spelled(node.word(key)?)))?;
    Some((path, digest))
}

/// `model.pt.integrity.json` notes the path that its writer was given; it is about the file beside it.
fn file(name: &str, file: &str) -> String {
    let own = base_name(file);
    if name.strip_suffix(".integrity.json") == Some(own) { own.to_owned() } else { file.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: &str = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";

    fn lines(name: &str, text: &str) -> Option<Vec<(String, u64)>> {
        let (manifest, _) = JsonRecords.parse_json(name, &Node::parse(text)?, text)?;
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
    fn records_of_other_tools() {
        let dvc = "[{\"md5\": \"9dd4e461268c8034f5c8564e155c67a6\", \"relpath\": \"a/b\"}]";
        let text = dvc;
        let (manifest, _) = JsonRecords.parse_json("x.dir", &Node::parse(text).unwrap(), text).unwrap();
        assert_eq!((manifest.lines[0].path.as_str(), manifest.lines[0].algorithm), ("a/b", Algorithm::Md5));
        let text = format!("{{\"resources\": [{{\"path\": \"d.csv\", \"bytes\": 7, \"hash\": \"sha256:{X}\"}}]}}");
        let (manifest, _) = JsonRecords.parse_json("datapackage.json", &Node::parse(&text).unwrap(), &text).unwrap();
        assert_eq!((manifest.lines[0].size, manifest.lines[0].algorithm), (Some(7), Algorithm::Sha256));
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
