//! A tree listing of the Hugging Face Hub (`/api/models/…/tree/main`): large files by the SHA-256 of their LFS object, small
//! ones by the SHA-1 that Git gives them.

use super::ManifestKind;
use super::claims::{Claim, Claims, fits};
use super::json::{Lines, Node};
use crate::model::{Algorithm, Finding, Manifest};

/// The kind.
pub struct HfTree;

impl ManifestKind for HfTree {
    fn id(&self) -> &'static str {
        "hf_tree"
    }

    fn name(&self) -> &'static str {
        "Hugging Face tree listing"
    }

    fn parse_json(&self, _name: &str, node: &Node, text: &str) -> Option<(Manifest, Vec<Finding>)> {
        let (mut claims, mut lines) = (Claims::default(), Lines::of(text));
        for item in node.list()? {
            let (kind, path, oid) = (item.word("type")?, item.word("path")?, item.word("oid")?);
            if kind != "file" {
                continue;
            }
            let size = item.get("size").and_then(Node::number);
            let line = lines.next(oid);
            let large = item.get("lfs").and_then(|lfs| lfs.word("oid").or_else(|| lfs.word("sha256")));
            let digest = match large {
                Some(sha256) => (Algorithm::Sha256, sha256.strip_prefix("sha256:").unwrap_or(sha256)),
                None => (Algorithm::GitSha1, oid),
            };
            if fits(digest.0, digest.1) {
                claims.add(Claim { size, ..Claim::new(path, digest, line) });
            }
        }
        claims.some(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_files_by_sha256_small_ones_as_git_has_them() {
        let (git, sha256) = ("ce013625030ba8dba906f756967f9e9ca394464a", "0".repeat(64));
        let text = format!(
            "[{{\"type\":\"directory\",\"oid\":\"{git}\",\"size\":0,\"path\":\"d\"}},\n{{\"type\":\"file\",\"oid\":\"{git}\",\"size\":6,\"path\":\"config.json\"}},\n{{\"type\":\"file\",\"oid\":\"{git}\",\"size\":9,\"lfs\":{{\"oid\":\"{sha256}\",\"size\":9,\"pointerSize\":134}},\"path\":\"model.safetensors\"}}]"
        );
        let (manifest, _) = HfTree.parse_json("tree.json", &Node::parse(&text).unwrap(), &text).unwrap();
        let found: Vec<_> = manifest.lines.iter().map(|line| (line.path.as_str(), line.algorithm, line.size)).collect();
        let expected =
            [("config.json", Algorithm::GitSha1, Some(6)), ("model.safetensors", Algorithm::Sha256, Some(9))];
        assert_eq!(found, expected);
    }
}
