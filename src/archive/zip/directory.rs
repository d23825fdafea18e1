//! A zip's central directory, some records at a time (APPNOTE 4.3.12).
//!
//! `rawzip` finds the end record and parses the records. Its iterator borrows the archive, ours has to survive between
//! steps: each step reads a piece of the directory and puts an end record of its own behind it.
//! Ignored: dates (torch writes month 0, day 0), comments, disk numbers.

use rawzip::{ErrorKind, ZipArchive, ZipFileHeaderRecord};

use super::end::{End, ZIP64_END_SIGNATURE, convert};
use super::gaps::{Gaps, HiddenMember, Span, look};
use super::{Record, zip64};
use crate::error::Result;
use crate::limits;
use crate::model::{Finding, order_by_key};
use crate::source::Source;

/// Bytes of the directory read in one step: about 8,000 records, a few milliseconds.
const PIECE: u64 = 512 << 10;
/// The longest record: 46 bytes and three fields of 65,535.
const LONGEST: u64 = 46 + 3 * 65_535;
/// Distance from the end of a file within which an end record is found: itself and the longest comment.
const FOUND: u64 = 22 + 65_535;
/// An end record that says "the directory begins at byte 0".
const OWN_END: [u8; 22] = *b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

/// A directory being walked.
#[derive(Debug)]
pub struct Directory {
    source: Source,
    end: End,
    at: u64,
    walked: u64,
    /// The place of each member.
    spans: Vec<Span>,
    /// The first records, whose local headers are compared.
    records: Vec<Record>,
    /// How many members are few.
    few: usize,
    gaps: Gaps,
    done: bool,
}

impl Directory {
    /// Finds the directory of `source`.
    ///
    /// # Errors
    /// When there is none.
    pub fn open(source: Source) -> Result<Self> {
        if source.is_forward() {
            // Its directory is at its end: all of it would be inflated to get there.
            limits::check("compressed archive in an archive", limits::GUNZIP, source.len())?;
        }
        let end = End::find(&source)?;
        let (at, done) = (end.directory, end.directory >= end.end);
        let (spans, records, gaps) = (Vec::new(), Vec::new(), Gaps::default());
        Ok(Self { source, end, at, walked: 0, spans, records, few: limits::LOCAL_HEADERS, gaps, done })
    }

    /// Compares local headers only while there are `few` of them: each is a read of its own.
    #[must_use]
    pub fn comparing(self, few: usize) -> Self {
        Self { few, ..self }
    }

