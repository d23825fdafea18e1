//! safetensors: eight bytes of length, a JSON header, the data (format description of crate `safetensors` 0.8).
//!
//! Read leniently, so that a damaged file can be shown: whatever the reference implementation would refuse is an error,
//! and what it takes has none. Only the header is read.

mod entry;
mod header;
mod layout;

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{Confidence, Format, Probe, Reading};
use crate::archive::Distinct;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::{Contents, DType, Finding, Place, Severity, Tensor, TensorRole, elements};
use crate::source::Source;
use entry::Entry;
use header::Parsed;
use layout::Span;

/// Bytes of the length in front of the header.
const LENGTH: u64 = 8;
/// Findings about single tensors, of one kind; the rest is counted.
const NAMED: usize = 20;

/// The safetensors format.
pub(super) struct Safetensors;

impl Format for Safetensors {
    fn id(&self) -> &'static str {
        "safetensors"
    }

    fn name(&self) -> &'static str {
        "safetensors"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["safetensors"]
    }

    fn spec(&self) -> &'static str {
        "https://huggingface.co/docs/safetensors/index#format"
    }

    fn probe(&self, probe: &Probe) -> Option<Confidence> {
        let named = probe.extension() == "safetensors";
        let head = probe.head();
        let length = head.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))?;
        let opens = head.get(8) == Some(&b'{') && matches!(head.get(9), Some(b'"' | b'}' | b' ' | b'\n'));
        let fits = (2..=limits::SAFETENSORS_HEADER).contains(&length);
        match (opens && fits, named) {
            (true, _) => Confidence::certain("a header length and a JSON header"),
            (false, true) => Confidence::likely("called .safetensors"),
            (false, false) => None,
        }
    }

    fn read(&self, file: &Source) -> Result<Reading> {
        let len = header_length(file)?;
        let bytes = file.bytes_at(LENGTH, len)?;
        let parsed = header::parse(&bytes)?;
        let data = LENGTH.saturating_add(len);
        let mut contents = Contents::new(self.id(), "");
        contents.findings.extend(parsed.findings.iter().cloned());
        let spans = tensors(&parsed, data, file.len(), &mut contents);
        contents.findings.extend(layout::findings(spans, data, file.len(), &contents.tensors));
        let is_odd = !contents.findings.is_empty();
        match layout::judge(&bytes, &contents.tensors, data, file.len(), is_odd) {
            Some(Ok(())) => {
                contents.findings.iter_mut().for_each(|odd| odd.severity = odd.severity.max(Severity::Warning))
            }
            Some(Err(reason)) => {
                let message = format!("the safetensors library refuses this file: {reason}");
                contents.findings.push(Finding::error("safetensors-strict", message));
            }
            None => {}
        }
        contents.metadata = parsed.metadata;
        Ok(Reading::Done(contents))
    }
}

/// The length of the header, checked against the cap and the file.
fn header_length(file: &Source) -> Result<u64> {
    let bytes = file.exact_at(0, LENGTH, "safetensors", "the header length")?;
    let len = bytes.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let there = file.len().saturating_sub(LENGTH);
    if len > there {
        let what = format!("the header length {len} runs past the end (the file has {} bytes)", file.len());
        return Err(Error::malformed("safetensors", 0, what));
    }
    limits::check("safetensors header", limits::SAFETENSORS_HEADER, len)?;
    Ok(len)
}

/// Makes a tensor of each entry, and gives the byte ranges of those whose offsets make sense.
fn tensors(parsed: &Parsed<'_>, data: u64, file_len: u64, contents: &mut Contents) -> Vec<Span> {
    let mut spans = Vec::with_capacity(parsed.entries.len().min(1 << 16));
    let mut names = Distinct::default();
    let mut foreign = BTreeMap::<&str, u64>::new();
    let mut wrong = Vec::new();
    let replaced = replaced(parsed);
    for (index, (name, entry)) in parsed.entries.iter().enumerate() {
        let (name, repeated) = names.take_name(name.clone().into_owned());
        if repeated {
            let message = format!("a name is repeated, shown as {name:?}: loaders take the last");
            wrong.push(Finding::warning("safetensors-duplicate-name", message));
        }
        let (tensor, span, what) = tensor(name, entry, data, file_len);
        let is_replaced = replaced.contains(&index);
        if let Some((severity, code, what)) = what.filter(|(_, code, _)| !is_replaced || *code == ENTRY) {
            let told = Finding::warning(code, format!("{}: {what}", tensor.name));
            wrong.push(Finding { severity, ..told });
        }
        if let Some(name) = entry.dtype.as_deref().filter(|_| is_foreign(&tensor.dtype)) {
            let count = foreign.entry(name).or_insert(0);
            *count = count.saturating_add(1);
        }
        spans.extend(span.filter(|_| !is_replaced).map(|(start, end)| Span { start, end, index }));
        contents.tensors.push(tensor);
    }
    for (name, count) in foreign {
        let message = format!("tensors of type {name:?}, which safetensors does not know: {count}");
        contents.findings.push(Finding::error("safetensors-unknown-dtype", message));
    }
    let more = wrong.len().saturating_sub(NAMED);
    let worst = wrong.iter().map(|finding| finding.severity).min();
    wrong.truncate(NAMED);
    contents.findings.append(&mut wrong);
    if let Some(severity) = worst.filter(|_| more > 0) {
        let told = Finding::warning(ENTRY, format!("further tensors with a wrong entry: {more}"));
        contents.findings.push(Finding { severity, ..told });
    }
    spans
}

