//! One stream of any algorithm, for foreign manifests.

use blake2::Blake2b512;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::Algorithm;
use super::text::hexadecimal;

/// A digest of bytes that arrive in pieces.
pub trait Hasher {
    /// Adds the next bytes.
    fn update(&mut self, bytes: &[u8]);

    /// The digest of all bytes, in lower-case hexadecimal.
    fn finish(self: Box<Self>) -> String;
}

macro_rules! hashers {
    ($($name:ident)+) => {
        $(impl Hasher for $name {
            fn update(&mut self, bytes: &[u8]) {
                sha2::Digest::update(self, bytes);
            }

            fn finish(self: Box<Self>) -> String {
                hexadecimal(self.finalize().as_slice())
            }
        })+
    };
}

hashers! { Md5 Sha1 Sha256 Sha384 Sha512 Blake2b512 }

impl Hasher for blake3::Hasher {
    fn update(&mut self, bytes: &[u8]) {
        Self::update(self, bytes);
    }

    fn finish(self: Box<Self>) -> String {
        hexadecimal(self.finalize().as_bytes())
    }
}

/// A stream without bytes. What Git puts in front of a file is the caller's to add.
pub fn hasher(algorithm: Algorithm) -> Box<dyn Hasher> {
    match algorithm {
        Algorithm::Sha256 => Box::new(Sha256::new()),
        Algorithm::Md5 => Box::new(Md5::new()),
        Algorithm::Sha1 | Algorithm::GitSha1 => Box::new(Sha1::new()),
        Algorithm::Sha384 => Box::new(Sha384::new()),
        Algorithm::Sha512 => Box::new(Sha512::new()),
        Algorithm::Blake2b => Box::new(Blake2b512::new()),
        Algorithm::Blake3 => Box::new(blake3::Hasher::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(algorithm: Algorithm, bytes: &[u8]) -> String {
        let mut hasher = hasher(algorithm);
        bytes.chunks(7).for_each(|piece| hasher.update(piece));
        hasher.finish()
    }

    /// `printf abc |` md5sum, sha1sum, sha256sum, sha384sum, sha512sum, b2sum (coreutils 9.1) and b3sum.
    #[test]
    fn digests_are_those_of_the_tools() {
        let expected = [
            (Algorithm::Md5, "900150983cd24fb0d6963f7d28e17f72"),
            (Algorithm::Sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (Algorithm::Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                Algorithm::Sha384,
                "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7",
            ),
            (
                Algorithm::Sha512,
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            ),
            (
                Algorithm::Blake2b,
                "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
            ),
            (Algorithm::Blake3, "6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85"),
        ];
        for (algorithm, digits) in expected {
            assert_eq!(digest(algorithm, b"abc"), digits, "{algorithm:?}");
            assert_eq!(digits.len(), algorithm.digits());
        }
        // git hash-object
        assert_eq!(digest(Algorithm::GitSha1, b"blob 6\0hello\n"), "ce013625030ba8dba906f756967f9e9ca394464a");
    }
}
