//! PyTorch files of the sizes that people have: what opening one costs is its pickle and its directory, never its data.

use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

use flate2::Crc;
use weighbridge::model::{Locator, Opened, Role, Severity};
use weighbridge::source::{ReadAt, Roots};

use crate::opening::inspect_folder;

/// A file of which only a few pieces are not zero.
struct Sparse {
    pieces: BTreeMap<u64, Vec<u8>>,
    len: u64,
}

impl ReadAt for Sparse {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let count = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(usize::MAX).min(out.len());
        let out = &mut out[..count];
        out.fill(0);
        let end = offset + count as u64;
        let first = self.pieces.range(..=offset).next_back().map_or(0, |(at, _)| *at);
        for (at, piece) in self.pieces.range(first..end) {
            for (index, byte) in piece.iter().enumerate().skip(offset.saturating_sub(*at) as usize) {
                let Some(to) = (at + index as u64).checked_sub(offset).and_then(|to| out.get_mut(to as usize)) else {
                    break;
                };
                *to = *byte;
            }
        }
        Ok(count)
    }
}

/// A state dict of `count` tensors of `elements` numbers each, as `torch.save` writes it: stored members, the storages
/// aligned to 64 bytes, the directory at the end.
struct Saved {
    file: Sparse,
    directory: Vec<u8>,
    members: u16,
}

impl Saved {
    fn of(count: u64, elements: u64) -> Sparse {
        let empty = Sparse { pieces: BTreeMap::new(), len: 0 };
        let mut saved = Self { file: empty, directory: Vec::new(), members: 0 };
        saved.member("archive/data.pkl", &pickle(count, elements), None);
        saved.member("archive/byteorder", b"little", None);
        for number in 0..count {
            saved.member(&format!("archive/data/{number}"), &[], Some(elements * 4));
        }
        saved.member("archive/version", b"3\n", None);
        saved.end()
    }

    /// A member with these bytes, or with so many zeros.
    fn member(&mut self, name: &str, bytes: &[u8], zeros: Option<u64>) {
        let at = self.file.len;
        let mut crc = Crc::new();
        crc.update(bytes);
        let size = u32::try_from(zeros.unwrap_or(bytes.len() as u64)).unwrap();
        let plain = at + 30 + name.len() as u64 + 4;
        let padding = (64 - plain % 64) % 64;
        let extra = u16::try_from(padding + 4).unwrap();
        let mut shared = Vec::new();
        shared.extend(20_u16.to_le_bytes());
        shared.extend([0_u8, 8, 0, 0, 0, 0, 0, 0]);
        shared.extend(crc.sum().to_le_bytes());
        shared.extend([size, size].map(u32::to_le_bytes).concat());
        shared.extend((name.len() as u16).to_le_bytes());
        let mut header = b"PK\x03\x04".to_vec();
        header.extend(&shared);
        header.extend(extra.to_le_bytes());
        header.extend(name.as_bytes());
        header.extend(b"FB");
        header.extend(u16::try_from(padding).unwrap().to_le_bytes());
        header.resize(header.len() + padding as usize, 0);
        header.extend(bytes);
        let end = at + header.len() as u64 + zeros.unwrap_or(0);
        self.file.pieces.insert(at, header);
        self.file.len = end;
        self.directory.extend(b"PK\x01\x02\x14\x00");
        self.directory.extend(&shared);
        self.directory.extend([0; 12]);
        self.directory.extend(u32::try_from(at).unwrap().to_le_bytes());
        self.directory.extend(name.as_bytes());
        self.members += 1;
    }

    fn end(mut self) -> Sparse {
        let (at, len) = (self.file.len, self.directory.len());
        self.directory.extend(b"PK\x05\x06\x00\x00\x00\x00");
        self.directory.extend([self.members, self.members].map(u16::to_le_bytes).concat());
        self.directory.extend((len as u32).to_le_bytes());
        self.directory.extend(u32::try_from(at).unwrap().to_le_bytes());
        self.directory.extend([0, 0]);
        self.file.len = at + self.directory.len() as u64;
        self.file.pieces.insert(at, self.directory);
        self.file
    }
}

