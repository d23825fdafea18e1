//! `.npz`: a zip of NumPy arrays, as `numpy.savez`, `savez_compressed` and MLX write it.
//!
//! The directory gives the names, a piece at a time. Then each member's `.npy` header is read: of a stored member with
//! one read that takes local header and array header together, of a deflated one by inflating its first bytes only.

mod member;

use flate2::Decompress;

use super::numpy::{BFLOAT16, pending};
use super::python::{GAP, NoStorages, members, stray, unpickle};
use super::{Confidence, Format, Probe, Reading, Rest};
use crate::archive::Distinct;
use crate::archive::zip::{Directory, Record, ZipKind, inspect};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::{Contents, DType, Finding, Layer, Locator, Tensor, Value};
use crate::pickle::Machine;
use crate::source::{Roots, Source};
use member::{GUESS, Member, read_header};

/// Members whose headers are read in one step: a few milliseconds.
const STEP: usize = 500;
/// Members whose local headers are compared with the directory when the file is opened.
const FEW: usize = 64;
/// Members that are no arrays, named one by one.
const OTHERS: u64 = 20;

/// The `.npz` format.
pub(super) struct Npz;

impl Format for Npz {
    fn id(&self) -> &'static str {
        "npz"
    }

    fn name(&self) -> &'static str {
        "NumPy archive"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["npz"]
    }

    fn spec(&self) -> &'static str {
        "https://numpy.org/doc/stable/reference/generated/numpy.savez.html"
    }

    fn probe(&self, probe: &Probe) -> Option<Confidence> {
        match probe.zip() {
            Some((ZipKind::Npz, evidence)) => Confidence::certain(evidence),
            None if probe.extension() == "npz" && probe.head().starts_with(b"PK") => {
                Confidence::likely("starts with PK and is called .npz")
            }
            _ => None,
        }
    }

    fn read(&self, file: &Source) -> Result<Reading> {
        let rest = Members::new(file.clone(), Directory::open(file.clone())?.comparing(FEW));
        let reading = Reading::More(Contents::new(self.id(), ""), Box::new(rest)).settled()?;
        Ok(reading)
    }
}

/// The members of an `.npz`, being read.
struct Members {
    file: Source,
    directory: Directory,
    /// Whether the directory was walked to its end.
    named: bool,
    names: Distinct,
    members: Vec<Member>,
    next: usize,
    others: u64,
    /// Members that are no arrays, and the ways to their bytes.
    strays: Vec<(String, Vec<Layer>)>,
    /// Arrays taken for bfloat16, and the first of them.
    bfloat16: (u64, String),
    head: Vec<u8>,
    inflate: Decompress,
}

impl Members {
    fn new(file: Source, directory: Directory) -> Self {
        Self {
            file,
            directory,
            named: false,
            names: Distinct::default(),
            members: Vec::new(),
            next: 0,
            others: 0,
            strays: Vec::new(),
            bfloat16: (0, String::new()),
            head: vec![0; GUESS],
            inflate: Decompress::new(false),
        }
    }

    /// Takes the names of the next piece of the directory.
    fn walk(&mut self, contents: &mut Contents) -> Result<()> {
        let mut records = Vec::new();
        let walked = self.directory.step(|record| records.push(record));
        for record in records {
            limits::check("tensors", limits::TENSORS, contents.tensors.len() as u64)?;
            self.name(record, contents);
        }
        match walked {
            Ok(done) => self.named = done,
            Err(error) if matches!(error, Error::Io { .. }) || self.members.is_empty() => return Err(error),
            Err(error) => {
                self.named = true;
                add(contents, Finding::from_error("", &error));
            }
        }
        if self.named {
            contents.findings.extend(self.directory.findings()?);
            self.strays.extend(self.directory.hidden().into_iter().map(|member| (member.name, member.layers)));
            for range in self.directory.strays() {
                stray(&self.file, range, GAP, contents)?;
            }
            if let Some(more) = self.others.checked_sub(OTHERS).filter(|&more| more > 0) {
                contents
                    .findings
                    .push(Finding::note("npz-other-member", format!("further members that are not arrays: {more}")));
            }
        }
        Ok(())
    }

