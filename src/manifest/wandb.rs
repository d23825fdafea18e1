//! The manifest of a Weights & Biases artifact: `{"version": 1, "storagePolicy": …, "contents": {"path": {"digest": MD5 in
//! base64, "size": …}}}`. References (`"ref": "s3://…"`) are digests of somebody else's store.

use super::ManifestKind;
use super::claims::{Claim, Claims};
use super::json::{Lines, Node};
use crate::digest::{from_base64, hexadecimal};
use crate::model::{Algorithm, Finding, Manifest};

/// The kind.
pub struct Wandb;

impl ManifestKind for Wandb {
    fn id(&self) -> &'static str {
        "wandb"
    }

    fn name(&self) -> &'static str {
        "W&B artifact manifest"
    }

    fn parse_json(&self, _name: &str, node: &Node, text: &str) -> Option<(Manifest, Vec<Finding>)> {
        node.word("storagePolicy")?;
        let (mut claims, mut lines) = (Claims::default(), Lines::of(text));
        for (path, entry) in node.get("contents")?.map()? {
            let Some(digest) = entry.word("digest") else { continue };
            let (line, size) = (lines.next(digest), entry.get("size").and_then(Node::number));
            let bytes = from_base64(digest.as_bytes());
            let is_md5 = bytes.len() == 16;
            let hex = hexadecimal(&bytes);
            let objection = match entry.word("ref") {
                Some(_) => Some("a reference: the digest is what another store says of the file".to_owned()),
                None if is_md5 => None,
                None => Some(format!("expected an MD5 in base64, found {digest:?}")),
            };
            claims.add(Claim { size, objection, ..Claim::new(path.as_str(), (Algorithm::Md5, &hex), line) });
        }
        claims.some(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_come_in_base64() {
        let text = "{\"version\": 1, \"storagePolicy\": \"wandb-storage-policy-v1\",\n\"contents\": {\"a.bin\": {\"digest\": \
                    \"kAFQmDzST7DWlj99KOF/cg==\", \"size\": 3}, \"b\": {\"digest\": \"etag\", \"ref\": \"s3://x/b\"}}}";
        let (manifest, _) = Wandb.parse_json("manifest.json", &Node::parse(text).unwrap(), text).unwrap();
        let line = &manifest.lines[0];
        assert_eq!(line.digest, "900150983cd24fb0d6963f7d28e17f72", "md5sum of abc");
        assert_eq!((line.path.as_str(), line.size, line.line), ("a.bin", Some(3), 2));
        assert!(manifest.lines[1].objection.is_some());
    }
}