    /// Walks some more records; true when there are no more.
    ///
    /// # Errors
    /// When the directory is damaged; what was walked before stays.
    pub fn step(&mut self, mut each: impl FnMut(Record)) -> Result<bool> {
        if self.done {
            return Ok(true);
        }
        let left = self.end.end.saturating_sub(self.at);
        let mut piece = self.source.bytes_at(self.at, left.min(PIECE.saturating_add(LONGEST)))?;
        piece.extend_from_slice(&OWN_END);
        let last = left <= PIECE.saturating_add(LONGEST);
        let archive = ZipArchive::from_slice(&piece).map_err(|error| convert(error, &self.source, self.at))?;
        let mut entries = archive.entries();
        loop {
            match entries.next_entry() {
                Ok(Some(record)) => {
                    let next = after(&record);
                    let record = Record::new(&record, self.at, self.end.prefix);
                    self.spans.push(span(&record));
                    if self.records.len() <= self.few {
                        self.records.push(record.clone());
                    }
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
        self.at = self.end.end;
        self.done = true;
        Ok(true)
    }

    /// Bytes in front of the archive.
    pub fn prefix(&self) -> u64 {
        self.end.prefix
    }

    /// Bytes of the archive gone through, for progress.
    pub fn position(&self) -> u64 {
        self.at
    }

    /// Records promised by the end record.
    pub fn promised(&self) -> u64 {
        self.end.promised
    }

    /// What is odd about the archive as a whole, once every record was walked.
    ///
    /// # Errors
    /// When the environment fails.
    pub fn findings(&mut self) -> Result<Vec<Finding>> {
        order_by_key(&mut self.spans, |span| span.start);
        let mut findings = Vec::new();
        findings.extend(self.before());
        self.gaps = look(&self.source, &self.spans, &mut self.records, self.end.directory, self.few)?;
        findings.append(&mut self.gaps.findings);
        if let Some(declared) = self.end.misplaced {
            let at = self.end.directory;
            let message = format!("the end record says that the directory is at byte {declared}, it is at byte {at}");
            findings.push(Finding::error("zip-directory-offset", message).at(self.end.end));
        }
        if self.done && self.walked != self.end.promised {
            let (promised, walked) = (self.end.promised, self.walked);
            let message = format!("the end record promises {promised} members, the directory has {walked}");
            findings.push(Finding::error("zip-count-mismatch", message).at(self.end.end));
        }
        findings.extend(zip64::look(&self.source, self.end.tail)?);
        findings.extend(self.overlaps());
        let after = self.source.len().saturating_sub(self.end.archive_end);
        if after > 0 {
            let message = format!("{after} bytes follow the archive");
            findings.push(Finding::warning("zip-trailing", message).at(self.end.archive_end));
        }
        if self.source.len().saturating_sub(self.end.end) > FOUND {
            let message = "the end record is so far from the end of the file that PyTorch and others do not find it";
            findings.push(Finding::warning("zip-end-far", message).at(self.end.end));
        }
        Ok(findings)
    }

    /// Members that only a local header knows; after [`Directory::findings`].
    pub fn hidden(&mut self) -> Vec<HiddenMember> {
        std::mem::take(&mut self.gaps.hidden)
    }

    /// Bytes that belong to nothing, in front, between and behind the members: first and behind the last.
    pub fn strays(&self) -> Vec<(u64, u64)> {
        let first = self.spans.first().map_or(self.end.directory, |span| span.start);
        let around = [(0, first), (self.end.archive_end, self.source.len())];
        let between = self.gaps.ranges.iter().map(|range| (range.start, range.end));
        between.chain(around).filter(|(from, to)| from < to).collect()
    }

    /// Bytes in front of the archive, or of its first member.
    fn before(&self) -> Option<Finding> {
        if self.end.prefix > 0 {
            let message = format!("{} bytes precede the archive; its offsets are counted after them", self.end.prefix);
            return Some(Finding::warning("zip-prefix", message).at(0));
        }
        let first = self.spans.first()?.start;
        let message = format!("{first} bytes precede the first member");
        (first > 0 && first < self.end.end).then(|| Finding::note("zip-prefix", message).at(0))
    }

    /// Members that share bytes: the trick of a zip bomb, or a damaged directory.
    fn overlaps(&self) -> Option<Finding> {
        let shares = |pair: &&[Span]| matches!(pair, [first, second] if second.start < first.least_end);
        let mut pairs = self.spans.windows(2).filter(shares);
        let at = pairs.next()?.last()?.start;
        let count = pairs.count().saturating_add(1);
        let message = format!("members that share bytes with the one before them in the file: {count}");
        Some(Finding::error("zip-overlap", message).at(at))
    }
}

fn span(record: &Record) -> Span {
    let least_end = record.least_end();
    let likely_end = least_end.saturating_add(record.raw_name.len() as u64);
    Span { start: record.header, least_end, likely_end, stored: record.stored }
}

/// Where the record after this one begins.
fn after(record: &ZipFileHeaderRecord<'_>) -> u64 {
    let (name, extra) = (record.file_path().len(), record.extra_fields().remaining_bytes().len());
    let fields = [46, name, extra, record.comment().as_bytes().len()];
    fields.iter().fold(record.central_directory_offset(), |sum, &len| sum.saturating_add(len as u64))
}
