//! The zip64 end record held against the end record (APPNOTE 4.3.14 to 4.3.16). A value of the latter that is not all ones
//! should stand in both: where they differ, some readers go by the one and some by the other (Python's `zipfile` takes the
//! zip64 record whenever a locator is there).

use super::end::{LOCATOR, RECORD64, u16_at, u32_at, u64_at};
use crate::error::Result;
use crate::model::Finding;
use crate::source::Source;

/// What is wrong with the zip64 end record that belongs to the end record at `tail`.
///
/// # Errors
/// When the environment fails.
pub(super) fn look(zip: &Source, tail: u64) -> Result<Option<Finding>> {
    let Some(at) = tail.checked_sub(LOCATOR) else { return Ok(None) };
    let locator = zip.bytes_at(at, LOCATOR)?;
    if !locator.starts_with(b"PK\x06\x07") {
        return Ok(None);
    }
    let named = u64_at(&locator, 8);
    // Behind bytes that were put in front of the archive, it stands right before its locator.
    for place in [Some(named), at.checked_sub(RECORD64)].into_iter().flatten() {
        let record = zip.bytes_at(place, RECORD64)?;
        if record.starts_with(b"PK\x06\x06") && record.len() as u64 == RECORD64 {
            return Ok(compare(&record, &zip.bytes_at(tail, 22)?).map(|finding| finding.at(place)));
        }
    }
    let message = format!("a zip64 locator leads to byte {named}, no zip64 end record is there: readers disagree");
    Ok(Some(Finding::error("zip64-end", message).at(at)))
}

/// Where the two records differ.
fn compare(record: &[u8], end: &[u8]) -> Option<Finding> {
    let (counts, all) = ((u64::from(u16_at(end, 10)), u64_at(record, 32)), u64::from(u16::MAX));
    let long = |short: usize, long: usize| (u64::from(u32_at(end, short)), u64_at(record, long));
    let (sizes, offsets, ones) = (long(12, 40), long(16, 48), u64::from(u32::MAX));
    let rows = [("members", counts, all), ("bytes of directory", sizes, ones), ("as the byte of it", offsets, ones)];
    let differs = |(_, (short, long), ones): &(&str, (u64, u64), u64)| short != ones && short != long;
    let (what, (short, long), _) = rows.into_iter().find(differs)?;
    let message =
        format!("the zip64 end record says {long} {what}, the end record {short}: readers disagree over this archive");
    Some(Finding::error("zip64-end", message))
}
