//! The signature of a manifest, as far as it can be checked here: that a key which the user gives made it of these bytes.
//! Whose key it is, and whether its certificate is to be trusted, is not looked at. The bytes are put together here;
//! the browser does the mathematics.

mod der;
mod key;

pub use key::{Curve, Key, KeyKind};

use crate::digest::Sha256;
use crate::error::{Error, Result};
use crate::model::Envelope;

/// What is to be verified: true of any of the attempts, the signature is good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The key as `SubjectPublicKeyInfo` in DER.
    pub spki: Vec<u8>,
    /// Its curve.
    pub curve: Curve,
    /// Both numbers of the signature, one behind the other, each with the width of the curve.
    pub signature: Vec<u8>,
    /// What may have been signed.
    pub attempts: Vec<Attempt>,
}

/// One way to have signed an envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// What WebCrypto calls the hash.
    pub hash: &'static str,
    /// What was signed.
    pub message: Vec<u8>,
}

impl Question {
    /// What to ask about signature `at` of `envelope`.
    ///
    /// # Errors
    /// When the signature is none of the key's curve.
    pub fn new(envelope: &Envelope, at: usize, key: &Key) -> Result<Self> {
        let signature = envelope.signatures.get(at).map_or(&[][..], Vec::as_slice);
        let width = key.curve.width();
        let Some(raw) = der::ecdsa(signature, width) else {
            let what = format!("its {} bytes are no signature of {}", signature.len(), key.curve.name());
            return Err(Error::malformed("signature", 0, what));
        };
        let hash = key.curve.hash();
        let mut attempts = vec![Attempt { hash, message: encoded(envelope) }];
        // What `model-signing` 0.2 signed by mistake, always over SHA-256, and 1.1 still takes, with keys over theirs.
        let message = encoded_by_mistake(envelope);
        if hash != "SHA-256" {
            attempts.push(Attempt { hash: "SHA-256", message: message.clone() });
        }
        attempts.push(Attempt { hash, message });
        Ok(Self { spki: key.spki.clone(), curve: key.curve, signature: raw, attempts })
    }
}

/// Why a signature may not be of this key, as far as the bundle says.
pub fn another_key(envelope: &Envelope, key: &Key) -> Option<String> {
    let named = envelope.hint.as_ref().filter(|hint| hint.len() == 64 && **hint != key.hint());
    let carried = envelope.certificate.as_deref().and_then(|der| Key::read(der).ok());
    if named.is_some() {
        return Some("the bundle names another key as the one it was signed with".to_owned());
    }
    let carried = carried.filter(|carried| carried.spki != key.spki)?;
    let digest = Sha256::of(&carried.spki);
    Some(format!("the bundle carries a certificate of another key, whose SHA-256 is {digest}"))
}

/// The bytes that are signed of an envelope: the pre-authentication encoding of DSSE v1.0.
fn encoded(envelope: &Envelope) -> Vec<u8> {
    let (kind, payload) = (&envelope.payload_type, &envelope.payload);
    let head = format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

/// The same as `model-signing` 0.2 had it: the payload as Python shows bytes.
fn encoded_by_mistake(envelope: &Envelope) -> Vec<u8> {
    let (kind, payload) = (&envelope.payload_type, &envelope.payload);
    let quote = if payload.contains(&b'\'') && !payload.contains(&b'"') { '"' } else { '\'' };
    let mut text = format!("DSSEV1 {} {kind} {} b{quote}", kind.len(), payload.len());
    for &byte in payload {
        match byte {
            b'\t' => text.push_str("\\t"),
            b'\n' => text.push_str("\\n"),
            b'\r' => text.push_str("\\r"),
            b'\\' => text.push_str("\\\\"),
            _ if char::from(byte) == quote => text.extend(['\\', quote]),
            b' '..=b'~' => text.push(char::from(byte)),
            _ => text.push_str(&format!("\\x{byte:02x}")),
        }
    }
    text.push(quote);
    text.into_bytes()
}
