//! The members of a zip that is hashed as one file (`.npz`, `.pt`): the CRC-32 of each is compared while the bytes of the
//! whole pass by, front to back. Nothing is read twice but the directory.
//!
//! Read: stored and deflated members, in any order of the directory. Left alone: encrypted ones, other methods, and those
//! that lie inside another; their number is told.

use std::collections::VecDeque;

use flate2::{Decompress, FlushDecompress, Status};

use crate::archive::zip::{Directory, Record};
use crate::error::Result;
use crate::limits;
use crate::model::{Finding, order_by_key};
use crate::source::Source;

/// Length of a local header, without its name and extra field (APPNOTE 4.3.7).
const HEADER: u64 = 30;
/// Bytes inflated in one go: a step has to stay short whatever a stream expands to.
const GO: usize = 4 << 20;
/// Bytes inflated at a time.
const ROOM: usize = 128 << 10;

/// Members that are compared, as the bytes of their zip come.
pub(super) struct Members {
    /// By where their local headers are.
    waiting: VecDeque<Record>,
    inside: Option<Inside>,
    /// Where the next byte of the zip is.
    at: u64,
    /// Bytes that have come and were not gone through.
    behind: Vec<u8>,
    gone: usize,
    room: Vec<u8>,
    left_alone: u64,
    not_noted: u64,
    findings: Vec<Finding>,
}

/// The member whose bytes pass by.
struct Inside {
    record: Record,
    place: Place,
    crc: crc32fast::Hasher,
    inflater: Option<Box<Decompress>>,
    inflated: u64,
}

enum Place {
    Header(Vec<u8>),
    /// Bytes of name and extra field still to come.
    Names(u64),
    /// Stored bytes still to come.
    Data(u64),
}

impl Members {
    /// Those of the zip `source`.
    ///
    /// # Errors
    /// When it has no directory that can be walked.
    pub(super) fn of(source: Source) -> Result<Self> {
        let mut directory = Directory::open(source)?.comparing(0);
        let mut records = Vec::new();
        let mut left_alone = 0_u64;
        let mut full = Ok(());
        while full.is_ok()
            && !directory.step(|record| {
                if full.is_err() || record.is_folder() {
                } else if record.seal().is_some() {
                    left_alone = left_alone.saturating_add(1);
                } else {
                    records.push(record);
                    full = limits::check("entries", limits::ENTRIES, records.len() as u64);
                }
            })?
        {}
        full?;
        order_by_key(&mut records, |record| record.header);
        Ok(Self {
            waiting: records.into(),
            inside: None,
            at: 0,
            behind: Vec::new(),
            gone: 0,
            room: vec![0; ROOM],
            left_alone,
            not_noted: 0,
            findings: Vec::new(),
        })
    }

    /// The next bytes of the zip.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        let taken = if self.behind.is_empty() { self.walk(bytes) } else { 0 };
        self.behind.extend_from_slice(bytes.get(taken..).unwrap_or_default());
    }

    /// Goes on with bytes that came before; false when there are none.
    pub(super) fn catch_up(&mut self) -> bool {
        if self.behind.is_empty() {
            return false;
        }
        let behind = std::mem::take(&mut self.behind);
        self.gone = self.gone.saturating_add(self.walk(behind.get(self.gone..).unwrap_or_default()));
        if self.gone < behind.len() {
            self.behind = behind;
        } else {
            self.gone = 0;
        }
        true
    }

    /// What is wrong with them, once all bytes have come.
    pub(super) fn findings(mut self) -> Vec<Finding> {
        // What the zip's end cut off is told by its reader.
        let cut = self.waiting.len().saturating_add(usize::from(self.inside.is_some()));
        let left = self.left_alone.saturating_add(cut as u64);
        if left > 0 {
            let message =
                format!("members whose CRC was not compared, being encrypted, overlapping or cut off: {left}");
            self.tell(Finding::note("zip-crc-not-compared", message));
        }
        if self.not_noted > 0 {
            let message = format!("members of which the zip notes no CRC to compare: {}", self.not_noted);
            self.tell(Finding::note("zip-crc-absent", message));
        }
        self.findings
    }

    /// Goes through `bytes`, as far as it is right to in one go, and says how far that is.
    fn walk(&mut self, bytes: &[u8]) -> usize {
        let (mut taken, mut inflated) = (0_usize, 0_usize);
        while let Some(rest) = bytes.get(taken..).filter(|rest| !rest.is_empty() && inflated < GO) {
            let step = match &mut self.inside {
                Some(inside) => {
                    let (step, out) = inside.take(rest, &mut self.room);
                    inflated = inflated.saturating_add(out);
                    step
                }
                None => self.gap(rest),
            };
            taken = taken.saturating_add(step);
            self.at = self.at.saturating_add(step as u64);
            self.leave();
        }
        taken
    }

    /// Bytes in front of the next member; it begins when there are none.
    fn gap(&mut self, rest: &[u8]) -> usize {
        while let Some(next) = self.waiting.front() {
            if next.header > self.at {
                return usize::try_from(next.header.saturating_sub(self.at)).unwrap_or(usize::MAX).min(rest.len());
            }
            let Some(record) = self.waiting.pop_front() else { break };
            if record.header == self.at {
                self.inside = Some(Inside::new(record));
                return 0;
            }
            self.left_alone = self.left_alone.saturating_add(1);
        }
        rest.len()
    }

    /// Judges the member if all of it has come.
    fn leave(&mut self) {
        if let Some(mut inside) = self.inside.take_if(|inside| inside.is_over()) {
            inside.drain(&mut self.room);
            // 0 is also what PyTorch writes when it is told not to compute any.
            if inside.record.crc32 == 0 && inside.inflated > 0 && inside.crc.clone().finalize() != 0 {
                self.not_noted = self.not_noted.saturating_add(1);
            } else if let Some(finding) = inside.judge() {
                self.tell(finding);
            }
        }
    }

    fn tell(&mut self, finding: Finding) {
        if self.findings.len() < limits::FINDINGS {
            self.findings.push(finding);
        }
    }
}

