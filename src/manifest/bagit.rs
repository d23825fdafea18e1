//! BagIt (RFC 8493): `manifest-sha256.txt` names the payload below `data/`, `tagmanifest-sha256.txt` the rest. Lines are
//! `digest  path`; of a path only `%`, line feed and carriage return are written as `%25`, `%0A`, `%0D`.

use super::ManifestKind;
use super::claims::{Claim, Claims, fits};
use crate::model::{Algorithm, Finding, Manifest};

/// The kind.
pub struct BagIt;

impl BagIt {
    /// Its id.
    pub const ID: &str = "bagit";
}

impl ManifestKind for BagIt {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn name(&self) -> &'static str {
        "BagIt manifest"
    }

    fn parse(&self, name: &str, text: &[u8]) -> Option<(Manifest, Vec<Finding>)> {
        let stem = name.strip_suffix(".txt")?;
        let word = stem.strip_prefix("tagmanifest-").or_else(|| stem.strip_prefix("manifest-"))?;
        let algorithm = Algorithm::named(word)?;
        let text = str::from_utf8(text).ok()?;
        let mut claims = Claims::default();
        let (mut number, mut offset) = (0_u64, 0_u64);
        for raw in text.split('\n') {
            number = number.saturating_add(1);
            let line = raw.trim_end_matches('\r');
            let claim = line.split_once([' ', '\t']).filter(|(digest, _)| fits(algorithm, digest));
            match claim {
                Some((digest, path)) => {
                    let path = path.trim_start_matches([' ', '\t']).trim_start_matches('*');
                    claims.add(Claim::new(decoded(path), (algorithm, digest), number));
                }
                None if line.is_empty() => {}
                None => {
                    let digits = algorithm.digits();
                    let message =
                        format!("line {number} is not understood: expected {digits} hexadecimal digits and a path");
                    claims.report(Finding::warning("manifest-line", message).at(offset));
                }
            }
            offset = offset.saturating_add(raw.len() as u64).saturating_add(1);
        }
        claims.some(self.id())
    }
}

fn decoded(path: &str) -> String {
    let plain = path.replace("%0A", "\n").replace("%0a", "\n").replace("%0D", "\r").replace("%0d", "\r");
    plain.replace("%25", "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_algorithm_and_paths_are_decoded() {
        let text = format!("{}  data/a%0Ab\n{} data/c d\nnonsense\n", "0".repeat(128), "1".repeat(128));
        let (manifest, findings) = BagIt.parse("manifest-sha512.txt", text.as_bytes()).unwrap();
        let paths: Vec<_> = manifest.lines.iter().map(|line| line.path.as_str()).collect();
        assert_eq!((paths, manifest.lines[0].algorithm), (vec!["data/a\nb", "data/c d"], Algorithm::Sha512));
        assert_eq!((findings.len(), findings[0].offset), (1, Some(279)));
        assert!(BagIt.parse("manifest-sha256.txt", text.as_bytes()).is_none());
        assert!(BagIt.parse("notes.txt", text.as_bytes()).is_none());
    }
}
