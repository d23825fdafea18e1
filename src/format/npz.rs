//! `.npz`: a zip of NumPy arrays, as `numpy.savez`, `savez_compressed` and MLX write it.
//!
//! The directory gives the names, a piece at a time. Then each member's `.npy` header is read: of a stored member with
//! one read that takes local header and array header together, of a deflated one by inflating its first bytes only.

use flate2::{Decompress, FlushDecompress};
use std::io::Read;

use super::numpy::{Header, pending};
use super::{Confidence, Format, Probe, Reading, Rest};
use crate::archive::Distinct;
use crate::archive::zip::{Directory, Record, ZipKind, inspect};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::{Contents, DType, Finding, Layer, Tensor};
use crate::source::{Source, Wrapping, zip_data_offset};

/// Members whose headers are read in one step: a few milliseconds.
const STEP: usize = 500;
/// Bytes that hold a local header, a name and an array header in nearly every file.
const GUESS: usize = 512;
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
        let rest = Members::new(file.clone(), Directory::open(file.clone())?);
        let reading = Reading::More(Contents::new(self.id(), ""), Box::new(rest)).settled()?;
        Ok(reading)
    }
}

/// A member whose header is to be read: its tensor has the same index.
struct Member {
    header: u64,
    stored: u64,
    size: u64,
    deflated: bool,
    sealed: bool,
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
            contents.findings.extend(self.directory.findings());
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
                let (mut read, findings) = header.tensor(name, member.len());
                if let Some(place) = &mut read.place {
                    place.layers = member.layers(data, &place.layers);
                }
                *tensor = read;
                findings.into_iter().for_each(|finding| add(contents, finding.in_entry(&entry)));
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

impl Member {
    /// Bytes of the array's file.
    fn len(&self) -> u64 {
        if self.deflated { self.size } else { self.stored }
    }

    /// From the zip to the tensor's data: `inner` leads there from the array's file, whose stored bytes begin at `data`.
    fn layers(&self, data: u64, inner: &[Layer]) -> Vec<Layer> {
        match inner {
            [Layer::Window { offset, len }] if !self.deflated => {
                vec![Layer::Window { offset: data.saturating_add(*offset), len: *len }]
            }
            _ => {
                let stored = Layer::Window { offset: data, len: self.stored };
                let mut layers = vec![stored, Layer::Inflate { size: self.size }];
                layers.extend_from_slice(inner);
                layers
            }
        }
    }
}

/// The array header of a member, and where the member's stored bytes begin. `head` is working memory.
fn read_header(file: &Source, member: &Member, head: &mut [u8], inflate: &mut Decompress) -> Result<(Header, u64)> {
    let filled = file.fill_at(member.header, head)?;
    let head = head.get(..filled).unwrap_or_default();
    let Some(distance) = zip_data_offset(head) else {
        let what = "expected a local header (PK\\3\\4) here, found other bytes";
        return Err(Error::malformed("zip", member.header, what));
    };
    let data = member.header.saturating_add(distance);
    let Some(stored) = file.window(data, member.stored) else {
        let end = data.saturating_add(member.stored);
        let what = format!("the member ends at byte {end}, the archive at byte {}", file.len());
        return Err(Error::malformed("zip", data, what));
    };
    let there = usize::try_from(distance).ok().and_then(|at| head.get(at..)).unwrap_or_default();
    let there = there.get(..usize::try_from(member.stored).unwrap_or(usize::MAX)).unwrap_or(there);
    let header = if member.deflated { inflated_header(&stored, there, inflate) } else { stored_header(&stored, there) };
    Ok((header?, data))
}

fn stored_header(stored: &Source, there: &[u8]) -> Result<Header> {
    match whole(there)? {
        Some(header) => Ok(header),
        None => {
            let len = Header::len(&stored.bytes_at(0, 12)?)?;
            Header::parse(&stored.exact_at(0, len, "npy", "the header")?)
        }
    }
}

fn inflated_header(stored: &Source, there: &[u8], inflate: &mut Decompress) -> Result<Header> {
    let mut plain = [0_u8; GUESS];
    inflate.reset(false);
    // A stream that breaks here breaks below too, where it is reported.
    let _status = inflate.decompress(there, &mut plain, FlushDecompress::None);
    let count = usize::try_from(inflate.total_out()).unwrap_or(usize::MAX);
    if let Some(header) = whole(plain.get(..count).unwrap_or_default())? {
        return Ok(header);
    }
    let mut decoder = Wrapping::Deflate.decoder(stored.clone());
    let mut bytes = Vec::new();
    let mut more = |len: u64, bytes: &mut Vec<u8>| {
        let missing = len.saturating_sub(bytes.len() as u64);
        decoder.by_ref().take(missing).read_to_end(bytes).map_err(|cause| broken(stored, bytes.len(), cause))
    };
    more(12, &mut bytes)?;
    let len = Header::len(&bytes)?;
    more(len, &mut bytes)?;
    Header::parse(&bytes)
}

/// The header when all of it is in `bytes`.
fn whole(bytes: &[u8]) -> Result<Option<Header>> {
    if bytes.len() < 12 {
        return Ok(None);
    }
    if Header::len(bytes)? > bytes.len() as u64 { Ok(None) } else { Header::parse(bytes).map(Some) }
}

fn broken(stored: &Source, at: usize, cause: std::io::Error) -> Error {
    match cause.kind() {
        std::io::ErrorKind::InvalidInput | std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof => {
            Error::malformed("zip", at as u64, format!("the deflated stream breaks: {cause}"))
        }
        _ => Error::io(stored.name(), at as u64, cause),
    }
}

/// Adds a finding, unless there are too many already.
fn add(contents: &mut Contents, finding: Finding) {
    if contents.findings.len() < limits::FINDINGS {
        contents.findings.push(finding);
    }
}

impl Rest for Members {
    fn step(&mut self, contents: &mut Contents) -> Result<bool> {
        if !self.named {
            self.walk(contents)?;
            return Ok(self.named && self.members.is_empty());
        }
        for _ in 0..STEP {
            if self.next >= self.members.len() {
                break;
            }
            self.complete(self.next, contents)?;
            self.next = self.next.saturating_add(1);
        }
        Ok(self.next >= self.members.len())
    }

    fn progress(&self) -> (u64, u64) {
        (self.next as u64, self.directory.promised().max(self.members.len() as u64))
    }
}
