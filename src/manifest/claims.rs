//! The claims of a manifest as they are gathered line by line, whatever its kind.

use std::collections::HashMap;

use crate::limits;
use crate::model::{Algorithm, Finding, Manifest, ManifestLine};

/// Whether `text` is as many hexadecimal digits as a digest of `algorithm` has.
pub(super) fn fits(algorithm: Algorithm, text: &str) -> bool {
    text.len() == algorithm.digits() && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The digest that `text` spells: `sha256:…`, `sha512-…`, or digits alone, whose number tells the algorithm.
pub(super) fn spelled(text: &str) -> Option<(Algorithm, &str)> {
    if let Some((name, digits)) = text.split_once([':', '-'])
        && let Some(algorithm) = Algorithm::named(name)
    {
        return fits(algorithm, digits).then_some((algorithm, digits));
    }
    let algorithm = Algorithm::of_digits(text.len())?;
    fits(algorithm, text).then_some((algorithm, text))
}

/// The algorithm that a file's name speaks of: `SHA512SUMS`, `model.b3`, `manifest-md5.txt`.
pub(super) fn hint(name: &str) -> Option<Algorithm> {
    const HINTS: [(&str, Algorithm); 12] = [
        ("blake3", Algorithm::Blake3),
        ("b3sum", Algorithm::Blake3),
        (".b3", Algorithm::Blake3),
        ("blake2", Algorithm::Blake2b),
        ("b2sum", Algorithm::Blake2b),
        (".b2", Algorithm::Blake2b),
        ("sha512", Algorithm::Sha512),
        ("sha384", Algorithm::Sha384),
        ("sha256", Algorithm::Sha256),
        ("sha1", Algorithm::Sha1),
        ("md5", Algorithm::Md5),
        ("sha-256", Algorithm::Sha256),
    ];
    let name = name.to_lowercase();
    HINTS.iter().find(|(word, _)| name.contains(word)).map(|(_, algorithm)| *algorithm)
}

/// One claim.
pub(super) struct Claim<'a> {
    pub(super) path: String,
    pub(super) algorithm: Algorithm,
    /// Hexadecimal digits of any case.
    pub(super) digest: &'a str,
    pub(super) line: u64,
    /// Bytes that the file should have.
    pub(super) size: Option<u64>,
    /// Only these bytes of it were hashed: first, and behind the last.
    pub(super) range: Option<(u64, u64)>,
    pub(super) objection: Option<String>,
}

impl<'a> Claim<'a> {
    pub(super) fn new(path: impl Into<String>, (algorithm, digest): (Algorithm, &'a str), line: u64) -> Self {
        Self { path: path.into(), algorithm, digest, line, size: None, range: None, objection: None }
    }
}

/// A path, the digest, and the bytes of it.
type What<'a> = (&'a str, Algorithm, Option<(u64, u64)>);

/// Claims and what is wrong with them.
#[derive(Default)]
pub(super) struct Claims {
    lines: Vec<ManifestLine>,
    findings: Vec<Finding>,
    unlisted_findings: usize,
}

impl Claims {
    /// One more claim.
    pub(super) fn add(&mut self, claim: Claim<'_>) {
        self.lines.push(ManifestLine {
            path: claim.path,
            algorithm: claim.algorithm,
            digest: claim.digest.to_ascii_lowercase(),
            line: claim.line,
            size: claim.size,
            range: claim.range,
            objection: claim.objection,
            pieces: Vec::new(),
        });
    }

    /// One more thing that is wrong; beyond the cap they are only counted.
    pub(super) fn report(&mut self, finding: Finding) {
        if self.findings.len() < limits::FINDINGS {
            self.findings.push(finding);
        } else {
            self.unlisted_findings = self.unlisted_findings.saturating_add(1);
        }
    }

    /// How many claims there are.
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// The manifest, with paths that are claimed twice reported; `None` without a claim.
    pub(super) fn some(self, kind: &str) -> Option<(Manifest, Vec<Finding>)> {
        (!self.lines.is_empty()).then(|| self.finish(kind))
    }

    /// The manifest, with paths that are claimed twice reported.
    pub(super) fn finish(mut self, kind: &str) -> (Manifest, Vec<Finding>) {
        for finding in self.repeated() {
            self.report(finding);
        }
        if self.unlisted_findings > 0 {
            let message = format!("{} more like these", self.unlisted_findings);
            self.findings.push(Finding::warning("manifest-line", message));
        }
        (Manifest { kind: kind.to_owned(), lines: self.lines, envelope: None }, self.findings)
    }

    fn repeated(&self) -> Vec<Finding> {
        let mut first: HashMap<What<'_>, &ManifestLine> = HashMap::new();
        let mut findings = Vec::new();
        for line in &self.lines {
            let earlier = *first.entry((&line.path, line.algorithm, line.range)).or_insert(line);
            if std::ptr::eq(earlier, line) {
                continue;
            }
            let both = format!("line {} and line {} both name {}", earlier.line, line.line, line.path);
            findings.push(if earlier.digest == line.digest {
                Finding::note("manifest-duplicate", format!("{both}, with the same digest"))
            } else {
                Finding::error("manifest-conflict", format!("{both}, with different digests"))
            });
        }
        findings
    }
}
