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
pub(super) fn findings(mut spans: Vec<Span>, data: u64, file_len: u64, tensors: &[Tensor]) -> Vec<Finding> {
    let there = file_len.saturating_sub(data);
    let name = |index: usize| tensors.get(index).map_or("?", |tensor| tensor.name.as_str());
    let cut_off = spans.iter().filter(|span| span.end > there).count();
    spans.retain(|span| span.start < span.end);
    order_by_key(&mut spans, |span| (span.start, span.end));
    let mut found = Vec::new();
    let (mut end, mut last, mut more) = (0_u64, None, 0_u64);
    for span in spans {
        let finding = if span.start < end {
            let before = last.map_or("?", name);
            let shared = end.min(span.end).saturating_sub(span.start);
            let message = format!("{} shares {shared} bytes with {before}", name(span.index));
            Some(Finding::error("safetensors-overlap", message))
        } else if span.start > end {
            let message =
                format!("{} bytes before {} belong to no tensor", span.start.saturating_sub(end), name(span.index));
            Some(Finding::warning("safetensors-gap", message))
        } else {
            None
        };
        if let Some(finding) = finding {
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
        Some(Finding::warning("safetensors-trailing", message).at(data.saturating_add(end)))
    } else {
        None
    }
}

/// What the reference implementation says against the file, if anything. It counts in `usize`, so what does not fit
/// (in a browser: over 4 GiB) is not put to it; nor is a long header.
pub(super) fn strict(header: &[u8], tensors: &[Tensor], data: u64, file_len: u64) -> Option<Finding> {
    let counts = tensors.iter().flat_map(|tensor| tensor.shape.iter().copied().chain([tensor.size_bytes]));
    let fits = counts.chain([file_len]).all(|count| usize::try_from(count).is_ok());
    if header.len() > STRICT || !fits {
        return None;
    }
    let reason = match serde_json::from_slice::<Metadata>(header) {
        Ok(metadata) if data.saturating_add(metadata.data_len() as u64) == file_len => return None,
        Ok(_) => "the data offsets do not fully cover the file".to_owned(),
        Err(error) => error.to_string(),
    };
    Some(Finding::warning("safetensors-strict", format!("the safetensors library refuses this file: {reason}")))
}
