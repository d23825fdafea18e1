//! GGUF: the model files of ggml and llama.cpp (ggml's docs/gguf.md; `gguf_init_from_file` for what it refuses).
//!
//! Read: versions 1 to 3, both byte orders, all keys (long lists in short), all tensors. Dimensions are told the way
//! the rest of the world does, the longest stride first; the file has them the other way round.

mod kind;
mod places;
mod value;

use super::forward::Forward;
use super::{Confidence, Format, Probe, Reading, Rest};
use crate::archive::Distinct;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::{Contents, DType, Endian, Finding, Tensor, TensorRole, Value, elements};
use crate::source::Source;
use kind::Kind;
use places::Places;

/// Keys and tensors read in one step.
const STEP: u64 = 5000;
/// The alignment of data when no key says another.
const ALIGNMENT: u64 = 32;
/// Dimensions of a tensor: `GGML_MAX_DIMS`.
const DIMENSIONS: u64 = 4;

/// The GGUF format.
pub(super) struct Gguf;

impl Format for Gguf {
    fn id(&self) -> &'static str {
        "gguf"
    }

    fn name(&self) -> &'static str {
        "GGUF model"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["gguf"]
    }

    fn spec(&self) -> &'static str {
        "https://github.com/ggml-org/ggml/blob/master/docs/gguf.md"
    }

    fn probe(&self, probe: &Probe) -> Option<Confidence> {
        probe.head().starts_with(b"GGUF").then(|| Confidence::certain("begins with GGUF")).flatten()
    }

    fn read(&self, file: &Source) -> Result<Reading> {
        let (header, evidence) = Header::open(file)?;
        Reading::More(Contents::new(self.id(), evidence), Box::new(header)).settled()
    }
}

/// Bytes that the counts and lengths of a version take.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    count: u64,
}

/// A header being read.
struct Header {
    reader: Forward,
    endian: Endian,
    sizes: Sizes,
    len: u64,
    pairs: u64,
    tensors: u64,
    done: u64,
    keys: Distinct,
    names: Distinct,
    document: Vec<(String, Value)>,
    /// Where each tensor's data begins, counted from the start of the data, and its bytes where they are known.
    places: Places,
}

impl Header {
    fn open(file: &Source) -> Result<(Self, String)> {
        let mut reader = Forward::new(file.clone(), "gguf", 4, Endian::Little);
        let told = reader.uint(4, "the version")?;
        // A version in the other byte order has its number in the upper half.
        let (endian, version) = match told & 0xffff {
            0 => (Endian::Big, u32::try_from(told).unwrap_or(0).swap_bytes()),
            _ => (Endian::Little, u32::try_from(told).unwrap_or(0)),
        };
        if !(1..=3).contains(&version) {
            return Err(Error::malformed("gguf", 4, format!("expected version 1, 2 or 3, found {version}")));
        }
        let sizes = Sizes { count: if version == 1 { 4 } else { 8 } };
        let mut reader = Forward::new(file.clone(), "gguf", 8, endian);
        let tensors = reader.uint(sizes.count, "the number of tensors")?;
        let pairs = reader.uint(sizes.count, "the number of keys")?;
        limits::check("tensors", limits::TENSORS, tensors)?;
        limits::check("document values", limits::DOCUMENT_VALUES, pairs)?;
        let order = if endian == Endian::Big { ", big-endian" } else { "" };
        let header = Self {
            reader,
            endian,
            sizes,
            len: file.len(),
            pairs,
            tensors,
            done: 0,
            keys: Distinct::default(),
            names: Distinct::default(),
            document: Vec::new(),
            places: Places::default(),
        };
        Ok((header, format!("begins with GGUF, version {version}{order}")))
    }

