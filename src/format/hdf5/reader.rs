//! The superblock (II.A), and reading at addresses whose width it gives.

use super::super::forward::Forward;
use crate::error::{Error, Result};
use crate::model::{Endian, Finding};
use crate::source::Source;

/// A file with the widths of its addresses and lengths.
pub(super) struct Reader {
    forward: Forward,
    base: u64,
    offsets: u64,
    lengths: u64,
    /// Bytes of the file.
    pub(super) len: u64,
}

/// Reads the superblock at `start`: the reader, the address of the root's header, and what is wrong already.
pub(super) fn open(file: &Source, start: u64) -> Result<(Reader, u64, Vec<Finding>)> {
    let forward = Forward::new(file.clone(), "hdf5", start.saturating_add(8), Endian::Little);
    let mut reader = Reader { forward, base: 0, offsets: 8, lengths: 8, len: file.len() };
    let version = reader.uint(1, "the version")?;
    match version {
        0 | 1 => reader.skip(4, "versions")?,
        2 | 3 => {}
        _ => return Err(reader.wrong(format!("expected a superblock of version 0 to 3, found {version}"))),
    }
    reader.offsets = reader.width("addresses")?;
    reader.lengths = reader.width("lengths")?;
    let skipped = match version {
        0 => 9,
        1 => 13,
        _ => 1,
    };
    reader.skip(skipped, "sizes")?;
    let base = reader.address("the base address")?.unwrap_or(0);
    let _free_or_extension = reader.address("an address")?;
    let end = reader.address("the end of the file")?.unwrap_or(0);
    if version < 2 {
        let _driver = reader.address("an address")?;
        let _name = reader.address("the name of the root")?;
    }
    let root = reader.address("the address of the root")?;
    let Some(root) = root else { return Err(reader.wrong("there is no root group")) };
    reader.base = base;
    // The address of the end is absolute, whatever the base.
    let findings = (end > reader.len).then(|| {
        let message = format!("the file should have {end} bytes, it has {}", reader.len);
        Finding::error("hdf5-truncated", message).at(reader.len)
    });
    Ok((reader, root, findings.into_iter().collect()))
}

impl Reader {
    fn width(&mut self, what: &str) -> Result<u64> {
        let width = self.uint(1, what)?;
        match width {
            2 | 4 | 8 => Ok(width),
            _ => Err(self.wrong(format!("expected {what} of 2, 4 or 8 bytes, found {width}"))),
        }
    }

    /// Bytes from the start of the file.
    pub(super) fn at(&self) -> u64 {
        self.forward.at()
    }

    /// A fault of the file at the current byte.
    pub(super) fn wrong(&self, what: impl Into<String>) -> Error {
        self.forward.wrong(what)
    }

    /// Goes to a byte of the file.
    pub(super) fn go_to(&mut self, at: u64) {
        self.forward.go_to(at);
    }

    /// Where in the file `address` is.
    pub(super) fn absolute(&self, address: u64) -> u64 {
        self.base.saturating_add(address)
    }

    /// Goes to the structure at `address` that begins with `signature`, and past that.
    pub(super) fn open(&mut self, address: u64, signature: &[u8], what: &str) -> Result<()> {
        self.go_to(self.absolute(address));
        let found = self.forward.take(signature.len() as u64, what)?;
        if found == signature {
            return Ok(());
        }
        let (expected, found) = (String::from_utf8_lossy(signature), String::from_utf8_lossy(found).into_owned());
        let message = format!("expected {what} ({expected}), found {found:?}");
        self.go_to(self.absolute(address));
        Err(self.wrong(message))
    }

    /// A number of `width` bytes.
    pub(super) fn uint(&mut self, width: u64, what: &str) -> Result<u64> {
        self.forward.uint(width, what)
    }

    /// An address; `None` where there is nothing.
    pub(super) fn address(&mut self, what: &str) -> Result<Option<u64>> {
        let address = self.forward.uint(self.offsets, what)?;
        let unused = u32::try_from(64_u64.saturating_sub(self.offsets.saturating_mul(8))).unwrap_or(0);
        Ok((address != u64::MAX.wrapping_shr(unused)).then_some(address))
    }

    /// A length.
    pub(super) fn length(&mut self, what: &str) -> Result<u64> {
        self.forward.uint(self.lengths, what)
    }

    /// Bytes.
    pub(super) fn take(&mut self, len: u64, what: &str) -> Result<&[u8]> {
        self.forward.take(len, what)
    }

    /// Goes past bytes.
    pub(super) fn skip(&mut self, len: u64, what: &str) -> Result<()> {
        self.forward.skip(len, what)
    }
}
