//! How the tensors lie in the data: back to back from the first byte to the last, or there is something to say.

use safetensors::tensor::Metadata;

use super::NAMED;
use crate::model::{Finding, Tensor, order_by_key};

/// The bytes of tensor `index`, counted from the start of the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) index: usize,
}

/// Longest header that the reference implementation is asked about: it takes three times as long as our own reader.
const STRICT: usize = 4 << 20;

/// Overlaps, gaps, missing and trailing bytes of a file of `file_len` bytes whose data begins at `data`.
///
/// As the reference implementation has it (`Metadata::validate`): sorted by their offsets, each tensor begins where the
/// one before it ends, empty ones too.
pub(super) fn findings(mut spans: Vec<Span>, data: u64, file_len: u64, tensors: &[Tensor]) -> Vec<Finding> {
    let there = file_len.saturating_sub(data);
    let name = |index: usize| tensors.get(index).map_or("?", |tensor| tensor.name.as_str());
    let cut_off = spans.iter().filter(|span| span.end > there).count();
    order_by_key(&mut spans, |span| (span.start, span.end));
    let mut found = Vec::new();
    let (mut end, mut last, mut more) = (0_u64, None, 0_u64);
    for span in spans {
        if let Some(finding) = beside(&span, end, name(span.index), last.map_or("?", name)) {
            if found.len() < NAMED {
                found.push(finding.at(data.saturating_add(span.start)));
            } else {
                more = more.saturating_add(1);
            }
        }
        if span.end > end {
            (end, last) = (span.end, Some(span.index));
        }
    }
    if more > 0 {
        found.push(Finding::error("safetensors-overlap", format!("further overlaps and gaps: {more}")));
    }
    found.extend(compare_end(end, there, data, cut_off));
    found
}

/// What is wrong with where a tensor called `name` lies, behind `before`, which ends at `end`.
fn beside(span: &Span, end: u64, name: &str, before: &str) -> Option<Finding> {
    if span.start < end {
        let shared = end.min(span.end).saturating_sub(span.start);
        let message = match span.start == span.end {
            true => format!("{name} is empty, and placed in the middle of {before}"),
            false => format!("{name} shares {shared} bytes with {before}"),
        };
        return Some(Finding::error("safetensors-overlap", message));
    }
    let message = || format!("{} bytes before {name} belong to no tensor", span.start.saturating_sub(end));
    (span.start > end).then(|| Finding::error("safetensors-gap", message()))
}

fn compare_end(end: u64, there: u64, data: u64, cut_off: usize) -> Option<Finding> {
    if end > there {
        let missing = end.saturating_sub(there);
        let message = format!(
            "the header describes {end} bytes of data, the file has {there}: {missing} bytes are missing (tensors cut off \
             or lost: {cut_off})"
        );
        Some(Finding::error("safetensors-truncated", message).at(data.saturating_add(there)))
    } else if end < there {
        let message = format!("{} bytes follow the last tensor", there.saturating_sub(end));
        Some(Finding::error("safetensors-trailing", message).at(data.saturating_add(end)))
    } else {
        None
    }
}

/// What the reference implementation says to the file, when it can be asked. It counts in `usize`, so what does not fit
/// (in a browser: over 4 GiB) is not put to it; a long header only when it `is_odd`.
///
/// # Errors
/// With why it refuses the file.
pub(super) fn judge(
    header: &[u8],
    tensors: &[Tensor],
    data: u64,
    file_len: u64,
    is_odd: bool,
) -> Option<Result<(), String>> {
    let counts = tensors.iter().flat_map(|tensor| tensor.shape.iter().copied().chain([tensor.size_bytes]));
    let fits = counts.chain([file_len]).all(|count| usize::try_from(count).is_ok());
    if header.len() > STRICT && !is_odd || !fits {
        return None;
    }
    Some(match serde_json::from_slice::<Metadata>(header) {
        Ok(metadata) if data.saturating_add(metadata.data_len() as u64) == file_len => Ok(()),
        Ok(_) => Err("the data offsets do not fully cover the file".to_owned()),
        Err(error) => Err(error.to_string()),
    })
}
