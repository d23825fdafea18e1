//! The pieces of a distributed checkpoint (`torch/distributed/checkpoint/filesystem.py` of torch 2.15): files of
//! `torch.save` one behind the other, each a zip with one tensor or one other value.
//!
//! Only the end of a zip says where it begins, so they are found from the last to the first. Which tensor a piece is part
//! of, `.metadata` beside the file says; here it is called by its first byte.

use super::zip::TorchZip;
use crate::archive::zip::{Directory, ZipKind};
use crate::error::{Error, Result};
use crate::format::{Confidence, Format, Probe, Reading, Rest};
use crate::limits;
use crate::model::{Contents, Finding, Layer};
use crate::source::Source;

/// Pieces read in one step.
const STEP: usize = 32;

/// Zips of torch, one behind the other.
pub(in crate::format) struct TorchPieces;

impl Format for TorchPieces {
    fn id(&self) -> &'static str {
        "torch_pieces"
    }

    fn name(&self) -> &'static str {
        "PyTorch distributed checkpoint piece"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["distcp"]
    }

    fn spec(&self) -> &'static str {
        "https://docs.pytorch.org/docs/stable/distributed.checkpoint.html"
    }

    fn probe(&self, probe: &Probe) -> Option<Confidence> {
        let is_torch = matches!(probe.zip(), Some((ZipKind::Torch, _)));
        (is_torch && probe.extension() == "distcp")
            .then(|| Confidence::certain("zips of torch, one behind the other"))?
    }

    fn read(&self, file: &Source) -> Result<Reading> {
        let rest = Pieces { file: file.clone(), end: file.len(), count: 0 };
        Reading::More(Contents::new(self.id(), ""), Box::new(rest)).settled()
    }
}

/// The pieces that are still to be read.
struct Pieces {
    file: Source,
    /// The byte after them.
    end: u64,
    /// Those that were read.
    count: u64,
}

impl Rest for Pieces {
    fn step(&mut self, contents: &mut Contents) -> Result<bool> {
        for _ in 0..STEP {
            if self.end == 0 {
                contents.tensors.reverse();
                return Ok(true);
            }
            match self.piece(contents) {
                Ok(()) => {}
                Err(error @ Error::Io { .. }) => return Err(error),
                Err(error) => {
                    // What lies before cannot be found without it.
                    let at = self.end;
                    let finding = Finding::from_error("", &error).at(at);
                    contents.findings.push(finding);
                    self.end = 0;
                }
            }
        }
        Ok(false)
    }

    fn progress(&self) -> (u64, u64) {
        (self.file.len().saturating_sub(self.end), self.file.len())
    }
}

impl Pieces {
    /// Reads the last piece that is left.
    fn piece(&mut self, contents: &mut Contents) -> Result<()> {
        limits::check("pieces", limits::TENSORS, self.count)?;
        self.count = self.count.saturating_add(1);
        let left = self.window(0, self.end)?;
        let start = Directory::open(left)?.prefix();
        if start >= self.end {
            return Err(Error::malformed("torch_pieces", self.end, "a piece without bytes"));
        }
        let len = self.end.saturating_sub(start);
        let mut found = match TorchZip.read(&self.window(start, len)?)? {
            Reading::Done(found) => found,
            Reading::More(mut found, mut rest) => {
                while !rest.step(&mut found)? {}
                found
            }
        };
        for tensor in found.tensors.iter_mut().rev() {
            tensor.name =
                if tensor.name == "value" { format!("@{start}") } else { format!("@{start}.{}", tensor.name) };
            if let Some(place) = &mut tensor.place {
                place.layers.insert(0, Layer::Window { offset: start, len });
            }
        }
        contents.tensors.extend(found.tensors.into_iter().rev());
        let room = limits::FINDINGS.saturating_sub(contents.findings.len());
        let moved = found.findings.into_iter().take(room).map(|finding| match finding.offset {
            Some(at) if finding.entry.is_none() => finding.at(start.saturating_add(at)),
            _ => finding,
        });
        contents.findings.extend(moved);
        match contents.pickles.len() {
            few if few < limits::FINDINGS => contents.pickles.append(&mut found.pickles),
            many if many == limits::FINDINGS => {
                let message = format!("the pickles of {many} pieces are listed, those of the pieces before are not");
                contents.findings.push(Finding::note("pickles-cut", message).at(self.end));
                contents.pickles.append(&mut found.pickles);
            }
            _ => {}
        }
        self.end = start;
        Ok(())
    }

    fn window(&self, offset: u64, len: u64) -> Result<Source> {
        let found = self.file.window(offset, len);
        found.ok_or_else(|| Error::malformed("torch_pieces", offset, "the file ends inside a piece"))
    }
}
