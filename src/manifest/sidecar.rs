//! A digest alone in a file of its own: `model.safetensors.sha256` holds 64 hexadecimal digits and nothing else.

use super::ManifestKind;
use super::claims::{Claim, Claims, fits};
use crate::model::{Algorithm, Finding, Manifest};

/// The kind.
pub struct Sidecar;

impl Sidecar {
    /// Its id.
    pub const ID: &str = "sidecar";
}

impl ManifestKind for Sidecar {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn name(&self) -> &'static str {
        "digest beside a file"
    }

    fn parse(&self, name: &str, text: &[u8]) -> Option<(Manifest, Vec<Finding>)> {
        let (file, extension) = name.rsplit_once('.')?;
        let algorithm = Algorithm::named(extension.strip_suffix("sum").unwrap_or(extension))?;
        // `checkpoint.sha256` and `state.sha256` are digests of something else than a file called so.
        file.trim_start_matches('.').rsplit_once('.')?;
        let digest = str::from_utf8(text).ok()?.trim();
        let mut claims = Claims::default();
        claims.add(Claim::new(file, (algorithm, fits(algorithm, digest).then_some(digest)?), 1));
        Some(claims.finish(self.id()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_digest_beside_a_file_is_one() {
        let text = "0".repeat(64) + "\n";
        let (manifest, _) = Sidecar.parse("a.b.pt.sha256", text.as_bytes()).unwrap();
        assert_eq!(manifest.lines[0].path, "a.b.pt");
        for name in ["state.sha256", ".x.sha256", "a.pt.md5", "a.pt"] {
            assert!(Sidecar.parse(name, text.as_bytes()).is_none(), "{name}");
        }
        assert!(Sidecar.parse("a.pt.sha256", text.repeat(2).as_bytes()).is_none());
        let (manifest, _) = Sidecar.parse("a.pt.md5", "0".repeat(32).as_bytes()).unwrap();
        assert_eq!(manifest.lines[0].algorithm, Algorithm::Md5);
        let (manifest, _) = Sidecar.parse("a.pt.b3", text.as_bytes()).unwrap();
        assert_eq!(manifest.lines[0].algorithm, Algorithm::Blake3);
    }
}