/// Entries whose name comes again: the last is what counts.
fn replaced(parsed: &Parsed<'_>) -> HashSet<usize> {
    let mut last = HashMap::with_capacity(parsed.entries.len().min(1 << 16));
    let entries = parsed.entries.iter().enumerate();
    entries.filter_map(|(index, (name, _))| last.insert(name.as_ref(), index)).collect()
}

/// A type that the reference implementation has no name for.
fn is_foreign(dtype: &DType) -> bool {
    dtype.is_unknown() || matches!(dtype, DType::C32 | DType::C128)
}

/// Code of what is wrong with the form of an entry.
const ENTRY: &str = "safetensors-entry";

type Wrong = (Severity, &'static str, String);

/// The tensor of one entry, its byte range inside the data, and what is wrong with it.
fn tensor(name: String, entry: &Entry<'_>, data: u64, len: u64) -> (Tensor, Option<(u64, u64)>, Option<Wrong>) {
    let mut wrong: Option<Wrong> = None;
    let mut note = |code, what: String| {
        wrong.get_or_insert((Severity::Error, code, what));
    };
    let dtype = entry.dtype.as_deref().map_or_else(|| DType::Other("?".into(), 0), DType::from_name);
    if let Some(what) = entry.missing() {
        note(ENTRY, what);
    }
    let shape = entry.shape.clone().unwrap_or_default();
    let span = entry.offsets.filter(|(start, end)| start <= end);
    if let Some((start, end)) = entry.offsets.filter(|_| span.is_none()) {
        note("safetensors-offsets", format!("its data ends at {end}, before it begins at {start}"));
    }
    let reserved = span.map(|(start, end)| end.saturating_sub(start));
    let claimed = entry.shape.as_ref().and_then(|shape| dtype.bytes_for(elements(shape)?));
    let known = !dtype.is_unknown() && entry.shape.is_some();
    if let Some(what) = sizes(&dtype, &shape, claimed, reserved).filter(|_| known) {
        note("safetensors-size", what);
    }
    if let Some(extra) = &entry.extra {
        wrong.get_or_insert_with(|| {
            (Severity::Warning, ENTRY, format!("its entry has a key {extra:?} that does not belong there"))
        });
    }
    let place = span.and_then(|(start, end)| {
        let (from, to) = (data.checked_add(start)?, data.checked_add(end)?);
        let right = !known || claimed == reserved;
        (right && to <= len).then(|| Place::plain(from, to.saturating_sub(from)))
    });
    let size_bytes = claimed.or(reserved).unwrap_or(0);
    (Tensor { name, dtype, shape, size_bytes, role: TensorRole::Model, place }, span, wrong)
}

/// What is wrong with the size of a tensor of a known type, whose shape takes `claimed` bytes and whose offsets leave
/// `reserved`.
fn sizes(dtype: &DType, shape: &[u64], claimed: Option<u64>, reserved: Option<u64>) -> Option<String> {
    // Multiplied from the left, as the reference implementation does: a zero comes too late for it.
    let count = shape.iter().try_fold(1_u64, |product, &length| product.checked_mul(length));
    let (Some(claimed), Some(count)) = (claimed, count) else {
        return Some(format!("the shape {shape:?} has more bytes than can be counted"));
    };
    if count.wrapping_mul(u64::from(dtype.bits())) % 8 != 0 {
        return Some(format!("{dtype} {shape:?} does not fill whole bytes"));
    }
    let reserved = reserved.filter(|reserved| *reserved != claimed)?;
    Some(format!("{dtype} {shape:?} takes {claimed} bytes, its offsets leave {reserved}"))
}

#[cfg(test)]
mod tests;