impl Inside {
    fn new(record: Record) -> Self {
        let inflater = (record.method != 0).then(|| Box::new(Decompress::new(false)));
        Self { record, place: Place::Header(Vec::new()), crc: crc32fast::Hasher::new(), inflater, inflated: 0 }
    }

    fn is_over(&self) -> bool {
        matches!(self.place, Place::Data(0))
    }

    /// Takes some of `rest`, and says how much that was and how much it became.
    fn take(&mut self, rest: &[u8], room: &mut [u8]) -> (usize, usize) {
        let (next, taken, out) = match &mut self.place {
            Place::Header(head) => {
                let missing = usize::try_from(HEADER).unwrap_or(0).saturating_sub(head.len());
                let taken = missing.min(rest.len());
                head.extend_from_slice(rest.get(..taken).unwrap_or_default());
                (names(head).map(Place::Names), taken, 0)
            }
            Place::Names(left) => {
                let taken = at_most(rest, *left);
                *left = left.saturating_sub(taken as u64);
                ((*left == 0).then_some(Place::Data(self.record.stored)), taken, 0)
            }
            Place::Data(left) => {
                let bytes = rest.get(..at_most(rest, *left)).unwrap_or_default();
                let (taken, became) = match &mut self.inflater {
                    Some(inflater) => inflate(inflater, bytes, room),
                    None => (bytes.len(), bytes),
                };
                self.crc.update(became);
                self.inflated = self.inflated.saturating_add(became.len() as u64);
                *left = left.saturating_sub(taken as u64);
                (None, taken, became.len())
            }
        };
        self.place = next.unwrap_or_else(|| std::mem::replace(&mut self.place, Place::Data(0)));
        (taken, out)
    }

    /// What an inflater has still to give when it has everything: no more than its window.
    fn drain(&mut self, room: &mut [u8]) {
        let Some(inflater) = &mut self.inflater else { return };
        loop {
            let (_, became) = inflate(inflater, &[], room);
            self.crc.update(became);
            self.inflated = self.inflated.saturating_add(became.len() as u64);
            if became.is_empty() {
                return;
            }
        }
    }

    /// What is wrong with it.
    fn judge(self) -> Option<Finding> {
        let Record { name, crc32, size, header, .. } = self.record;
        let found = self.crc.finalize();
        let (code, message) = if self.inflated != size {
            let from = if self.inflater.is_some() { "inflates to" } else { "has" };
            ("zip-size", format!("the zip notes {size} bytes of it, it {from} {} bytes", self.inflated))
        } else if found != crc32 {
            ("zip-crc-mismatch", format!("the zip notes CRC {crc32:08x} of it, its bytes have {found:08x}"))
        } else {
            return None;
        };
        Some(Finding::error(code, message).in_entry(&name).at(header))
    }
}

/// Lengths of name and extra field, once the header is whole.
fn names(head: &[u8]) -> Option<u64> {
    let length = |at: usize| head.get(at..)?.first_chunk::<2>().map(|bytes| u64::from(u16::from_le_bytes(*bytes)));
    Some(length(26)?.saturating_add(length(28)?))
}

fn at_most(bytes: &[u8], left: u64) -> usize {
    usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len())
}

