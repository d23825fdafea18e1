//! Where the data of the tensors is: back to back in the order of the header, each padded to the alignment.

use crate::model::{Contents, Endian, Finding, Place};

/// Findings about single tensors; the rest is counted.
const NAMED: u64 = 20;

/// What the header says of each tensor's data.
#[derive(Default)]
pub(super) struct Places {
    /// Offset from the start of the data, and bytes where they are known.
    claims: Vec<(u64, Option<u64>)>,
}

impl Places {
    /// Adds the claim of the next tensor.
    pub(super) fn push(&mut self, offset: u64, bytes: Option<u64>) {
        self.claims.push((offset, bytes));
    }

    /// Gives the tensors of `contents` their places in a file of `len` bytes whose header ends at `header`, and says
    /// what does not fit.
    pub(super) fn settle(&self, header: u64, alignment: u64, len: u64, endian: Endian, contents: &mut Contents) {
        let data = padded(header, alignment);
        let mut next = Some(0_u64);
        let (mut end, mut odd, mut cut) = (data, 0_u64, 0_u64);
        for (&(offset, bytes), tensor) in self.claims.iter().zip(&mut contents.tensors) {
            if let Some(expected) = next.filter(|expected| *expected != offset) {
                odd = odd.saturating_add(1);
                if odd <= NAMED {
                    let message = format!("{}: expected its data at {expected}, found {offset}", tensor.name);
                    contents.findings.push(Finding::error("gguf-offset", message).at(data.saturating_add(offset)));
                }
            }
            next = bytes.and_then(|bytes| offset.checked_add(bytes)).map(|end| padded(end, alignment));
            let Some(bytes) = bytes else { continue };
            let from = data.saturating_add(offset);
            let to = from.saturating_add(bytes);
            end = end.max(to);
            if to > len {
                cut = cut.saturating_add(1);
            } else {
                tensor.place = Some(Place { endian, ..Place::plain(from, bytes) });
            }
        }
        if odd > NAMED {
            let message = format!("further tensors that do not lie where they should: {}", odd.saturating_sub(NAMED));
            contents.findings.push(Finding::error("gguf-offset", message));
        }
        let is_known = self.claims.iter().all(|(_, bytes)| bytes.is_some());
        contents.findings.extend(compare_end(end, len, cut, is_known.then_some(alignment)));
    }
}

fn compare_end(end: u64, len: u64, cut: u64, alignment: Option<u64>) -> Option<Finding> {
    if end > len && cut > 0 {
        let message = format!("the tensors end at byte {end}, the file at {len} (tensors cut off or lost: {cut})");
        return Some(Finding::error("gguf-truncated", message).at(len));
    }
    let padded = padded(end, alignment?);
    let trailing = len.checked_sub(padded).filter(|more| *more > 0)?;
    let message = format!("{trailing} bytes follow the last tensor");
    Some(Finding::warning("gguf-trailing", message).at(padded))
}

/// `at` rounded up to a multiple of `alignment`, a power of two.
fn padded(at: u64, alignment: u64) -> u64 {
    at.checked_next_multiple_of(alignment).unwrap_or(u64::MAX)
}
