//! The zip that `torch.save` writes since 1.6, and `torch.jit.save`: `<root>/data.pkl` with storages `<root>/data/<key>`.
//!
//! Every generation: `byteorder`, `.data/serialization_id`, `.format_version` and `.storage_alignment` came one after
//! another. Where a storage's bytes begin is in its local header (padded for alignment), read when they are.

use super::members::Members;
use crate::archive::zip::{Directory, Record, ZipKind, inspect};
use crate::error::{Error, Result};
use crate::format::python::{self, GAP, Unpickling, Where, stray, unpickle};
use crate::format::{Confidence, Format, Probe, Reading, Rest};
use crate::limits;
use crate::model::{Contents, Finding};
use crate::source::Source;

/// The pickle.
const PICKLE: &str = "data.pkl";
/// Members whose local headers are compared with the directory when the file is opened.
const FEW: usize = 64;
/// Small members shown as metadata.
const METADATA: [&str; 5] = ["version", "byteorder", ".format_version", ".storage_alignment", ".data/serialization_id"];

/// The zip format of torch.
pub(in crate::format) struct TorchZip;

impl Format for TorchZip {
    fn id(&self) -> &'static str {
        "torch_zip"
    }

    fn name(&self) -> &'static str {
        "PyTorch"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["pt", "pth", "ckpt", "bin"]
    }

    fn spec(&self) -> &'static str {
        "https://docs.pytorch.org/docs/stable/notes/serialization.html"
    }

    fn probe(&self, probe: &Probe) -> Option<Confidence> {
        match probe.zip() {
            Some((ZipKind::Torch, evidence)) => Confidence::certain(evidence),
            _ => None,
        }
    }

    fn read(&self, file: &Source) -> Result<Reading> {
        let directory = Directory::open(file.clone())?.comparing(FEW);
        let stage = Stage::Directory(Box::new((directory, Members::default())));
        Reading::More(Contents::new(self.id(), ""), Box::new(TorchRest { file: file.clone(), stage })).settled()
    }
}

/// A torch zip being read.
struct TorchRest {
    file: Source,
    stage: Stage,
}

enum Stage {
    Directory(Box<(Directory, Members)>),
    Pickle(Box<Unpickling>),
    Done,
}

impl Rest for TorchRest {
    fn step(&mut self, contents: &mut Contents) -> Result<bool> {
        match &mut self.stage {
            Stage::Directory(inner) => {
                let (directory, members) = &mut **inner;
                if walk(&self.file, directory, members, contents)? {
                    contents.findings.extend(directory.findings()?);
                    members.hide(directory.hidden());
                    for range in directory.strays() {
                        stray(&self.file, range, GAP, contents)?;
                    }
                    self.stage = begin(&self.file, std::mem::take(members), contents)?;
                    return self.step(contents);
                }
                Ok(false)
            }
            Stage::Pickle(unpickling) => unpickling.step(contents),
            Stage::Done => Ok(true),
        }
    }

    fn progress(&self) -> (u64, u64) {
        match &self.stage {
            Stage::Directory(inner) => (inner.0.position(), self.file.len()),
            Stage::Pickle(unpickling) => unpickling.progress(),
            Stage::Done => (1, 1),
        }
    }
}

/// Takes the names of the next piece of the directory; true at its end.
fn walk(file: &Source, directory: &mut Directory, members: &mut Members, contents: &mut Contents) -> Result<bool> {
    let mut records = Vec::new();
    let walked = directory.step(|record| records.push(record));
    for record in &records {
        take(file, record, members, contents);
    }
    match walked {
        Err(error) if members.has(PICKLE) && !matches!(error, Error::Io { .. }) => {
            contents.findings.push(Finding::from_error("", &error));
            Ok(true)
        }
        walked => walked,
    }
}

fn take(file: &Source, record: &Record, members: &mut Members, contents: &mut Contents) {
    let mut findings = inspect(record, &record.name, file.len());
    if let Some((code, message)) = members.take(record) {
        findings.push(Finding::error(code, message).in_entry(&record.name).at(record.offset));
    }
    let room = limits::FINDINGS.saturating_sub(contents.findings.len());
    contents.findings.extend(findings.into_iter().take(room));
}

/// Reads the small members, and begins with the pickle.
fn begin(file: &Source, mut members: Members, contents: &mut Contents) -> Result<Stage> {
    for name in METADATA {
        match members.text(file, name) {
            Ok(Some(text)) => contents.metadata.push((name.to_owned(), text)),
            Ok(None) => {}
            Err(error @ Error::Io { .. }) => return Err(error),
            Err(error) => contents.findings.push(Finding::from_error("", &error.inside(&members.full(name)))),
        }
    }
    let order = contents.metadata.iter().find(|(name, _)| name == "byteorder").map(|(_, order)| order.as_str());
    members.set_big(order == Some("big"));
    if let Some(order) = order.filter(|order| !matches!(*order, "big" | "little")) {
        let message = format!("expected the byte order little or big, found {order:?}: taken for little");
        contents.findings.push(Finding::error("torch-byteorder", message));
    }
    if members.has("constants.pkl") || members.has_folder("code/") {
        let message = "a TorchScript program: its tensors are listed, its code is not read";
        contents.findings.push(Finding::note("torchscript", message));
        "zip with data.pkl, constants.pkl and code: a TorchScript program".clone_into(&mut contents.evidence);
    }
    let entry = members.full(PICKLE);
    let Some((layers, _)) = members.layers(PICKLE) else {
        contents.findings.push(Finding::error("torch-no-pickle", format!("there is no {entry}")));
        python::members(file, members.strays(), contents)?;
        return Ok(Stage::Done);
    };
    let source = match members.open(file, PICKLE) {
        Ok(Some(source)) => source,
        Ok(None) => return Ok(Stage::Done),
        Err(error @ Error::Io { .. }) => return Err(error),
        Err(error) => {
            contents.findings.push(Finding::from_error("", &error.inside(&entry)));
            python::members(file, members.strays(), contents)?;
            return Ok(Stage::Done);
        }
    };
    let file = file.clone();
    let unpickling = Unpickling::new(&source, 0, move |mut program, contents| {
        let left = program.source.len().saturating_sub(program.end);
        contents.document = unpickle(&mut program, &file, (Some(&entry), layers.clone()), "", &members, contents)?;
        if left > 0 && program.stopped.is_none() {
            let message = format!("{left} bytes follow the pickle");
            contents.findings.push(Finding::warning("pickle-trailing", message).in_entry(&entry).at(program.end));
            let place = Where { entry: Some(&entry), words: "behind the pickle", depth: 0 };
            stray(&program.source, (program.end, program.source.len()), place, contents)?;
        }
        let (unused, bytes) = members.unused();
        if unused > 0 && program.stopped.is_none() {
            let message = format!("storages that nothing in the pickle leads to: {unused}, {bytes} bytes");
            contents.findings.push(Finding::note("torch-unused-storage", message));
        }
        python::members(&file, members.strays(), contents)
    });
    Ok(Stage::Pickle(Box::new(unpickling)))
}
