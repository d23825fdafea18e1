//! `.npy`: one NumPy array (`numpy.lib.format`, versions 1 to 3).
//!
//! Every type NumPy can write is shown; data is never read. Of object arrays the pickle is read, and never run.

use super::numpy::{Header, MAGIC};
use super::python::{NoStorages, Unpickling, unpickle};
use super::{Confidence, Format, Probe, Reading};
use crate::error::Result;
use crate::model::{Contents, base_name};
use crate::source::Source;

/// The `.npy` format.
pub(super) struct Npy;

impl Format for Npy {
    fn id(&self) -> &'static str {
        "npy"
    }

    fn name(&self) -> &'static str {
        "NumPy array"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["npy"]
    }

    fn spec(&self) -> &'static str {
        "https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html"
    }

    fn probe(&self, probe: &Probe) -> Option<Confidence> {
        if probe.head().starts_with(MAGIC) { Confidence::certain("starts with \\x93NUMPY") } else { None }
    }

    fn read(&self, file: &Source) -> Result<Reading> {
        let len = Header::len(&file.bytes_at(0, 12)?)?;
        let header = Header::parse(&file.exact_at(0, len, self.id(), "the header")?)?;
        // The array has no name of its own: the file's serves.
        let name = base_name(file.name());
        let name = name.strip_suffix(".npy").unwrap_or(name);
        let objects = header.is_object().then_some(header.data);
        let (tensor, findings) = header.tensor(name.to_owned(), file.len());
        let contents = Contents { tensors: vec![tensor], findings, ..Contents::new(self.id(), "") };
        let Some(at) = objects else { return Ok(Reading::Done(contents)) };
        let source = file.clone();
        let rest = Unpickling::new(file, at, move |mut program, contents| {
            let document = unpickle(&mut program, &source, (None, Vec::new()), "", &NoStorages, contents)?;
            contents.document = document;
            Ok(())
        });
        Reading::More(contents, Box::new(rest)).settled()
    }
}
