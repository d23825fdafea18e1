//! Keys that a signature is checked with: a public key or a certificate of one, as PEM or DER.

use super::der::{BITS, Elements, INTEGER, OBJECT, SEQUENCE, VERSION};
use crate::digest::{Sha256, from_base64, to_base64};
use crate::error::{Error, Result};

/// A curve that `model-signing` takes (the P curves of FIPS 186-5), with the hash that goes with it there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// P-256 with SHA-256.
    P256,
    /// P-384 with SHA-384.
    P384,
    /// P-521 with SHA-512.
    P521,
}

impl Curve {
    /// What WebCrypto calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// What WebCrypto calls its hash.
    pub fn hash(self) -> &'static str {
        match self {
            Self::P256 => "SHA-256",
            Self::P384 => "SHA-384",
            Self::P521 => "SHA-512",
        }
    }

    /// Bytes of a coordinate, and of either number of a signature.
    pub fn width(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    fn of(object: &[u8]) -> Option<Self> {
        match object {
            [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7] => Some(Self::P256),
            [0x2b, 0x81, 4, 0, 0x22] => Some(Self::P384),
            [0x2b, 0x81, 4, 0, 0x23] => Some(Self::P521),
            _ => None,
        }
    }
}

/// What a key came as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// A public key (`SubjectPublicKeyInfo`).
    PublicKey,
    /// An X.509 certificate. Whether it is valid, and who issued it, is not looked at.
    Certificate,
}

/// A public key of an elliptic curve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// What it came as.
    pub kind: KeyKind,
    /// Its curve.
    pub curve: Curve,
    /// The key as `SubjectPublicKeyInfo` in DER.
    pub spki: Vec<u8>,
}

const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const PEM: &str = "-----BEGIN ";

impl Key {
    /// Reads a key from a file or from pasted text.
    ///
    /// # Errors
    /// When it is no public key or certificate of one of the three curves; the words say what it is instead.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let text = String::from_utf8_lossy(bytes);
        let Some((_, rest)) = text.split_once(PEM) else { return Self::of_der(bytes) };
        let Some((label, rest)) = rest.split_once("-----") else { return Err(no_key("a PEM block without an end")) };
        if label.ends_with("PRIVATE KEY") {
            return Err(Error::Refused {
                what: "this is a private key, which belongs to the signer alone; the public one is needed".to_owned(),
            });
        }
        if !matches!(label, "PUBLIC KEY" | "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE") {
            return Err(no_key(&format!("a PEM block of {label:?}")));
        }
        let body = rest.split("-----").next().unwrap_or_default();
        let body: Vec<u8> = body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        Self::of_der(&from_base64(&body))
    }

    /// What it is, in words.
    pub fn words(&self) -> String {
        let kind = match self.kind {
            KeyKind::PublicKey => "public key",
            KeyKind::Certificate => "certificate",
        };
        format!("{kind} of {}", self.curve.name())
    }

    /// SHA-256 of the key in DER, in lower-case hexadecimal.
    pub fn fingerprint(&self) -> String {
        Sha256::of(&self.spki).to_string()
    }

    /// What bundles call it: SHA-256 of the key in PEM.
    pub fn hint(&self) -> String {
        let base64 = to_base64(&self.spki);
        let lines: String =
            base64.as_bytes().chunks(64).map(|line| format!("{}\n", String::from_utf8_lossy(line))).collect();
        let pem = format!("{PEM}PUBLIC KEY-----\n{lines}-----END PUBLIC KEY-----\n");
        Sha256::of(pem.as_bytes()).to_string()
    }

    fn of_der(bytes: &[u8]) -> Result<Self> {
        let Some(outer) = Elements(bytes).tagged(SEQUENCE) else { return Err(no_key("other bytes")) };
        let mut parts = Elements(outer.inside);
        let is_certificate = parts.next().is_some_and(|first| {
            let inside = Elements(first.inside).next().map(|inner| inner.tag);
            first.tag == SEQUENCE && matches!(inside, Some(VERSION | INTEGER))
        });
        let (kind, spki) = match is_certificate {
            true => (KeyKind::Certificate, spki_of(outer.inside)),
            false => (KeyKind::PublicKey, Some(outer.whole)),
        };
        let spki = spki.ok_or_else(|| no_key("a certificate without a key"))?;
        Ok(Self { kind, curve: curve_of(spki)?, spki: spki.to_vec() })
    }
}

/// The key of a certificate (RFC 5280, 4.1): behind the version, the serial number, the algorithm, the issuer, the times
/// and the subject.
fn spki_of(certificate: &[u8]) -> Option<&[u8]> {
    let mut fields = Elements(Elements(certificate).tagged(SEQUENCE)?.inside);
    let _version = fields.tagged(VERSION);
    fields.tagged(INTEGER)?;
    for _ in 0..4 {
        fields.tagged(SEQUENCE)?;
    }
    Some(fields.tagged(SEQUENCE)?.whole)
}

fn curve_of(spki: &[u8]) -> Result<Curve> {
    let parts = Elements(spki).only(SEQUENCE).and_then(|key| {
        let mut key = Elements(key.inside);
        Some((Elements(key.tagged(SEQUENCE)?.inside), Elements(key.0).only(BITS)?.inside))
    });
    let Some((mut algorithm, point)) = parts else { return Err(no_key("other bytes")) };
    let name = algorithm.tagged(OBJECT).map(|object| object.inside);
    if name != Some(EC) {
        return Err(unsupported(match name {
            Some([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, ..]) => "an RSA key",
            Some([0x2b, 0x65, 0x70]) => "an Ed25519 key",
            _ => "a key that is of no elliptic curve",
        }));
    }
    let curve = algorithm.tagged(OBJECT).and_then(|object| Curve::of(object.inside));
    let curve = curve.ok_or_else(|| unsupported("a curve other than P-256, P-384 and P-521"))?;
    // No bits unused, then both coordinates.
    match point {
        [0, 4, both @ ..] if both.len() == curve.width().saturating_mul(2) => Ok(curve),
        [0, 2 | 3, ..] => Err(unsupported("a point of which one coordinate is left out")),
        _ => Err(no_key("a point that is none of its curve")),
    }
}

fn no_key(found: &str) -> Error {
    Error::malformed("key", 0, format!("expected a public key or a certificate, as PEM or DER, found {found}"))
}

fn unsupported(feature: &str) -> Error {
    Error::Unsupported { format: "key", feature: feature.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_public_key_is_told_by_its_name() {
        let told = |text: &str| Key::read(text.as_bytes()).unwrap_err().to_string();
        assert!(told("-----BEGIN EC PRIVATE KEY-----\nMHc=\n-----END EC PRIVATE KEY-----\n").contains("private key"));
        assert!(told("-----BEGIN PGP MESSAGE-----\n").contains("PGP MESSAGE"));
        assert!(told("ssh-ed25519 AAAA").contains("found other bytes"));
        assert!(told("").contains("found other bytes"));
        let ed25519 = "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=";
        assert!(
            told(&format!("-----BEGIN PUBLIC KEY-----\n{ed25519}\n-----END PUBLIC KEY-----\n")).contains("Ed25519")
        );
    }
}
