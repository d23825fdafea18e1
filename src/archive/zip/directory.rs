//! A zip's central directory, some records at a time (APPNOTE 4.3.12 to 4.3.16).
//!
//! `rawzip` finds the end record and parses the records. Its iterator borrows the archive, ours has to survive between
//! steps: each step reads a piece of the directory and puts an end record of its own behind it.
//! Ignored: dates (torch writes month 0, day 0), comments, disk numbers.

use std::ops::Range;

use rawzip::{ErrorKind, ReaderAt, ZipArchive, ZipFileHeaderRecord, ZipLocator};

use super::cp437;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::{Finding, Layer, Seal};
use crate::source::Source;

/// Bytes of the directory read in one step: about 8,000 records, a few milliseconds.
const PIECE: u64 = 512 << 10;
/// The longest record: 46 bytes and three fields of 65,535.
const LONGEST: u64 = 46 + 3 * 65_535;
/// Length of an end record without its comment.
const END: u64 = 22;
/// An end record that says "the directory begins at byte 0".
const OWN_END: [u8; 22] = *b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
/// Length of a zip64 end record, and of the locator between it and the end record.
const END64: u64 = 56;
const LOCATOR: u64 = 20;
const ZIP64_END_SIGNATURE: u32 = 0x0606_4b50;
/// False end records skipped: the signature may stand in a comment.
const RETRIES: usize = 4;

/// One record of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Name as written, decoded.
    pub name: String,
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

    fn new(record: &ZipFileHeaderRecord<'_>, base: u64, prefix: u64) -> Self {
        let flags = record.flags();
        Self {
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

/// A directory being walked.
#[derive(Debug)]
pub struct Directory {
    source: Source,
    at: u64,
    /// Where the directory ends: the end record, or the zip64 end record before it.
    end: u64,
    /// Bytes in front of the archive.
    prefix: u64,
    /// Records that the end record promises.
    promised: u64,
    walked: u64,
    /// The bytes of each member, to find those that share some.
    ranges: Vec<Range<u64>>,
    done: bool,
}

struct At<'a>(&'a Source);

impl ReaderAt for At<'_> {
    fn read_at(&self, out: &mut [u8], offset: u64) -> std::io::Result<usize> {
        self.0.fill_at(offset, out).map_err(|error| match error {
            Error::Io { cause, .. } => cause,
            other => std::io::Error::other(other.to_string()),
        })
    }
}

impl Directory {
    /// Finds the directory of `source`.
    ///
    /// # Errors
    /// When there is none.
    pub fn open(source: Source) -> Result<Self> {
        let mut from = source.len();
        let mut first = None;
        for _ in 0..RETRIES {
            match Self::locate(&source, from) {
                Ok(directory) => return Ok(directory),
                Err((error, before)) => {
                    let error = first.get_or_insert(error);
                    match before.filter(|&before| before < from) {
                        Some(before) => from = before,
                        None => {
                            let blank = Error::malformed("zip", 0, String::new());
                            return Err(std::mem::replace(error, blank));
                        }
                    }
                }
            }
        }
        Err(first.unwrap_or_else(|| missing(&source)))
    }

    /// Finds the last end record before `from`; an error says where a false one was.
    fn locate(source: &Source, from: u64) -> std::result::Result<Self, (Error, Option<u64>)> {
        let mut buffer = vec![0; rawzip::RECOMMENDED_BUFFER_SIZE];
        let located = ZipLocator::new().locate_in_reader(At(source), &mut buffer, from);
        let archive = match located {
            Ok(archive) => archive,
            Err((_, error)) => {
                let at = error.eocd_offset();
                let shifted = at.and_then(|at| Self::shifted(source, at));
                return shifted.ok_or_else(|| (convert(error, source, at.unwrap_or(source.len())), at));
            }
        };
        let end = archive.eocd_offset();
        let tail = source.exact_at(end, END, "zip", "the end record").map_err(|error| (error, None))?;
        let (at, promised) = (archive.directory_offset(), archive.entries_hint());
        let declared = u64::from(u32_at(&tail, 16));
        let prefix = if declared < u64::from(u32::MAX) { at.saturating_sub(declared) } else { 0 };
        let directory =
            Self { source: source.clone(), at, end, prefix, promised, walked: 0, ranges: Vec::new(), done: at >= end };
        if promised == 0 || directory.starts_with_record() {
            return Ok(directory);
        }
        let what = format!("the end record says that the directory is at byte {at}, no record is there");
        Self::shifted(source, end).ok_or((Error::malformed("zip", end, what), Some(end)))
    }

    /// A zip64 archive behind other bytes: the zip64 end record stands right before the locator and the end record,
    /// and the directory right before it.
    fn shifted(source: &Source, end: u64) -> Option<Self> {
        let end64 = end.checked_sub(END64.checked_add(LOCATOR)?)?;
        let record = source.bytes_at(end64, END64).ok()?;
        if u32_at(&record, 0) != ZIP64_END_SIGNATURE {
            return None;
        }
        let at = end64.checked_sub(u64_at(&record, 40))?;
        let prefix = at.checked_sub(u64_at(&record, 48))?;
        let promised = u64_at(&record, 32);
        let directory = Self {
            source: source.clone(),
            at,
            end: end64,
            prefix,
            promised,
            walked: 0,
            ranges: Vec::new(),
            done: false,
        };
        directory.starts_with_record().then_some(directory)
    }

