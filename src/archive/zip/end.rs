//! The end record, and what it says of the directory (APPNOTE 4.3.14 to 4.3.16).
//!
//! Offsets are taken as they are first. Only when no record is where the end record says, bytes in front of the archive
//! are assumed (self-extracting archives, concatenated files).

use std::io::{self, Read, Seek, SeekFrom};

use rawzip::{ErrorKind, ReaderAt, ZipLocator};

use crate::error::{Error, Result};
use crate::source::Source;

/// Length of an end record without its comment.
const END: u64 = 22;
/// Length of a zip64 end record, and of the locator between it and the end record.
pub(super) const RECORD64: u64 = 56;
pub(super) const LOCATOR: u64 = 20;
/// Length of a directory record without its variable fields.
const RECORD: u64 = 46;
/// How a zip64 end record begins.
pub(super) const ZIP64_END_SIGNATURE: u32 = 0x0606_4b50;
/// False end records skipped: the signature may stand in a comment.
const RETRIES: usize = 4;

/// Where the directory is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct End {
    /// Its first record.
    pub(super) directory: u64,
    /// Behind its last record: the end record, or the zip64 end record before it.
    pub(super) end: u64,
    /// Bytes in front of the archive.
    pub(super) prefix: u64,
    /// Records promised.
    pub(super) promised: u64,
    /// Where the end record says the directory is, when it is elsewhere.
    pub(super) misplaced: Option<u64>,
    /// The end record itself.
    pub(super) tail: u64,
    /// Behind the end record and its comment.
    pub(super) archive_end: u64,
}

/// An error, and where a false end record was.
type Miss = (Error, Option<u64>);

impl End {
    /// Finds the end record of `source`.
    ///
    /// # Errors
    /// When there is none that leads to a directory.
    pub(super) fn find(source: &Source) -> Result<Self> {
        let mut from = source.len();
        let mut first: Option<Error> = None;
        for _ in 0..RETRIES {
            let (error, before) = match Self::locate(source, from) {
                Ok(end) => return Ok(end),
                Err(miss) => miss,
            };
            first.get_or_insert(error);
            match before.filter(|&before| before < from) {
                Some(before) => from = before,
                None => break,
            }
        }
        Err(first.unwrap_or_else(|| missing(source)))
    }

    /// Finds the last end record before `from`.
    fn locate(source: &Source, from: u64) -> std::result::Result<Self, Miss> {
        let mut buffer = vec![0; rawzip::RECOMMENDED_BUFFER_SIZE];
        let archive = match ZipLocator::new().locate_in_reader(At(source), &mut buffer, from) {
            Ok(archive) => archive,
            Err((_, error)) => {
                let at = error.eocd_offset();
                let shifted = at.and_then(|at| Self::shifted(source, at));
                return shifted.ok_or_else(|| (convert(error, source, at.unwrap_or(source.len())), at));
            }
        };
        let end = archive.eocd_offset();
        let tail = source.exact_at(end, END, "zip", "the end record").map_err(|error| (error, None))?;
        let (directory, promised) = (archive.directory_offset(), archive.entries_hint());
        let declared = u64::from(u32_at(&tail, 16));
        let prefix = if declared < u64::from(u32::MAX) { directory.saturating_sub(declared) } else { 0 };
        let archive_end = archive_end(&tail, end);
        let found = Self { directory, end, prefix, promised, misplaced: None, tail: end, archive_end };
        let record = source.bytes_at(directory, RECORD).map_err(|error| (error, None))?;
        if promised == 0 || is_record(&record) {
            return found.settled(source, &record, declared).map_err(|error| (error, None));
        }
        let what = format!("the end record says that the directory is at byte {directory}, no record is there");
        Self::shifted(source, end).ok_or((Error::malformed("zip", end, what), Some(end)))
    }

    /// Tells bytes in front of the archive from an end record that names the wrong place: by where the local header of
    /// the first `record` is.
    fn settled(self, source: &Source, record: &[u8], declared: u64) -> Result<Self> {
        let header = u64::from(u32_at(record, 42));
        if self.prefix == 0 || header == u64::from(u32::MAX) || record.is_empty() {
            return Ok(self);
        }
        let is_header = |at: u64| source.bytes_at(at, 4).map(|bytes| bytes == b"PK\x03\x04");
        if is_header(header.saturating_add(self.prefix))? || !is_header(header)? {
            return Ok(self);
        }
        Ok(Self { prefix: 0, misplaced: Some(declared), ..self })
    }

    /// A zip64 archive behind other bytes: the zip64 end record stands right before the locator and the end record,
    /// and the directory right before it.
    fn shifted(source: &Source, end: u64) -> Option<Self> {
        let end64 = end.checked_sub(RECORD64.checked_add(LOCATOR)?)?;
        let record = source.bytes_at(end64, RECORD64).ok()?;
        if u32_at(&record, 0) != ZIP64_END_SIGNATURE {
            return None;
        }
        let directory = end64.checked_sub(u64_at(&record, 40))?;
        let prefix = directory.checked_sub(u64_at(&record, 48))?;
        let promised = u64_at(&record, 32);
        let archive_end = archive_end(&source.bytes_at(end, END).ok()?, end);
        let first = source.bytes_at(directory, RECORD).ok()?;
        let found = Self { directory, end: end64, prefix, promised, misplaced: None, tail: end, archive_end };
        is_record(&first).then_some(found)
    }
}

struct At<'a>(&'a Source);

impl ReaderAt for At<'_> {
    fn read_at(&self, out: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut source = self.0.clone();
        source.seek(SeekFrom::Start(offset))?;
        let mut filled = 0_usize;
        while let Some(rest) = out.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match source.read(rest)? {
                0 => break,
                read => filled = filled.saturating_add(read),
            }
        }
        Ok(filled)
    }
}

fn is_record(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x01\x02")
}

/// Behind the comment of the end record `tail` at `end`.
fn archive_end(tail: &[u8], end: u64) -> u64 {
    let comment = tail.get(20..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u16::from_le_bytes(*bytes));
    end.saturating_add(END).saturating_add(u64::from(comment))
}

/// The number at byte `at` of `bytes`, little-endian; 0 past their end.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u16::from_le_bytes(*bytes))
}

/// The same of four bytes.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// The same of eight.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

fn missing(source: &Source) -> Error {
    let what = "no end record (PK\\5\\6) in the last 1048576 bytes: the end of the file is missing";
    Error::malformed("zip", source.len(), what)
}

/// An error of `rawzip` at byte `at`.
pub(super) fn convert(error: rawzip::Error, source: &Source, at: u64) -> Error {
    match error.into_kind() {
        ErrorKind::IO(cause) => Error::io(source.name(), at, cause),
        ErrorKind::MissingEndOfCentralDirectory => missing(source),
        ErrorKind::Eof => Error::malformed("zip", at, "a record of the directory is cut off"),
        ErrorKind::InvalidSignature { expected, actual } => {
            let what = format!("expected signature {expected:#010x} in the directory, found {actual:#010x}");
            Error::malformed("zip", at, what)
        }
        ErrorKind::InvalidEndOfCentralDirectory => {
            Error::malformed("zip", at, "the end record says that the directory begins after it")
        }
        other => Error::malformed("zip", at, other.to_string()),
    }
}
