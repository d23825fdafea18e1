//! Named files of an opened tree, and the recipe that leads to the bytes of each.

use serde::{Deserialize, Serialize};

use super::{Algorithm, SourceId};

/// One file of a tree: dropped, found in a folder, or a member of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The source it came with.
    pub source: SourceId,
    /// `/`-joined, starting with the dropped folder's or file's own name; members as `outer.zip/inner/file.npz`.
    pub path: String,
    /// Bytes (inflated), as the container claims.
    pub size: u64,
    /// Plain file or expanded container.
    pub kind: EntryKind,
    /// How to get its bytes.
    pub locator: Locator,
    /// CRC-32 of its bytes, where the container notes one.
    pub crc32: Option<u32>,
}

/// What an entry is in the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EntryKind {
    /// A file.
    File,
    /// An archive whose members are entries of their own.
    Archive,
}

/// The way from a dropped file to some bytes in it. It crosses to any worker, which needs nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Locator {
    /// Index of the dropped file among the files of its pick.
    pub root: u32,
    /// Steps inwards, outermost first.
    pub layers: Vec<Layer>,
}

/// One step inwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Layer {
    /// `len` bytes from `offset`.
    Window {
        /// Bytes from the start of what the step before gave.
        offset: u64,
        /// Length in bytes.
        len: u64,
    },
    /// Raw deflate of what the step before gave.
    Inflate {
        /// Inflated bytes, as the container claims.
        size: u64,
    },
    /// A gzip stream (all its members).
    Gunzip {
        /// Inflated bytes, counted when the tree was listed.
        size: u64,
    },
    /// The stored bytes of a zip member. Where they begin is only known from its local header, which is read when the
    /// member is: listing 100,000 members must not read 100,000 headers.
    ZipMember {
        /// Where the local header is.
        header: u64,
        /// Stored bytes, as the directory claims.
        len: u64,
    },
    /// Bytes that are not read.
    Sealed(Seal),
}

/// Why bytes are not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Seal {
    /// They are encrypted.
    Encrypted,
    /// They are compressed with a zip method that is not read, by number.
    Method(u16),
    /// They claim to inflate to more than any stream can.
    Expansion,
    /// They are one piece of a file with holes.
    Sparse,
}

impl Locator {
    /// The dropped file itself.
    pub fn root(root: u32) -> Self {
        Self { root, layers: Vec::new() }
    }

    /// One or more steps further in.
    #[must_use]
    pub fn then(&self, layers: &[Layer]) -> Self {
        let mut inner = self.clone();
        inner.layers.extend_from_slice(layers);
        inner
    }

    /// True when some step inflates, so random access costs memory.
    pub fn is_compressed(&self) -> bool {
        self.layers.iter().any(|layer| matches!(layer, Layer::Inflate { .. } | Layer::Gunzip { .. }))
    }
}

/// What one digest is taken of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hashing {
    /// Which digest.
    pub algorithm: Algorithm,
    /// The parts, in turn.
    pub parts: Vec<Hashed>,
    /// CRC-32 that all bytes should have, where it is to be compared on the way.
    pub crc32: Option<u32>,
    /// Whether the bytes are a zip whose members are compared with the CRC-32 it notes of them, on the way.
    pub members: bool,
}

impl Hashing {
    /// SHA-256 of what this leads to.
    pub fn sha256(locator: Locator) -> Self {
        Self { algorithm: Algorithm::Sha256, parts: vec![Hashed::plain(locator)], crc32: None, members: false }
    }
}

/// A part of what one digest is taken of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hashed {
    /// Goes in first: in a digest over several files, mostly the name of each.
    pub before: String,
    /// Then what this leads to.
    pub locator: Locator,
}

impl Hashed {
    /// The bytes of one file and nothing else.
    pub fn plain(locator: Locator) -> Self {
        Self { before: String::new(), locator }
    }
}

/// Folder part of a path; empty for a top-level name.
pub fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Last part of a path.
pub fn base_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// What follows the last dot of the last part, in lower case; empty without one.
pub fn extension(path: &str) -> String {
    base_name(path).rsplit_once('.').map_or(String::new(), |(_, extension)| extension.to_lowercase())
}