    fn starts_with_record(&self) -> bool {
        self.source.bytes_at(self.at, 4).is_ok_and(|bytes| bytes == b"PK\x01\x02")
    }

    /// Walks some more records; true when there are no more.
    ///
    /// # Errors
    /// When the directory is damaged; what was walked before stays.
    pub fn step(&mut self, mut each: impl FnMut(Record)) -> Result<bool> {
        if self.done {
            return Ok(true);
        }
        let left = self.end.saturating_sub(self.at);
        let mut piece = self.source.bytes_at(self.at, left.min(PIECE.saturating_add(LONGEST)))?;
        piece.extend_from_slice(&OWN_END);
        let last = left <= PIECE.saturating_add(LONGEST);
        let archive = ZipArchive::from_slice(&piece).map_err(|error| convert(error, &self.source, self.at))?;
        let mut entries = archive.entries();
        loop {
            match entries.next_entry() {
                Ok(Some(record)) => {
                    let next = after(&record);
                    let record = Record::new(&record, self.at, self.prefix);
                    self.ranges.push(record.header..record.least_end());
                    each(record);
                    self.walked = self.walked.saturating_add(1);
                    if !last && next >= PIECE {
                        self.at = self.at.saturating_add(next);
                        return Ok(false);
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    self.done = true;
                    if matches!(error.kind(), ErrorKind::InvalidSignature { actual: ZIP64_END_SIGNATURE, .. }) {
                        break;
                    }
                    return Err(convert(error, &self.source, self.at));
                }
            }
        }
        self.at = self.end;
        self.done = true;
        Ok(true)
    }

    /// Bytes of the archive gone through, for progress.
    pub fn position(&self) -> u64 {
        self.at
    }

    /// Records promised by the end record.
    pub fn promised(&self) -> u64 {
        self.promised
    }

    /// What is odd about the archive as a whole, once every record was walked.
    pub fn findings(&mut self) -> Vec<Finding> {
        let mut findings = Vec::new();
        self.ranges.sort_unstable_by_key(|range| range.start);
        let first = self.ranges.first().map(|range| range.start);
        if self.prefix > 0 {
            let message = format!("{} bytes precede the archive; its offsets are counted after them", self.prefix);
            findings.push(Finding::warning("zip-prefix", message).at(0));
        } else if let Some(first) = first.filter(|&first| first > 0 && first < self.end) {
            findings.push(Finding::note("zip-prefix", format!("{first} bytes precede the first member")).at(0));
        }
        if self.done && self.walked != self.promised {
            let message =
                format!("the end record promises {} members, the directory has {}", self.promised, self.walked);
            findings.push(Finding::error("zip-count-mismatch", message).at(self.end));
        }
        findings.extend(self.overlaps());
        findings
    }

    /// Members that share bytes: the trick of a zip bomb, or a damaged directory.
    fn overlaps(&self) -> Option<Finding> {
        let shares = |pair: &&[Range<u64>]| matches!(pair, [first, second] if second.start < first.end);
        let mut pairs = self.ranges.windows(2).filter(shares);
        let at = pairs.next()?.last()?.start;
        let count = pairs.count().saturating_add(1);
        let message = format!("{count} members share bytes with the member before them in the file");
        Some(Finding::error("zip-overlap", message).at(at))
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// Where the record after this one begins.
fn after(record: &ZipFileHeaderRecord<'_>) -> u64 {
    let fields =
        [record.file_path().len(), record.extra_fields().remaining_bytes().len(), record.comment().as_bytes().len()];
    fields.iter().fold(record.central_directory_offset().saturating_add(46), |sum, &len| sum.saturating_add(len as u64))
}

fn missing(source: &Source) -> Error {
    Error::malformed(
        "zip",
        source.len(),
        "no end record (PK\\5\\6) in the last 1048576 bytes: the end of the file is missing",
    )
}

fn convert(error: rawzip::Error, source: &Source, at: u64) -> Error {
    match error.into_kind() {
        ErrorKind::IO(cause) => Error::io(source.name(), at, cause),
        ErrorKind::MissingEndOfCentralDirectory => missing(source),
        ErrorKind::Eof => Error::malformed("zip", at, "a record of the directory is cut off"),
        ErrorKind::InvalidSignature { expected, actual } => Error::malformed(
            "zip",
            at,
            format!("expected signature {expected:#010x} in the directory, found {actual:#010x}"),
        ),
        ErrorKind::InvalidEndOfCentralDirectory => {
            Error::malformed("zip", at, "the end record says that the directory begins after it")
        }
        other => Error::malformed("zip", at, other.to_string()),
    }
}
