//! One record of the directory (APPNOTE 4.3.12).

use rawzip::ZipFileHeaderRecord;

use super::cp437;
use crate::limits;
use crate::model::{Layer, Seal};

/// One record of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Name as written, decoded.
    pub name: String,
    /// Its bytes.
    pub raw_name: Vec<u8>,
    /// The general purpose flags.
    pub flags: u16,
    /// How the bytes are stored.
    pub method: u16,
    /// Whether they are encrypted.
    pub encrypted: bool,
    /// Whether the record is of a symbolic link.
    pub symlink: bool,
    /// CRC-32 of the inflated bytes, as claimed.
    pub crc32: u32,
    /// Stored bytes, as claimed.
    pub stored: u64,
    /// Inflated bytes, as claimed.
    pub size: u64,
    /// Where the local header is.
    pub header: u64,
    /// Where this record is.
    pub offset: u64,
}

impl Record {
    /// True for a folder.
    pub fn is_folder(&self) -> bool {
        self.name.ends_with('/')
    }

    /// The first byte that may be another member's: the local header, and the stored bytes, without what lies between.
    pub fn least_end(&self) -> u64 {
        self.header.saturating_add(30).saturating_add(self.stored)
    }

    /// Why the bytes are not read, when they are not.
    pub fn seal(&self) -> Option<Seal> {
        match self.method {
            _ if self.encrypted => Some(Seal::Encrypted),
            0 => None,
            8 if self.size > self.stored.saturating_mul(limits::EXPANSION_RATIO) => Some(Seal::Expansion),
            8 => None,
            method => Some(Seal::Method(method)),
        }
    }

    /// From the zip to the member's bytes.
    pub fn layers(&self) -> Vec<Layer> {
        let stored = Layer::ZipMember { header: self.header, len: self.stored };
        match (self.seal(), self.method) {
            (Some(seal), _) => vec![Layer::Sealed(seal)],
            (None, 0) => vec![stored],
            _ => vec![stored, Layer::Inflate { size: self.size }],
        }
    }

    /// The same whatever the flags say of encryption: PyTorch before 2.6 did not look at them, and a scanner that gives up
    /// there misses what is read.
    pub fn layers_despite_flags(&self) -> Vec<Layer> {
        Self { encrypted: false, ..self.clone() }.layers()
    }

    /// From a record whose offset counts from byte `base`, in an archive behind `prefix` bytes.
    pub(super) fn new(record: &ZipFileHeaderRecord<'_>, base: u64, prefix: u64) -> Self {
        let flags = record.flags();
        Self {
            raw_name: record.file_path().as_bytes().to_vec(),
            flags: flags.bits(),
            name: decode(record.file_path().as_bytes(), flags.is_utf8()),
            method: record.compression_method().as_u16(),
            encrypted: flags.is_encrypted(),
            symlink: record.mode().is_symlink(),
            crc32: record.crc32(),
            stored: record.compressed_size_hint(),
            size: record.uncompressed_size_hint(),
            header: record.local_header_offset().saturating_add(prefix),
            offset: record.central_directory_offset().saturating_add(base),
        }
    }
}

/// Names are UTF-8 where they can be, whatever the flag says; else they are what DOS wrote.
fn decode(name: &[u8], utf8: bool) -> String {
    match std::str::from_utf8(name) {
        Ok(text) => text.to_owned(),
        Err(_) if utf8 => String::from_utf8_lossy(name).into_owned(),
        Err(_) => cp437::decode(name),
    }
}