    fn pair(&mut self, contents: &mut Contents) -> Result<()> {
        check_header(&self.reader)?;
        let at = self.reader.at();
        let key = value::text(&mut self.reader, self.sizes, "a key")?;
        let kind = self.reader.uint(4, "the type of a value")?;
        let found = value::value(&mut self.reader, self.sizes, kind)
            .map_err(|error| error.inside(&key.chars().take(80).collect::<String>()))?;
        let (shown, repeated) = self.keys.take_name(key);
        if repeated && contents.findings.len() < limits::FINDINGS {
            let message = format!("a key is repeated, shown as {shown:?}; llama.cpp refuses the file");
            contents.findings.push(Finding::error("gguf-duplicate-key", message).at(at));
        }
        self.document.push((shown, found));
        Ok(())
    }

    fn tensor(&mut self, contents: &mut Contents) -> Result<()> {
        check_header(&self.reader)?;
        let at = self.reader.at();
        let name = value::text(&mut self.reader, self.sizes, "the name of a tensor")?;
        let dimensions = self.reader.uint(4, "the number of dimensions")?;
        if dimensions > DIMENSIONS {
            return Err(self.reader.wrong(format!("expected at most {DIMENSIONS} dimensions, found {dimensions}")));
        }
        let mut shape = Vec::new();
        for _ in 0..dimensions {
            shape.push(self.reader.uint(self.sizes.count, "a dimension")?);
        }
        let number = u32::try_from(self.reader.uint(4, "the type of a tensor")?).unwrap_or(u32::MAX);
        let offset = self.reader.uint(8, "the offset of a tensor")?;
        let kind = Kind::of(number);
        let bytes = kind.and_then(|kind| kind.bytes_for(shape.first().copied().unwrap_or(1), elements(&shape)?));
        let (name, repeated) = self.names.take_name(name);
        let mut wrong = |code: &str, message: String| {
            if contents.findings.len() < limits::FINDINGS {
                contents.findings.push(Finding::error(code, message).at(at));
            }
        };
        if repeated {
            wrong("gguf-duplicate-name", format!("a tensor's name is repeated, shown as {name:?}"));
        }
        match (kind, bytes) {
            (None, _) => {
                wrong("gguf-unknown-type", format!("{name}: ggml type {number} is not known; its size is not checked"))
            }
            (Some(kind), None) => {
                let row = shape.first().copied().unwrap_or(1);
                wrong(
                    "gguf-shape",
                    format!("{name}: rows of {row} do not divide into blocks of {} ({})", kind.block, kind.dtype()),
                );
            }
            _ => {}
        }
        shape.reverse();
        let dtype = kind.map_or_else(|| DType::Other(format!("ggml type {number}").into(), 0), Kind::dtype);
        let tensor =
            Tensor { name, dtype, shape, size_bytes: bytes.unwrap_or(0), role: TensorRole::Model, place: None };
        contents.tensors.push(tensor);
        self.places.push(offset, bytes);
        Ok(())
    }

    fn finish(&mut self, contents: &mut Contents) {
        let document = Value::Map(std::mem::take(&mut self.document));
        let told = document.get("general.alignment").and_then(Value::count);
        contents.document = Some(document);
        let alignment = match told {
            None => ALIGNMENT,
            Some(told) if told.is_power_of_two() => told,
            Some(told) => {
                let message = format!("general.alignment is {told}, not a power of two: {ALIGNMENT} is used");
                contents.findings.push(Finding::error("gguf-alignment", message));
                ALIGNMENT
            }
        };
        self.places.settle(self.reader.at(), alignment, self.len, self.endian, contents);
    }
}

/// A header longer than any real one is not read on.
fn check_header(reader: &Forward) -> Result<()> {
    limits::check("GGUF header", limits::GGUF_HEADER, reader.at())
}

impl Rest for Header {
    fn step(&mut self, contents: &mut Contents) -> Result<bool> {
        for _ in 0..STEP {
            if self.done < self.pairs {
                self.pair(contents)?;
            } else if self.done < self.pairs.saturating_add(self.tensors) {
                self.tensor(contents)?;
            } else {
                self.finish(contents);
                return Ok(true);
            }
            self.done = self.done.saturating_add(1);
        }
        Ok(false)
    }

    fn progress(&self) -> (u64, u64) {
        (self.done, self.pairs.saturating_add(self.tensors))
    }
}

#[cfg(test)]
mod tests;
