//! HDF5 as h5py writes it for Keras (HDF5 File Format Specification 3.0; the section is named at each structure).
//!
//! Read: superblocks 0 to 3, object headers 1 and 2, groups as symbol tables and as links, datasets (numbers, booleans,
//! texts), attributes that are numbers or texts. A place have datasets that are contiguous or in their header; those in
//! chunks are listed. Not read, and said so: groups and attributes in fractal heaps, types shared in heaps, links to
//! other files. Ignored: filters, fill values, times.

mod attribute;
mod dataset;
mod datatype;
mod group;
mod header;
mod reader;

use std::collections::HashSet;

use super::{Confidence, Format, Probe, Reading, Rest};
use crate::archive::Distinct;
use crate::error::{Error, Result};
use crate::limits;
use crate::model::{Contents, DType, Finding, TensorRole, Value};
use crate::source::Source;
use attribute::Heaps;
use header::{Header, Message};
use reader::Reader;

/// Objects read in one step: a few milliseconds.
const STEP: usize = 200;
/// How a superblock begins.
const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";
/// Where it may be: behind nothing, or behind a block of the user's. It may be further on; no writer of models does that.
const STARTS: [usize; 2] = [0, 512];

/// The HDF5 format.
pub(super) struct Hdf5;

impl Format for Hdf5 {
    fn id(&self) -> &'static str {
        "hdf5"
    }

    fn name(&self) -> &'static str {
        "HDF5 (Keras)"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["h5", "hdf5"]
    }

    fn spec(&self) -> &'static str {
        "https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html"
    }

    fn probe(&self, probe: &Probe) -> Option<Confidence> {
        start(probe.head()).and_then(|_| Confidence::certain("begins with \\x89HDF"))
    }

    fn read(&self, file: &Source) -> Result<Reading> {
        let start = start(&file.bytes_at(0, 1024)?).unwrap_or(0);
        let (reader, root, findings) = reader::open(file, start as u64)?;
        let walk = Walk {
            reader,
            waiting: vec![(String::new(), root)],
            seen: HashSet::new(),
            names: Distinct::default(),
            heaps: Heaps::default(),
            document: Vec::new(),
            linked: None,
            scattered: 0,
            done: 0,
        };
        let contents = Contents { findings, ..Contents::new(self.id(), "") };
        Reading::More(contents, Box::new(walk)).settled()
    }
}

fn start(head: &[u8]) -> Option<usize> {
    STARTS.into_iter().find(|&at| head.get(at..).is_some_and(|rest| rest.starts_with(SIGNATURE)))
}

/// A walk through the objects of a file.
struct Walk {
    reader: Reader,
    /// Names and addresses of the objects still to be read, the next one last.
    waiting: Vec<(String, u64)>,
    seen: HashSet<u64>,
    names: Distinct,
    heaps: Heaps,
    /// Attributes: those of the root, and those of each object under `/` and its name.
    document: Vec<(String, Value)>,
    /// Further names of objects: how many, and the first of them.
    linked: Option<(u64, String)>,
    /// Datasets in chunks.
    scattered: u64,
    done: u64,
}