    fn name(&mut self, record: Record, contents: &mut Contents) {
        let Some(name) = record.name.strip_suffix(".npy") else {
            self.others = self.others.saturating_add(1);
            if self.others <= OTHERS {
                let message = format!("member {:?} does not end in .npy, not read", record.name);
                add(contents, Finding::note("npz-other-member", message).at(record.offset));
            }
            if self.strays.len() < limits::PICKLE_HIDDEN {
                self.strays.push((record.name.clone(), record.layers_despite_flags()));
            }
            return;
        };
        let (name, repeated) = self.names.take_name(name.to_owned());
        if repeated {
            let message = format!("the name {:?} occurs more than once, shown as {name:?}", record.name);
            add(contents, Finding::error("zip-duplicate-name", message).at(record.offset));
        }
        for finding in inspect(&record, &record.name, self.file.len()) {
            add(contents, finding);
        }
        let Record { header, stored, size, .. } = record;
        let (deflated, sealed) = (record.method == 8, record.seal().is_some());
        self.members.push(Member { header, stored, size, deflated, sealed });
        contents.tensors.push(pending(name));
    }

    /// Reads the header of member `index` into its tensor.
    fn complete(&mut self, index: usize, contents: &mut Contents) -> Result<()> {
        let Some((tensor, member)) = contents.tensors.get_mut(index).zip(self.members.get(index)) else {
            return Ok(());
        };
        let name = tensor.name.clone();
        let entry = format!("{name}.npy");
        let unread = Tensor { size_bytes: member.size, dtype: DType::Other("?".into(), 0), ..pending(name.clone()) };
        if member.sealed {
            *tensor = unread;
            return Ok(());
        }
        match read_header(&self.file, member, &mut self.head, &mut self.inflate) {
            Ok((header, data)) => {
                let objects = header.is_object().then(|| (member.whole(data), header.data));
                let (mut read, findings) = header.tensor(name.clone(), member.len());
                if let Some(place) = &mut read.place {
                    place.layers = member.layers(data, &place.layers);
                }
                *tensor = read;
                for finding in findings {
                    if finding.code != BFLOAT16 {
                        add(contents, finding.in_entry(&entry));
                    } else if self.bfloat16.0 == 0 {
                        self.bfloat16 = (1, finding.message);
                    } else {
                        self.bfloat16.0 = self.bfloat16.0.saturating_add(1);
                    }
                }
                if let Some((layers, at)) = objects {
                    self.unpickle(&name, &entry, layers, at, contents)?;
                }
            }
            Err(error @ Error::Io { .. }) => return Err(error),
            Err(error) => {
                *tensor = unread;
                add(contents, Finding::from_error("", &error.inside(&entry)));
            }
        }
        Ok(())
    }
}

impl Members {
    /// Reads the pickle of an array of objects into the document.
    fn unpickle(&self, name: &str, entry: &str, layers: Vec<Layer>, at: u64, contents: &mut Contents) -> Result<()> {
        let array = Roots::new(vec![self.file.clone()]).open(&Locator::root(0).then(&layers))?;
        let mut program = Machine::run(array, at)?;
        let value = unpickle(&mut program, &self.file, (Some(entry), layers), name, &NoStorages, contents)?;
        let document = contents.document.get_or_insert_with(|| Value::Map(Vec::new()));
        if let (Value::Map(pairs), Some(value)) = (document, value) {
            pairs.push((name.to_owned(), value));
        }
        Ok(())
    }
}

/// Adds a finding, unless there are too many already.
fn add(contents: &mut Contents, finding: Finding) {
    if contents.findings.len() < limits::FINDINGS {
        contents.findings.push(finding);
    }
}

impl Members {
    /// Says once what is true of many arrays.
    fn finish(&mut self, contents: &mut Contents) {
        let (count, mut message) = std::mem::take(&mut self.bfloat16);
        if count > 1 {
            message.push_str(&format!(", like {} further arrays", count.saturating_sub(1)));
        }
        if count > 0 {
            add(contents, Finding::note(BFLOAT16, message));
        }
    }
}

impl Rest for Members {
    fn step(&mut self, contents: &mut Contents) -> Result<bool> {
        if !self.named {
            self.walk(contents)?;
            if self.named {
                // NumPy gives members that are no arrays as bytes: one may be a pickle all the same.
                members(&self.file, std::mem::take(&mut self.strays), contents)?;
            }
            return Ok(self.named && self.members.is_empty());
        }
        for _ in 0..STEP {
            if self.next >= self.members.len() {
                break;
            }
            self.complete(self.next, contents)?;
            self.next = self.next.saturating_add(1);
        }
        let done = self.next >= self.members.len();
        if done {
            self.finish(contents);
        }
        Ok(done)
    }

    fn progress(&self) -> (u64, u64) {
        (self.next as u64, self.directory.promised().max(self.members.len() as u64))
    }
}
