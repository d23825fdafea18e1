//! A Git LFS pointer: three lines that stand for a file, as a clone without LFS has them. Where the file itself was opened
//! too, elsewhere under the same name, the pointer says what it must be.

use super::ManifestKind;
use super::claims::{Claim, Claims, fits};
use crate::model::{Algorithm, Finding, Manifest};

/// The kind.
pub struct LfsPointer;

impl LfsPointer {
    /// Its id.
    pub const ID: &str = "lfs_pointer";
}

impl ManifestKind for LfsPointer {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn name(&self) -> &'static str {
        "Git LFS pointer"
    }

    fn parse(&self, name: &str, text: &[u8]) -> Option<(Manifest, Vec<Finding>)> {
        let text = str::from_utf8(text.get(..text.len().min(1024))?).ok()?;
        let mut lines = text.lines();
        lines.next().filter(|line| line.starts_with("version https://git-lfs.github.com/spec/"))?;
        let (mut digest, mut size) = (None, None);
        for line in lines {
            match line.split_once(' ')? {
                ("oid", oid) => digest = oid.strip_prefix("sha256:"),
                ("size", bytes) => size = bytes.parse().ok(),
                _ => {}
            }
        }
        let digest = digest.filter(|digest| fits(Algorithm::Sha256, digest))?;
        let mut claims = Claims::default();
        claims.add(Claim { size, ..Claim::new(name, (Algorithm::Sha256, digest), 2) });
        Some(claims.finish(self.id()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_speaks_of_the_file_of_its_name() {
        let digest = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";
        let text = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize 12345\n");
        let (manifest, _) = LfsPointer.parse("model.safetensors", text.as_bytes()).unwrap();
        let line = &manifest.lines[0];
        assert_eq!((line.path.as_str(), line.digest.as_str(), line.size), ("model.safetensors", digest, Some(12345)));
        assert!(LfsPointer.parse("x", b"version 1\n").is_none());
    }
}
