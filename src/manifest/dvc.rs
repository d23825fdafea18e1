//! DVC (3.x): `.dvc` files and `dvc.lock`, YAML with records of `md5`, `size`, `path`. A digest that ends in `.dir` is that of
//! a list, which lies in DVC's cache (`JsonRecords` reads it). Before 3.0 text files were hashed without carriage
//! returns; records without `hash: md5` may be such.

use super::ManifestKind;
use super::claims::{Claim, Claims, fits};
use crate::model::{Algorithm, Finding, Manifest};

/// The kind.
pub struct Dvc;

impl ManifestKind for Dvc {
    fn id(&self) -> &'static str {
        "dvc"
    }

    fn name(&self) -> &'static str {
        "DVC file"
    }

    fn parse(&self, name: &str, text: &[u8]) -> Option<(Manifest, Vec<Finding>)> {
        if !name.ends_with(".dvc") && name != "dvc.lock" {
            return None;
        }
        let mut claims = Claims::default();
        let (mut record, mut number) = (Record::default(), 0_u64);
        for line in str::from_utf8(text).ok()?.lines() {
            number = number.saturating_add(1);
            let line = line.trim();
            let (starts, line) = line.strip_prefix("- ").map_or((false, line), |rest| (true, rest.trim_start()));
            if starts {
                std::mem::take(&mut record).finish(&mut claims);
            }
            if let Some((key, value)) = line.split_once(':') {
                record.take(key, value.trim().trim_matches(['"', '\'']), number);
            }
        }
        record.finish(&mut claims);
        claims.some(self.id())
    }
}

#[derive(Default)]
struct Record<'a> {
    md5: Option<(&'a str, u64)>,
    path: Option<&'a str>,
    size: Option<u64>,
    is_new: bool,
}

impl<'a> Record<'a> {
    fn take(&mut self, key: &str, value: &'a str, line: u64) {
        match key {
            "md5" => self.md5 = Some((value, line)),
            "path" => self.path = Some(value),
            "size" => self.size = value.parse().ok(),
            "hash" => self.is_new = value == "md5",
            _ => {}
        }
    }

    fn finish(self, claims: &mut Claims) {
        let (Some((md5, line)), Some(path)) = (self.md5, self.path) else { return };
        let (digest, is_folder) = md5.strip_suffix(".dir").map_or((md5, false), |digest| (digest, true));
        if !fits(Algorithm::Md5, digest) {
            return;
        }
        let folder = "the digest is that of a list of the folder's files, which lies in DVC's cache".to_owned();
        let size = self.size.filter(|_| !is_folder);
        let objection = is_folder.then_some(folder);
        claims.add(Claim { size, objection, ..Claim::new(path, (Algorithm::Md5, digest), line) });
        if !self.is_new && !is_folder {
            let message =
                format!("line {line}: written by DVC before 3.0, which hashed text files without carriage returns");
            claims.report(Finding::note("dvc-old-digest", message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_outs_and_locks() {
        let digest = "a304afb96060aad90176268345e10355";
        let text = format!("outs:\n- md5: {digest}\n  size: 14445097\n  hash: md5\n  path: data.xml\n");
        let (manifest, findings) = Dvc.parse("data.xml.dvc", text.as_bytes()).unwrap();
        let line = &manifest.lines[0];
        assert_eq!((line.path.as_str(), line.digest.as_str(), line.size), ("data.xml", digest, Some(14_445_097)));
        assert_eq!((line.line, findings.len()), (2, 0));
        let lock = format!(
            "schema: '2.0'\nstages:\n  train:\n    deps:\n    - path: a\n      md5: {digest}\n    outs:\n    - path: b\n      md5: {digest}.dir\n"
        );
        let (manifest, findings) = Dvc.parse("dvc.lock", lock.as_bytes()).unwrap();
        let found: Vec<_> = manifest.lines.iter().map(|line| (line.path.as_str(), line.objection.is_some())).collect();
        assert_eq!((found, findings.len()), (vec![("a", false), ("b", true)], 1));
        assert!(Dvc.parse("notes.yaml", text.as_bytes()).is_none());
    }
}
