//! The algorithms that manifests use.

use serde::{Deserialize, Serialize};

/// A digest algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Algorithm {
    /// SHA-256.
    Sha256,
    /// MD5: tells damage, not intent.
    Md5,
    /// SHA-1: tells damage, not intent.
    Sha1,
    /// SHA-1 of a Git blob: of `blob`, the length, a zero byte, and the file.
    GitSha1,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// BLAKE2b with 512 bits.
    Blake2b,
    /// BLAKE3 with 256 bits.
    Blake3,
}

impl Algorithm {
    /// Every one.
    pub const ALL: [Self; 8] =
        [Self::Sha256, Self::Md5, Self::Sha1, Self::GitSha1, Self::Sha384, Self::Sha512, Self::Blake2b, Self::Blake3];

    /// The report's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::GitSha1 => "git-sha1",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
            Self::Blake2b => "blake2b",
            Self::Blake3 => "blake3",
        }
    }

    /// Hexadecimal digits of a digest.
    pub fn digits(self) -> usize {
        match self {
            Self::Md5 => 32,
            Self::Sha1 | Self::GitSha1 => 40,
            Self::Sha256 | Self::Blake3 => 64,
            Self::Sha384 => 96,
            Self::Sha512 | Self::Blake2b => 128,
        }
    }

    /// The one that tools call so: `SHA2-256`, `BLAKE2b`, `sha512`, `b2`.
    pub fn named(name: &str) -> Option<Self> {
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        Some(match plain.as_str() {
            "md5" => Self::Md5,
            "sha1" => Self::Sha1,
            "gitsha1" => Self::GitSha1,
            "sha256" | "sha2256" => Self::Sha256,
            "sha384" | "sha2384" => Self::Sha384,
            "sha512" | "sha2512" => Self::Sha512,
            "blake2b" | "blake2b512" | "blake2" | "b2" => Self::Blake2b,
            "blake3" | "b3" => Self::Blake3,
            _ => return None,
        })
    }

    /// The usual one of this length.
    pub fn of_digits(digits: usize) -> Option<Self> {
        [Self::Sha256, Self::Md5, Self::Sha1, Self::Sha384, Self::Sha512].into_iter().find(|one| one.digits() == digits)
    }
}
