//! Checksums as JSON: `{"path": "digest"}`, `{"path": {"sha256": "digest", …}}`, either also one level down
//! (`{"files": {…}}`). A digest may have its algorithm in front (`md5:…`); one of 32 or 40 digits must, or the name of the
//! file or of the field must say it: commits have as many.

use super::ManifestKind;
use super::claims::{Claim, Claims, fits, hint, spelled};
use super::json::{Lines, Node};
use crate::model::{Algorithm, Finding, Manifest};

/// The kind.
pub struct JsonMap;

impl ManifestKind for JsonMap {
    fn id(&self) -> &'static str {
        "json_map"
    }

    fn name(&self) -> &'static str {
        "JSON checksums"
    }

    fn parse_json(&self, name: &str, node: &Node, text: &str) -> Option<(Manifest, Vec<Finding>)> {
        let found = found(node.map()?, hint(name))?;
        // Digests stand in the text in the order of the map.
        let (mut claims, mut lines) = (Claims::default(), Lines::of(text));
        for (path, digests) in found {
            for (algorithm, digest) in digests {
                claims.add(Claim::new(path, (algorithm, digest), lines.next(digest)));
            }
        }
        Some(claims.finish(self.id()))
    }
}

type Digests<'a> = Vec<(Algorithm, &'a str)>;
type Found<'a> = Vec<(&'a str, Digests<'a>)>;

/// Paths and digests, when the map is mostly that, itself or in the one map it holds.
fn found(top: &[(String, Node)], hint: Option<Algorithm>) -> Option<Found<'_>> {
    let (claims, others) = split(top, hint);
    if claims.len() > others.len() {
        return Some(claims);
    }
    if !claims.is_empty() {
        return None;
    }
    let (inner, others) = others.into_iter().find_map(|node| match node {
        Node::Map(pairs) if !pairs.is_empty() => Some(split(pairs, hint)),
        _ => None,
    })?;
    (inner.len() > others.len()).then_some(inner)
}

fn split(pairs: &[(String, Node)], hint: Option<Algorithm>) -> (Found<'_>, Vec<&Node>) {
    let (mut claims, mut others) = (Vec::new(), Vec::new());
    for (key, node) in pairs {
        let digests = digests(node, hint);
        if digests.is_empty() {
            others.push(node);
        } else {
            claims.push((key.as_str(), digests));
        }
    }
    // `{"file": "state.pt", "sha256": "…"}` names a digest, not a file.
    let is_name = |key: &str| Algorithm::named(key).is_some() || key.ends_with("sha256");
    let named = claims.iter().any(|(key, _)| is_name(key) || matches!(*key, "digest" | "checksum" | "hash"));
    if named { (Vec::new(), pairs.iter().map(|(_, node)| node).collect()) } else { (claims, others) }
}

fn digests(node: &Node, hint: Option<Algorithm>) -> Digests<'_> {
    match node {
        Node::Text(text) => alone(text, hint).into_iter().collect(),
        Node::Map(pairs) => {
            let named = pairs.iter().filter_map(|(key, value)| {
                let (algorithm, digest) = (Algorithm::named(key)?, value.text()?);
                fits(algorithm, digest).then_some((algorithm, digest))
            });
            named.collect()
        }
        _ => Vec::new(),
    }
}

/// A digest that stands alone.
fn alone(text: &str, hint: Option<Algorithm>) -> Option<(Algorithm, &str)> {
    if let Some(algorithm) = hint.filter(|algorithm| fits(*algorithm, text)) {
        return Some((algorithm, text));
    }
    let (algorithm, digits) = spelled(text)?;
    let is_told = digits.len() < text.len() || !matches!(algorithm, Algorithm::Md5 | Algorithm::Sha1);
    is_told.then_some((algorithm, digits))
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: &str = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
    const Y: &str = "9dd4e461268c8034f5c8564e155c67a6";

    fn lines(text: &str) -> Option<Vec<(String, u64)>> {
        named("checksums.json", text).map(|lines| lines.into_iter().map(|(path, line, _)| (path, line)).collect())
    }

    fn named(name: &str, text: &str) -> Option<Vec<(String, u64, Algorithm)>> {
        let (manifest, _) = JsonMap.parse_json(name, &Node::parse(text)?, text)?;
        Some(manifest.lines.into_iter().map(|line| (line.path, line.line, line.algorithm)).collect())
    }

    #[test]
    fn a_map_of_digests_is_a_manifest() {
        let expected = Some(vec![("a".to_owned(), 2), ("b/c".to_owned(), 3)]);
        assert_eq!(lines(&format!("{{\n\"a\": \"{X}\",\n\"b/c\": \"sha256:{X}\"}}")), expected);
        assert_eq!(lines(&format!("{{\n\"a\": {{\"sha256\": \"{X}\", \"bytes\": 1}},\n\"b/c\": \"{X}\"}}")), expected);
        assert_eq!(lines(&format!("{{\"v\": 1, \"files\": {{\n\"a\": \"{X}\",\n\"b/c\": \"{X}\"}}}}")), expected);
    }

    #[test]
    fn other_algorithms_are_told_by_name() {
        let md5 = |line| Some(vec![("a".to_owned(), line, Algorithm::Md5)]);
        assert_eq!(named("x.json", &format!("{{\"a\": \"md5:{Y}\"}}")), md5(1));
        assert_eq!(named("x.json", &format!("{{\"a\": {{\"md5\": \"{Y}\"}}}}")), md5(1));
        assert_eq!(named("md5.json", &format!("{{\n\"a\": \"{Y}\"}}")), md5(2));
        assert_eq!(named("x.json", &format!("{{\"a\": \"{Y}\"}}")), None, "a commit, as likely");
        let both = named("x.json", &format!("{{\"a\": {{\"md5\": \"{Y}\", \"sha256\": \"{X}\"}}}}")).unwrap();
        assert_eq!(both.len(), 2);
        assert_eq!(named("b3.json", &format!("{{\"a\": \"blake3:{X}\"}}")).unwrap()[0].2, Algorithm::Blake3);
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
