//! safetensors: eight bytes of length, a JSON header, the data (format description of crate `safetensors` 0.8).
//!
//! Read leniently, so that a damaged file can be shown: whatever the reference implementation would refuse is a
//! finding. Only the header is read.

mod header;
mod layout;

use super::{Confidence, Format, Probe, Reading};
use crate::archive::Distinct;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::{Contents, DType, Finding, Place, Tensor, TensorRole, elements};
use crate::source::Source;
use header::{Entry, Parsed};
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
        contents.findings.extend(layout::strict(&bytes, &contents.tensors, data, file.len()));
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
    let mut unknown = std::collections::BTreeMap::<String, u64>::new();
    let mut wrong = Vec::new();
    for (index, (name, entry)) in parsed.entries.iter().enumerate() {
        let (name, repeated) = names.take_name(name.clone().into_owned());
        if repeated {
            wrong.push(Finding::error("safetensors-duplicate-name", format!("a name is repeated, shown as {name:?}")));
        }
        let (tensor, span, what) = tensor(name, entry, data, file_len);
        if let Some((code, what)) = what {
            wrong.push(Finding::error(code, format!("{}: {what}", tensor.name)));
        }
        if tensor.dtype.is_unknown() && entry.dtype.is_some() {
            let count = unknown.entry(tensor.dtype.name().to_owned()).or_insert(0);
            *count = count.saturating_add(1);
        }
        spans.extend(span.map(|(start, end)| Span { start, end, index }));
        contents.tensors.push(tensor);
    }
    for (name, count) in unknown {
        let message = format!("tensors of type {name:?}, which is not known: {count}; their sizes are not checked");
        contents.findings.push(Finding::warning("safetensors-unknown-dtype", message));
    }
    let more = wrong.len().saturating_sub(NAMED);
    wrong.truncate(NAMED);
    contents.findings.append(&mut wrong);
    if more > 0 {
        contents
            .findings
            .push(Finding::error("safetensors-entry", format!("further tensors with a wrong entry: {more}")));
    }
    spans
}

type Wrong = (&'static str, String);

/// The tensor of one entry, its byte range inside the data, and what is wrong with it.
fn tensor(name: String, entry: &Entry<'_>, data: u64, len: u64) -> (Tensor, Option<(u64, u64)>, Option<Wrong>) {
    let mut wrong: Option<Wrong> = None;
    let mut note = |code, what: String| {
        wrong.get_or_insert((code, what));
    };
    let dtype = entry.dtype.as_deref().map_or_else(|| DType::Other("?".into(), 0), DType::from_name);
    if let Some(what) = entry.missing() {
        note("safetensors-entry", what);
    }
    let shape = entry.shape.clone().unwrap_or_default();
    let span = entry.offsets.filter(|(start, end)| start <= end);
    if let Some((start, end)) = entry.offsets.filter(|_| span.is_none()) {
        note("safetensors-offsets", format!("its data ends at {end}, before it begins at {start}"));
    }
    let reserved = span.map(|(start, end)| end.saturating_sub(start));
    let claimed = entry.shape.as_ref().and_then(|shape| dtype.bytes_for(elements(shape)?));
    let known = !dtype.is_unknown() && entry.shape.is_some();
    match (claimed, reserved) {
        (None, _) if known => {
            note("safetensors-size", format!("the shape {shape:?} has more bytes than can be counted"))
        }
        (Some(claimed), Some(reserved)) if known && claimed != reserved => {
            note("safetensors-size", format!("{dtype} {shape:?} takes {claimed} bytes, its offsets leave {reserved}"));
        }
        _ => {}
    }
    let place = span.and_then(|(start, end)| {
        let (from, to) = (data.checked_add(start)?, data.checked_add(end)?);
        let right = !known || claimed == reserved;
        (right && to <= len).then(|| Place::plain(from, to.saturating_sub(from)))
    });
    let size_bytes = claimed.or(reserved).unwrap_or(0);
    (Tensor { name, dtype, shape, size_bytes, role: TensorRole::Model, place }, span, wrong)
}

#[cfg(test)]
mod tests;