/// Inflates into `room`, and says how much was taken and what came of it. A stream that has ended or is broken takes the
/// rest in and gives nothing more: that its length is wrong then says so.
fn inflate<'a>(inflater: &mut Decompress, bytes: &[u8], room: &'a mut [u8]) -> (usize, &'a [u8]) {
    let (taken, given) = (inflater.total_in(), inflater.total_out());
    let status = inflater.decompress(bytes, room, FlushDecompress::None);
    let since = |now: u64, before: u64| usize::try_from(now.saturating_sub(before)).unwrap_or(0);
    let (took, gave) = (since(inflater.total_in(), taken), since(inflater.total_out(), given));
    let came = room.get(..gave).unwrap_or_default();
    match status {
        Ok(Status::Ok | Status::BufError) if took > 0 || gave > 0 => (took, came),
        Ok(Status::StreamEnd) if gave > 0 => (took, came),
        _ => (bytes.len(), &[]),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use proptest::prelude::*;
    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    use super::*;

    /// Members of these sizes, stored and deflated by turns, some of zeros, some of noise.
    fn zipped(sizes: &[usize]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (at, &size) in sizes.iter().enumerate() {
            let method = if at % 2 == 0 { CompressionMethod::Stored } else { CompressionMethod::Deflated };
            writer.start_file(format!("{at}.npy"), SimpleFileOptions::default().compression_method(method)).unwrap();
            let noise = (0..size).map(|n| if at % 4 < 2 { 0 } else { (n * n / 7 + n) as u8 });
            writer.write_all(&noise.collect::<Vec<u8>>()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn findings(bytes: &[u8], step: usize) -> Vec<(String, Option<String>)> {
        let mut members = Members::of(Source::memory("x.npz", bytes.to_vec())).unwrap();
        for piece in bytes.chunks(step) {
            while members.catch_up() {}
            members.push(piece);
        }
        while members.catch_up() {}
        members.findings().into_iter().map(|finding| (finding.code, finding.entry)).collect()
    }

    proptest! {
        #[test]
        fn a_whole_zip_has_no_findings_in_any_pieces(
            sizes in prop::collection::vec(0_usize..300_000, 0..6),
            step in prop_oneof![1_usize..200, 10_000_usize..500_000],
        ) {
            prop_assert_eq!(findings(&zipped(&sizes), step), []);
        }
    }

    #[test]
    fn a_flipped_bit_is_told_with_its_member() {
        let bytes = zipped(&[1000, 1000, 1000, 1000]);
        let spot = |name: &[u8]| bytes.windows(name.len()).position(|window| window == name).unwrap() + name.len();
        for (name, code) in [("0.npy", "zip-crc-mismatch"), ("2.npy", "zip-crc-mismatch")] {
            let mut bad = bytes.clone();
            bad[spot(name.as_bytes()) + 500] ^= 1;
            for step in [1, 64, 100_000] {
                assert_eq!(findings(&bad, step), [(code.to_owned(), Some(name.to_owned()))], "{name} by {step}");
            }
        }
        let mut bad = bytes.clone();
        bad[spot(b"3.npy") + 200] ^= 0x40;
        let [(code, entry)] = &findings(&bad, 4096)[..] else { panic!("{:?}", findings(&bad, 4096)) };
        assert!(["zip-crc-mismatch", "zip-size"].contains(&code.as_str()), "{code}");
        assert_eq!(entry.as_deref(), Some("3.npy"));
    }

    #[test]
    fn much_that_little_expands_to_is_gone_through_in_short_steps() {
        let bytes = zipped(&[0, 64 << 20]);
        assert!(bytes.len() < 200_000);
        let mut members = Members::of(Source::memory("x.npz", bytes.clone())).unwrap();
        members.push(&bytes);
        let mut steps = 1;
        while members.catch_up() {
            steps += 1;
        }
        assert!((16..=18).contains(&steps), "{steps} steps of 4 MiB for 64 MiB");
        assert_eq!(members.findings(), []);
    }

    #[test]
    fn a_crc_that_was_never_computed_is_a_note() {
        let mut bytes = zipped(&[1000]);
        let crc = crc32fast::hash(&[0; 1000]).to_le_bytes();
        while let Some(at) = bytes.windows(4).position(|window| window == crc) {
            bytes[at..at + 4].fill(0);
        }
        assert_eq!(findings(&bytes, 100), [("zip-crc-absent".to_owned(), None)]);
    }

    #[test]
    fn what_is_cut_off_is_counted() {
        let bytes = zipped(&[1000, 1000, 1000]);
        let mut members = Members::of(Source::memory("x.npz", bytes.clone())).unwrap();
        members.push(&bytes[..1500]);
        let [finding] = &members.findings()[..] else { panic!() };
        assert!(finding.message.ends_with("cut off: 1"), "{}", finding.message);
    }
}
