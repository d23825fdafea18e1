//! A member's local header (APPNOTE 4.3.7) and the descriptor behind its data (4.3.9), held against its record in the
//! directory. Who reads from front to back goes by the one, who reads the directory by the other: where they differ,
//! two readers see two files.

use super::Record;
use super::end::{u16_at, u32_at, u64_at};
use crate::error::Result;
use crate::model::Finding;
use crate::source::Source;

/// Length without name and extra fields.
const FIXED: u64 = 30;
/// The sizes stand in a zip64 field.
const ELSEWHERE: u64 = 0xffff_ffff;
/// Checksum and sizes stand behind the data.
const DESCRIBED: u16 = 1 << 3;
/// The name is UTF-8: says nothing about the bytes.
const UTF8: u16 = 1 << 11;
/// How hard the writer tried to compress.
const EFFORT: u16 = 0b110;
/// Encryption of one kind or another.
const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;

/// A local header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Local {
    flags: u16,
    method: u16,
    crc32: u32,
    stored: u64,
    size: u64,
    name: Vec<u8>,
    /// Where the data begins, from the start of the zip.
    pub(super) data: u64,
}

impl Local {
    /// The header at `at` of `zip`, when one is there.
    ///
    /// # Errors
    /// When the environment fails.
    pub(super) fn read(zip: &Source, at: u64) -> Result<Option<Self>> {
        let head = zip.bytes_at(at, FIXED)?;
        let lengths = u64::from(u16_at(&head, 26)).saturating_add(u64::from(u16_at(&head, 28)));
        if !head.starts_with(b"PK\x03\x04") || (head.len() as u64) < FIXED {
            return Ok(None);
        }
        Ok(Self::parse(&zip.bytes_at(at, FIXED.saturating_add(lengths))?, at))
    }

    /// The header that `head` begins with, which stands at `at`; `None` when it is none, or cut.
    pub(super) fn parse(head: &[u8], at: u64) -> Option<Self> {
        let names = usize::from(u16_at(head, 26));
        let extra = usize::from(u16_at(head, 28));
        let rest = head.strip_prefix(b"PK\x03\x04").and_then(|_| head.get(30..))?;
        let (name, rest) = rest.split_at_checked(names)?;
        let extra = rest.get(..extra)?;
        let (size, stored) = sizes(u64::from(u32_at(head, 22)), u64::from(u32_at(head, 18)), extra);
        let len = FIXED.saturating_add(names as u64).saturating_add(extra.len() as u64);
        Some(Self {
            flags: u16_at(head, 6),
            method: u16_at(head, 8),
            crc32: u32_at(head, 14),
            stored,
            size,
            name: name.to_vec(),
            data: at.saturating_add(len),
        })
    }

    /// Its name, for people.
    pub(super) fn name(&self) -> String {
        String::from_utf8_lossy(&self.name).into_owned()
    }

    /// Whether checksum and sizes stand behind the data.
    pub(super) fn is_described(&self) -> bool {
        self.flags & DESCRIBED != 0
    }

    pub(super) fn method(&self) -> u16 {
        self.method
    }

    pub(super) fn stored(&self) -> u64 {
        self.stored
    }

    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Where it says something else than `record`, called `member`. Offsets are those of the local header.
    pub(super) fn compare(&self, record: &Record, member: &str) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut differs = |code: &str, what: &str, here: String, there: String| {
            let message = format!("{member}: its local header says {what} {here}, the directory {there}");
            found.push(Finding::error(code, message).in_entry(member).at(record.header));
        };
        if self.name != record.raw_name {
            let there = String::from_utf8_lossy(&record.raw_name).into_owned();
            differs("zip-local-name", "name", format!("{:?}", self.name()), format!("{there:?}"));
        }
        if self.method != record.method {
            differs("zip-local-method", "method", self.method.to_string(), record.method.to_string());
        }
        if (self.flags ^ record.flags) & !(UTF8 | EFFORT | DESCRIBED) != 0 {
            let spelled =
                |flags: u16| format!("{flags:#06x}{}", if flags & ENCRYPTED == 0 { "" } else { " (encrypted)" });
            differs("zip-local-flags", "flags", spelled(self.flags), spelled(record.flags));
        }
        // Behind the data they stand again; zero here then says nothing.
        let says = |value: u64| !self.is_described() || value != 0;
        if self.stored != record.stored && says(self.stored) || self.size != record.size && says(self.size) {
            let spelled = |stored: u64, size: u64| format!("{stored} bytes ({size} inflated)");
            differs("zip-local-size", "size", spelled(self.stored, self.size), spelled(record.stored, record.size));
        }
        if self.crc32 != record.crc32 && says(u64::from(self.crc32)) {
            differs("zip-local-crc", "CRC", format!("{:08x}", self.crc32), format!("{:08x}", record.crc32));
        }
        found
    }
}

/// Uncompressed and stored size, from the zip64 field where they stand there (4.5.3).
fn sizes(size: u64, stored: u64, mut extra: &[u8]) -> (u64, u64) {
    while let [a, b, c, d, rest @ ..] = extra {
        let (id, len) = (u16::from_le_bytes([*a, *b]), u16::from_le_bytes([*c, *d]));
        let Some((field, after)) = rest.split_at_checked(usize::from(len)) else { break };
        if id == 1 {
            let mut numbers = field.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(*bytes));
            let size = if size == ELSEWHERE { numbers.next().unwrap_or(size) } else { size };
            let stored = if stored == ELSEWHERE { numbers.next().unwrap_or(stored) } else { stored };
            return (size, stored);
        }
        extra = after;
    }
    (size, stored)
}

/// The bytes of the descriptor at `at`, and what is wrong with it. It has a signature or none, and sizes of four bytes or
/// of eight: what fits the directory is taken.
///
/// # Errors
/// When the environment fails.
pub(super) fn descriptor(zip: &Source, at: u64, record: &Record, member: &str) -> Result<(u64, Option<Finding>)> {
    let bytes = zip.bytes_at(at, 24)?;
    let signed = bytes.strip_prefix(b"PK\x07\x08");
    let body = signed.unwrap_or(&bytes);
    let (crc, mark) = (u32_at(body, 0), if signed.is_some() { 4 } else { 0 });
    let short = (u64::from(u32_at(body, 4)), u64::from(u32_at(body, 8)));
    let long = (u64_at(body, 4), u64_at(body, 12));
    let expected = (record.stored, record.size);
    let len = if long == expected && body.len() >= 20 { 20_u64 } else { 12 };
    let is_right = crc == record.crc32 && (short == expected || long == expected);
    let message = || {
        let (stored, size) = short;
        format!(
            "{member}: the descriptor behind its data says CRC {crc:08x}, {stored} bytes ({size} inflated), the directory \
             {:08x}, {} ({})",
            record.crc32, record.stored, record.size
        )
    };
    let finding = (!is_right).then(|| Finding::error("zip-descriptor", message()).in_entry(member).at(at));
    Ok((len.saturating_add(mark), finding))
}