/// `{"layers.0.weight": tensor, …}` in protocol 2.
fn pickle(count: u64, elements: u64) -> Vec<u8> {
    let mut bytes = b"\x80\x02}(".to_vec();
    let text = |bytes: &mut Vec<u8>, text: &str| {
        bytes.push(b'X');
        bytes.extend((text.len() as u32).to_le_bytes());
        bytes.extend(text.as_bytes());
    };
    let number = |bytes: &mut Vec<u8>, number: u64| {
        bytes.push(b'J');
        bytes.extend((number as u32).to_le_bytes());
    };
    for index in 0..count {
        text(&mut bytes, &format!("layers.{index}.weight"));
        bytes.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        text(&mut bytes, "storage");
        bytes.extend(b"ctorch\nFloatStorage\n");
        text(&mut bytes, &index.to_string());
        text(&mut bytes, "cpu");
        number(&mut bytes, elements);
        bytes.extend(b"tQK\x00");
        number(&mut bytes, elements);
        bytes.extend(b"\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR");
    }
    bytes.extend(b"u.");
    bytes
}

fn open(file: Sparse) -> (Opened, Rc<Sparse>) {
    let file = Rc::new(file);
    let opened = inspect_folder("run", vec![("run/epoch_3.pt".to_owned(), Rc::clone(&file) as Rc<dyn ReadAt>)]);
    let [run] = opened.runs.as_slice() else { panic!("{:?}", opened.runs) };
    assert_eq!((run.layout.as_str(), run.checkpoints[0].epoch), ("torch_files", Some(3.0)));
    assert_eq!(run.checkpoints[0].files[0].role, Role::Model);
    (opened, file)
}

#[test]
fn a_file_of_three_gigabytes_costs_what_one_of_three_megabytes_does() {
    let (small, _) = open(Saved::of(291, 2_600));
    let (large, file) = open(Saved::of(291, 2_600_000));
    assert!((3_020_000_000..3_100_000_000).contains(&file.len), "{}", file.len);
    let read = |opened: &Opened| opened.sources[0].bytes_read;
    // Where the directory begins within a block of the cache differs.
    assert!(read(&large) <= read(&small) + (64 << 10), "{} and {}", read(&small), read(&large));
    assert!(read(&large) < 400_000, "{}", read(&large));
    // The last tensor is where it was put.
    let tensor = large.contents_at(0).unwrap().tensors.last().unwrap();
    assert_eq!((tensor.name.as_str(), tensor.size_bytes), ("layers.290.weight", 10_400_000));
    let roots = Roots::new(vec![weighbridge::source::Source::new("x", file.clone() as Rc<dyn ReadAt>)]);
    let place = tensor.place.as_ref().unwrap();
    let data = roots.open(&Locator::root(0).then(&place.layers)).unwrap();
    assert_eq!((data.len(), data.bytes_at(0, 16).unwrap()), (10_400_000, vec![0; 16]));
}

/// The pickle is read once, the directory twice (what kind of zip is it?); the members' own headers are not.
#[test]
fn forty_nine_thousand_tensors_cost_the_pickle_and_the_directory() {
    let saved = Saved::of(49_152, 16);
    let pickle = saved.pieces[&0].len() as u64;
    let directory = saved.pieces.last_key_value().unwrap().1.len() as u64;
    let len = saved.len;
    let (opened, _) = open(saved);
    let tensors = &opened.contents_at(0).unwrap().tensors;
    assert_eq!((tensors.len(), tensors[49_151].name.as_str()), (49_152, "layers.49151.weight"));
    // That not every local header was looked at is noted.
    let findings = &opened.contents_at(0).unwrap().findings;
    assert!(findings.iter().all(|finding| finding.severity == Severity::Note), "{findings:?}");
    let read = opened.sources[0].bytes_read;
    assert!(
        read < pickle + 2 * directory + (64 << 10),
        "{read} of {len}: {pickle} of pickle, {directory} of directory"
    );
}