impl Walk {
    /// Reads the object at `address`, called `name`; empty for the root.
    fn object(&mut self, name: &str, address: u64, contents: &mut Contents) -> Result<()> {
        let header = Header::read(&mut self.reader, address)?;
        let attributes = self.attributes(&header, contents)?;
        if header.find(Message::LAYOUT).is_some() {
            let (mut tensor, is_scattered) = dataset::read(&mut self.reader, &header, name, &mut contents.findings)?;
            self.scattered = self.scattered.saturating_add(u64::from(is_scattered));
            // Keras keeps bfloat16 as two opaque bytes, and the name of the type beside them.
            let says = |key: &str| attributes.iter().find(|(name, _)| name == key).and_then(|(_, value)| value.text());
            if tensor.dtype.bits() == 16 && says("dtype") == Some("bfloat16") {
                tensor.dtype = DType::BF16;
            }
            tensor.role = role(name);
            let (shown, repeated) = self.names.take_name(tensor.name);
            if repeated {
                add(contents, Finding::error("hdf5-duplicate-name", format!("a name is repeated, shown as {shown:?}")));
            }
            tensor.name = shown;
            contents.tensors.push(tensor);
        } else {
            let children = group::children(&mut self.reader, &header, &mut contents.findings)?;
            for (child, address) in children.into_iter().rev() {
                let child = if name.is_empty() { child } else { format!("{name}/{child}") };
                limits::check("length of a name", limits::PATH as u64, child.len() as u64)?;
                self.waiting.push((child, address));
            }
        }
        if name.is_empty() {
            self.document.extend(attributes);
        } else if !attributes.is_empty() {
            self.document.push((format!("/{name}"), Value::Map(attributes)));
        }
        Ok(())
    }

    fn attributes(&mut self, header: &Header, contents: &mut Contents) -> Result<Vec<(String, Value)>> {
        let mut found = Vec::new();
        for message in header.all(Message::ATTRIBUTE) {
            match attribute::read(&mut self.reader, &mut self.heaps, message) {
                Ok(attribute) => found.push(attribute),
                Err(error @ Error::Io { .. }) => return Err(error),
                Err(error) => add(contents, Finding::from_error("", &error)),
            }
        }
        if header.has_dense_attributes(&mut self.reader)? {
            add(contents, Finding::note("hdf5-dense-attributes", "attributes in a fractal heap are not read"));
        }
        Ok(found)
    }

    fn next(&mut self, contents: &mut Contents) -> Result<bool> {
        let Some((name, address)) = self.waiting.pop() else { return Ok(true) };
        self.done = self.done.saturating_add(1);
        limits::check("tensors", limits::TENSORS, self.done)?;
        // A group can hold itself; a dataset may well have two names.
        if !self.seen.insert(address) {
            let (count, _) = self.linked.get_or_insert((0, name));
            *count = count.saturating_add(1);
            return Ok(false);
        }
        match self.object(&name, address, contents) {
            Err(error @ Error::Io { .. }) => Err(error),
            // Without its root there is nothing.
            Err(error) if name.is_empty() => Err(error),
            Err(error) => {
                add(contents, Finding::from_error("", &error.inside(&format!("/{name}"))));
                Ok(false)
            }
            Ok(()) => Ok(false),
        }
    }
}

/// By where Keras keeps them: `optimizer/vars/0`, `optimizer_weights/…`, `…/seed_generator/vars/0`.
fn role(name: &str) -> TensorRole {
    let first = name.split('/').next().unwrap_or_default();
    if first == "optimizer" || first == "optimizer_weights" {
        return TensorRole::Optimizer;
    }
    if name.contains("seed_generator") { TensorRole::Rng } else { TensorRole::Model }
}

fn add(contents: &mut Contents, finding: Finding) {
    if contents.findings.len() < limits::FINDINGS {
        contents.findings.push(finding);
    }
}

impl Rest for Walk {
    fn step(&mut self, contents: &mut Contents) -> Result<bool> {
        for _ in 0..STEP {
            if self.next(contents)? {
                contents.document = Some(Value::Map(std::mem::take(&mut self.document)));
                if let Some((count, first)) = self.linked.take() {
                    let message =
                        format!("further names of objects that are listed already: {count}, the first /{first}");
                    add(contents, Finding::note("hdf5-hard-link", message));
                }
                if self.scattered > 0 {
                    let message = format!("datasets in chunks, which are listed and not read: {}", self.scattered);
                    add(contents, Finding::note("hdf5-chunked", message));
                }
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn progress(&self) -> (u64, u64) {
        (self.done, self.done.saturating_add(self.waiting.len() as u64))
    }
}

#[cfg(test)]
mod tests;
