//! Checksums as JSON: `{"path": "digest"}`, `{"path": {"sha256": "digest", …}}`, either also one level down
//! (`{"files": {…}}`).

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::ManifestKind;
use super::claims::{Claims, digest};
use super::read::has_digest;
use crate::limits;
use crate::model::{Finding, Manifest};

/// The kind.
pub struct JsonMap;

impl ManifestKind for JsonMap {
    fn id(&self) -> &'static str {
        "json_map"
    }

    fn name(&self) -> &'static str {
        "JSON checksums"
    }

    fn parse(&self, _name: &str, text: &[u8]) -> Option<(Manifest, Vec<Finding>)> {
        let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
        // Other JSON, a shard index say, is not parsed a second time.
        let most = usize::try_from(limits::MANIFEST_HEAD).unwrap_or(usize::MAX);
        let head = text.get(..most.min(text.len()))?;
        let starts = head.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{');
        if !starts || !has_digest(head) {
            return None;
        }
        let text = str::from_utf8(text).ok()?;
        let Node::Map(top) = serde_json::from_str(text).ok()? else { return None };
        let found = found(top)?;
        let mut claims = Claims::default();
        let (mut at, mut line) = (0_usize, 1_u64);
        for (path, spelled) in found {
            // Digests stand in the text in the order of the map, so each is looked for after the one before.
            let passed = text.get(at..).unwrap_or_default();
            if let Some(next) = passed.find(&spelled) {
                let lines = passed.get(..next).unwrap_or_default().bytes().filter(|&byte| byte == b'\n').count();
                line = line.saturating_add(lines as u64);
                at = at.saturating_add(next).saturating_add(spelled.len());
            }
            claims.add(path, digest(&spelled)?, line);
        }
        Some(claims.finish(self.id()))
    }
}

/// Paths and digests, when the map is mostly that, itself or in the one map it holds.
fn found(top: Vec<(String, Node)>) -> Option<Vec<(String, String)>> {
    let (claims, others) = split(top);
    if claims.len() > others.len() {
        return Some(claims);
    }
    if !claims.is_empty() {
        return None;
    }
    let (inner, others) = others.into_iter().find_map(|(_, node)| match node {
        Node::Map(pairs) if !pairs.is_empty() => Some(split(pairs)),
        _ => None,
    })?;
    (inner.len() > others.len()).then_some(inner)
}

type Pairs<T> = Vec<(String, T)>;

fn split(pairs: Pairs<Node>) -> (Pairs<String>, Pairs<Node>) {
    let (mut claims, mut others) = (Vec::new(), Vec::new());
    for (key, node) in pairs {
        match node.claim() {
            Ok(spelled) => claims.push((key, spelled)),
            Err(node) => others.push((key, node)),
        }
    }
    // `{"file": "state.pt", "sha256": "…"}` names a digest, not a file.
    let named = claims.iter().any(|(key, _)| key.ends_with("sha256") || matches!(key.as_str(), "digest" | "checksum"));
    if named { (Vec::new(), others) } else { (claims, others) }
}

/// As much of a JSON value as matters here.
enum Node {
    Digest(String),
    Map(Vec<(String, Node)>),
    Other,
}

impl Node {
    fn claim(self) -> Result<String, Self> {
        match self {
            Self::Digest(spelled) => Ok(spelled),
            Self::Map(pairs) => {
                let inner = pairs.iter().find_map(|(key, node)| match node {
                    Self::Digest(spelled) if key == "sha256" => Some(spelled.clone()),
                    _ => None,
                });
                inner.ok_or(Self::Map(pairs))
            }
            Self::Other => Err(Self::Other),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        let spelled = text.strip_prefix("sha256:").unwrap_or(text);
        Ok(digest(spelled).map_or(Node::Other, |_| Node::Digest(spelled.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        Ok(Node::Map(pairs))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Node::Other)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: &str = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";

    fn lines(text: &str) -> Option<Vec<(String, u64)>> {
        let (manifest, _) = JsonMap.parse("checksums.json", text.as_bytes())?;
        Some(manifest.lines.into_iter().map(|line| (line.path, line.line)).collect())
    }

    #[test]
    fn a_map_of_digests_is_a_manifest() {
        let expected = Some(vec![("a".to_owned(), 2), ("b/c".to_owned(), 3)]);
        assert_eq!(lines(&format!("{{\n\"a\": \"{X}\",\n\"b/c\": \"sha256:{X}\"}}")), expected);
        assert_eq!(lines(&format!("{{\n\"a\": {{\"sha256\": \"{X}\", \"bytes\": 1}},\n\"b/c\": \"{X}\"}}")), expected);
        assert_eq!(lines(&format!("{{\"v\": 1, \"files\": {{\n\"a\": \"{X}\",\n\"b/c\": \"{X}\"}}}}")), expected);
    }

    #[test]
    fn other_documents_are_not() {
        assert_eq!(lines(&format!("{{\"file\": \"state.pt\", \"sha256\": \"{X}\"}}")), None);
        assert_eq!(lines(&format!("{{\"a\": 1, \"b\": 2, \"c\": \"{X}\"}}")), None);
        assert_eq!(lines("{\"a\": 1}"), None);
        assert_eq!(lines(&format!("[\"{X}\"]")), None);
        assert_eq!(lines(&format!("{{\"a\": \"{X}\"")), None);
    }
}
