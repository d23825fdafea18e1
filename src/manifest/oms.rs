//! OpenSSF Model Signing (`model-signing` 1.1, its `_signing/signing.py`): a Sigstore bundle around a DSSE envelope around an
//! in-toto statement. v1.0 lists files or shards of files as resources, whose digests together have the digest of the
//! subject; v0.2 has one subject a file. The digests need no key; the signature does, and is kept for when one is given.

use super::ManifestKind;
use super::claims::{Claim, Claims, fits};
use super::json::{Lines, Node};
use crate::digest::{Sha256, from_base64, from_hexadecimal};
use crate::limits;
use crate::model::{Algorithm, Envelope, Finding, Manifest};

/// The kind.
pub struct ModelSigning;

const V1: &str = "https://model_signing/signature/v1.0";
/// Signatures kept of an envelope; its writers make one.
const SIGNATURES: usize = 8;

const V0: &str = "https://model_signing/Digests/v0.1";

impl ModelSigning {
    /// Its id.
    pub const ID: &str = "model_signing";
}

impl ManifestKind for ModelSigning {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn name(&self) -> &'static str {
        "OpenSSF model signature"
    }

    fn parse_json(&self, _name: &str, node: &Node, text: &str) -> Option<(Manifest, Vec<Finding>)> {
        let Some(envelope) = node.get("dsseEnvelope") else {
            let (claims, mut findings) = statement(node, text)?.finish(self.id());
            let message = "a statement without a signature: it says what the files were, not who says so";
            findings.push(Finding::note("signature-none", message));
            return Some((claims, findings));
        };
        let payload = String::from_utf8(from_base64(envelope.word("payload")?.as_bytes())).ok()?;
        let (mut claims, mut findings) = statement(&Node::parse(&payload)?, &payload)?.finish(self.id());
        let signed = signed(envelope, node.get("verificationMaterial"), payload.into_bytes());
        findings.push(match signed.signatures.len() {
            0 => Finding::warning("signature-none", "an envelope without a signature: nobody says so"),
            count => {
                let what = if count == 1 { "a signature that is" } else { "signatures that are" };
                let message = format!("{what} checked only once a key is given; the digests need none");
                Finding::note("signature-unchecked", message)
            }
        });
        claims.envelope = (signed.payload.len() <= limits::SIGNED).then(|| Box::new(signed));
        Some((claims, findings))
    }
}

/// What was signed, by what the bundle says.
fn signed(envelope: &Node, material: Option<&Node>, payload: Vec<u8>) -> Envelope {
    let bytes = |node: &Node, key: &str| node.word(key).map(|word| from_base64(word.as_bytes()));
    let material = |key: &str| material.and_then(|material| material.get(key));
    let chain = || material("x509CertificateChain")?.get("certificates")?.list()?.first();
    let certificate = material("certificate").or_else(chain).and_then(|certificate| bytes(certificate, "rawBytes"));
    let signatures = envelope.get("signatures").and_then(Node::list).unwrap_or_default();
    Envelope {
        payload_type: envelope.word("payloadType").unwrap_or_default().to_owned(),
        payload,
        signatures: signatures.iter().filter_map(|signature| bytes(signature, "sig")).take(SIGNATURES).collect(),
        hint: material("publicKey").and_then(|key| key.word("hint")).map(str::to_owned),
        certificate,
    }
}

fn statement(node: &Node, text: &str) -> Option<Claims> {
    let (mut claims, mut lines) = (Claims::default(), Lines::of(text));
    match node.word("predicateType")? {
        V1 => {
            let predicate = node.get("predicate")?;
            let method = predicate.get("serialization")?.word("method")?;
            for resource in predicate.get("resources")?.list()? {
                one(resource, method == "shards", &mut claims, &mut lines);
            }
            claims.report(root(node, predicate)?);
        }
        V0 => {
            for subject in node.get("subject")?.list()? {
                let digest = subject.get("digest")?.word("sha256").filter(|digest| fits(Algorithm::Sha256, digest))?;
                claims.add(Claim::new(subject.word("name")?, (Algorithm::Sha256, digest), lines.next(digest)));
            }
        }
        _ => return None,
    }
    Some(claims)
}

/// One resource; a shard is called `path:first:end`.
fn one(resource: &Node, is_shard: bool, claims: &mut Claims, lines: &mut Lines<'_>) {
    let words = (resource.word("name"), resource.word("algorithm"), resource.word("digest"));
    let (Some(name), Some(algorithm), Some(digest)) = words else {
        claims.report(Finding::error("manifest-line", "a resource without name, algorithm or digest"));
        return;
    };
    // `sha256-sharded-1000000`: the digest of one shard is a plain one.
    let known = algorithm.split('-').next().and_then(Algorithm::named).filter(|known| fits(*known, digest));
    let Some(known) = known else {
        let message = format!("{name}: a digest of {algorithm:?} is not understood");
        claims.report(Finding::warning("manifest-line", message));
        return;
    };
    let line = lines.next(digest);
    let (path, range) = match shard(name).filter(|_| is_shard) {
        Some((path, first, end)) => (path, Some((first, end))),
        None => (name, None),
    };
    claims.add(Claim { range, ..Claim::new(path, (known, digest), line) });
}

fn shard(name: &str) -> Option<(&str, u64, u64)> {
    let (rest, end) = name.rsplit_once(':')?;
    let (path, first) = rest.rsplit_once(':')?;
    Some((path, first.parse().ok()?, end.parse().ok()?))
}

/// Whether the digest of the subject is that of all digests in their order.
fn root(node: &Node, predicate: &Node) -> Option<Finding> {
    let expected = node.get("subject")?.list()?.first()?.get("digest")?.word("sha256")?;
    let mut all = Vec::new();
    for resource in predicate.get("resources")?.list()? {
        all.extend(from_hexadecimal(resource.word("digest")?)?);
    }
    let found = Sha256::of(&all).to_string();
    Some(if found == expected {
        Finding::note("signature-root", "the digest of the subject is that of all digests listed")
    } else {
        let message = format!("the subject's digest is {expected}, the digests listed have {found}");
        Finding::error("signature-root", message)
    })
}
