//! The digest itself.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A SHA-256 digest; shown, parsed and serialized as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

/// Text that is not a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotADigest {
    /// Too short or too long.
    #[error("a sha256 digest has 64 hexadecimal digits, found {found} bytes")]
    Length {
        /// Bytes of the text.
        found: usize,
    },
    /// Something else among the digits.
    #[error("byte {at} of the sha256 digest is not a hexadecimal digit")]
    Digit {
        /// Where, from 0.
        at: usize,
    },
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Digest({self})")
    }
}

impl FromStr for Digest {
    type Err = NotADigest;

    /// Upper-case digits are accepted: PowerShell and `certutil` write them.
    fn from_str(text: &str) -> Result<Self, NotADigest> {
        let (pairs, odd) = text.as_bytes().as_chunks::<2>();
        let mut digest = Self([0; 32]);
        if pairs.len() != digest.0.len() || !odd.is_empty() {
            return Err(NotADigest::Length { found: text.len() });
        }
        for (at, (byte, [high, low])) in digest.0.iter_mut().zip(pairs).enumerate() {
            let at = at.saturating_mul(2);
            let high = nibble(*high).ok_or(NotADigest::Digit { at })?;
            let low = nibble(*low).ok_or(NotADigest::Digit { at: at.saturating_add(1) })?;
            *byte = (high << 4) | low;
        }
        Ok(digest)
    }
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn hexadecimal_goes_both_ways_and_upper_case_is_the_same_digest() {
        let digest: Digest = ABC.parse().unwrap();
        assert_eq!(digest.to_string(), ABC);
        assert_eq!(ABC.to_uppercase().parse(), Ok(digest));
        assert_eq!(serde_json::to_string(&digest).unwrap(), format!("\"{ABC}\""));
        assert_eq!(serde_json::from_str::<Digest>(&format!("\"{ABC}\"")).unwrap(), digest);
    }

    #[test]
    fn text_that_is_not_a_digest_is_refused_with_the_place() {
        assert_eq!("".parse::<Digest>(), Err(NotADigest::Length { found: 0 }));
        assert_eq!(ABC[1..].parse::<Digest>(), Err(NotADigest::Length { found: 63 }));
        assert_eq!(format!("{ABC}0").parse::<Digest>(), Err(NotADigest::Length { found: 65 }));
        assert_eq!(ABC.replace("16bf", "1_bf").parse::<Digest>(), Err(NotADigest::Digit { at: 5 }));
        // Two digits become one character of four bytes: still 64 bytes, still not a digest.
        assert_eq!(ABC.replace("8f01", "🦀").parse::<Digest>(), Err(NotADigest::Digit { at: 8 }));
    }
}
