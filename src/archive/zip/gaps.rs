//! What the directory of a zip does not say: local headers that differ from it, and bytes that belong to no member, in
//! front, between, behind. Something can hide there, also a whole member that the directory does not know.
//!
//! Where the data of a member ends is only known from its local header. These are read while there are few members, or
//! when the distance to the next one is longer than what writers pad (torch aligns storages to 64 bytes).

use std::ops::Range;

use super::Record;
use super::local::{Local, descriptor};
use crate::error::Result;
use crate::limits;
use crate::model::{Finding, Layer, order_by_key};
use crate::source::Source;

/// Bytes between members that writers leave for alignment and descriptors.
const PADDING: u64 = 128;
/// The longest descriptor.
const DESCRIPTOR: u64 = 24;
/// Bytes of a gap looked at to tell padding from something.
const LOOK: u64 = 4096;

/// A member that only a local header knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HiddenMember {
    /// Its name.
    pub name: String,
    /// Where its local header is.
    pub header: u64,
    /// Inflated bytes, as the header claims.
    pub size: u64,
    /// The way to its bytes.
    pub layers: Vec<Layer>,
}

/// What was found beside the members.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    pub(super) findings: Vec<Finding>,
    pub(super) ranges: Vec<Range<u64>>,
    pub(super) hidden: Vec<HiddenMember>,
    /// Local headers that were not read.
    unread: u64,
}

/// The place of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// Its local header.
    pub(super) start: u64,
    /// The first byte that may be another member's.
    pub(super) least_end: u64,
    /// The same when the local header has the name of the record and no more.
    pub(super) likely_end: u64,
    pub(super) stored: u64,
}

/// Looks between the members at `spans`, in their order, the last of which ends before `directory`. Of `records` the local
/// headers are compared.
///
/// # Errors
/// When the environment fails.
pub(super) fn look(
    zip: &Source,
    spans: &[Span],
    records: &mut Vec<Record>,
    directory: u64,
    few: usize,
) -> Result<Gaps> {
    let mut gaps = Gaps::default();
    let is_few = spans.len() <= few;
    order_by_key(records, |record| record.header);
    let mut known = records.iter().peekable();
    let nexts = spans.iter().skip(1).map(|span| span.start).chain([directory]);
    for (span, next) in spans.iter().zip(nexts) {
        while known.next_if(|record| record.header < span.start).is_some() {}
        let record = known.next_if(|record| record.header == span.start).filter(|_| is_few);
        if record.is_none() && next.saturating_sub(span.likely_end) <= PADDING {
            gaps.unread = gaps.unread.saturating_add(1);
            continue;
        }
        let Some(local) = Local::read(zip, span.start)? else {
            let message = "expected a local header (PK\\3\\4) here, found other bytes";
            gaps.find(Finding::error("zip-local-missing", message).at(span.start));
            continue;
        };
        let mut end = local.data.saturating_add(span.stored);
        if let Some(record) = record {
            local.compare(record, &record.name).into_iter().for_each(|finding| gaps.find(finding));
            if local.is_described() && end < next {
                let (len, finding) = descriptor(zip, end, record, &record.name)?;
                finding.into_iter().for_each(|finding| gaps.find(finding));
                end = end.saturating_add(len);
            }
        } else if local.is_described() {
            end = end.saturating_add(DESCRIPTOR).min(next.max(end));
        }
        gaps.between(zip, end, next)?;
    }
    if gaps.unread > 0 {
        let message = format!("local headers that were not compared with the directory: {}", gaps.unread);
        gaps.findings.push(Finding::note("zip-local-unread", message));
    }
    Ok(gaps)
}

impl Gaps {
    fn find(&mut self, finding: Finding) {
        if self.findings.len() < limits::FINDINGS {
            self.findings.push(finding);
        }
    }

    /// What stands from `at` to `end`, where no member is.
    pub(super) fn between(&mut self, zip: &Source, mut at: u64, end: u64) -> Result<()> {
        while at < end && self.hidden.len() < limits::FINDINGS {
            let Some(local) = Local::read(zip, at)?.filter(|local| local.data <= end) else { break };
            let room = end.saturating_sub(local.data);
            // Sizes that stand behind the data are not known here.
            let is_open = local.is_described() && local.stored() == 0;
            let stored = if is_open { room } else { local.stored().min(room) };
            let name = local.name();
            let message = format!("{name:?} has a local header here, the directory does not know it");
            self.find(Finding::error("zip-hidden-member", message).in_entry(&name).at(at));
            let window = Layer::Window { offset: local.data, len: stored };
            let size = if is_open { limits::PICKLE_HIDDEN_BYTES } else { local.size() };
            let (layers, size) = match local.method() {
                8 if size <= stored.saturating_mul(limits::EXPANSION_RATIO) => {
                    (vec![window, Layer::Inflate { size }], size)
                }
                _ => (vec![window], stored),
            };
            self.hidden.push(HiddenMember { name, header: at, size, layers });
            at = local.data.saturating_add(stored);
        }
        if at < end {
            self.gap(zip, at, end)?;
        }
        Ok(())
    }

    fn gap(&mut self, zip: &Source, at: u64, end: u64) -> Result<()> {
        let len = end.saturating_sub(at);
        let is_zero = zip.bytes_at(at, len.min(LOOK))?.iter().all(|&byte| byte == 0);
        let message = format!("{len} bytes here belong to no member{}", if is_zero { ", zeros" } else { "" });
        self.find(match is_zero {
            true => Finding::note("zip-gap", message).at(at),
            false => Finding::warning("zip-gap", message).at(at),
        });
        if self.ranges.len() < limits::FINDINGS {
            self.ranges.push(at..end);
        }
        Ok(())
    }
}
