//! PyTorch files: one large, one small, one with very many tensors.
//!
//! Laid out as `torch.save` does it since 1.6: a zip with stored members, the pickle first, each storage aligned to 64
//! bytes, the directory at the end. `torch.load` reads them; digests of storages are left out, as torch lets one do.

use super::random::Random;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use xtask::process::Result;

/// 291 tensors of 2.6 million numbers each: 3.03 GB.
pub fn large(path: &Path) -> Result {
    write(path, 291, 2_600_000)
}

/// The same with 2,600 numbers each: 3 MB.
pub fn small(path: &Path) -> Result {
    write(path, 291, 2_600)
}

/// 49,152 tensors of 16 numbers.
pub fn many(path: &Path) -> Result {
    write(path, 49_152, 16)
}

fn write(path: &Path, tensors: u32, numbers: u32) -> Result {
    write_to(path, tensors, numbers).map_err(|cause| format!("{}: {cause}", path.display()))
}

fn write_to(path: &Path, tensors: u32, numbers: u32) -> io::Result<()> {
    let mut zip = Zip { file: BufWriter::new(File::create(path)?), at: 0, directory: Vec::new(), members: 0 };
    let pickle = pickle(tensors, numbers);
    zip.member("archive/data.pkl", pickle.len() as u32, crc32(&pickle))?;
    zip.put(&pickle)?;
    zip.member("archive/byteorder", 6, crc32(b"little"))?;
    zip.put(b"little")?;
    let mut random = Random::new(u64::from(tensors));
    for key in 0..tensors {
        zip.member(&format!("archive/data/{key}"), numbers * 4, 0)?;
        random.write_bf16(u64::from(numbers) * 4, &mut zip.file)?;
        zip.at += numbers * 4;
    }
    zip.member("archive/version", 2, crc32(b"3\n"))?;
    zip.put(b"3\n")?;
    zip.end()
}

/// A zip of less than 4 GB and of less than 65,536 members.
struct Zip {
    file: BufWriter<File>,
    at: u32,
    directory: Vec<u8>,
    members: u16,
}

impl Zip {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.at += bytes.len() as u32;
        self.file.write_all(bytes)
    }

    /// The header of a member, with its data at a multiple of 64 bytes.
    fn member(&mut self, name: &str, size: u32, crc: u32) -> io::Result<()> {
        const ALIGNMENT: u32 = 64;
        let fixed = [&20_u16.to_le_bytes()[..], &[0, 8, 0, 0, 0, 0, 0x21, 0], &crc.to_le_bytes()].concat();
        let sizes = [size.to_le_bytes(), size.to_le_bytes()].concat();
        let length = (name.len() as u16).to_le_bytes();
        let shared = [&fixed[..], &sizes, &length].concat();
        let plain = self.at + 30 + name.len() as u32 + 4;
        let padding = (plain.next_multiple_of(ALIGNMENT) - plain) as u16;
        let at = self.at;
        self.put(&[b"PK\x03\x04", &shared[..], &(padding + 4).to_le_bytes(), name.as_bytes()].concat())?;
        self.put(&[b"FB", &padding.to_le_bytes()[..], &vec![0; usize::from(padding)]].concat())?;
        let record = [b"PK\x01\x02\x14\x00", &shared[..], &[0; 12], &at.to_le_bytes(), name.as_bytes()].concat();
        self.directory.extend(record);
        self.members += 1;
        Ok(())
    }

    fn end(mut self) -> io::Result<()> {
        let (at, directory) = (self.at, std::mem::take(&mut self.directory));
        self.put(&directory)?;
        let members = self.members.to_le_bytes();
        let numbers = [&members[..], &members, &(directory.len() as u32).to_le_bytes(), &at.to_le_bytes()].concat();
        self.put(&[b"PK\x05\x06\0\0\0\0", &numbers[..], &[0, 0]].concat())?;
        self.file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
    }
}

/// `{"layers.0.weight": tensor, …}` in protocol 2.
fn pickle(tensors: u32, numbers: u32) -> Vec<u8> {
    let text = |text: &str| [b"X", &(text.len() as u32).to_le_bytes()[..], text.as_bytes()].concat();
    let number = [b"J", &numbers.to_le_bytes()[..]].concat();
    let mut bytes = b"\x80\x02}(".to_vec();
    for index in 0..tensors {
        bytes.extend(text(&format!("layers.{index}.weight")));
        bytes.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        bytes.extend(
            [text("storage"), b"ctorch\nFloatStorage\n".to_vec(), text(&index.to_string()), text("cpu")].concat(),
        );
        bytes.extend([&number[..], b"tQK\x00", &number, b"\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR"].concat());
    }
    bytes.extend(b"u.");
    bytes
}

/// CRC-32 as zip has it (ISO 3309), bit by bit: only small members need one.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    };
    !bytes.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_the_published_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
    }

    #[test]
    fn storages_are_aligned_and_the_directory_is_where_the_end_says() {
        let path = std::env::temp_dir().join(format!("bench-torch-{}.pt", std::process::id()));
        write_to(&path, 3, 5).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let end = bytes.len() - 22;
        assert_eq!(bytes[end..end + 4], *b"PK\x05\x06");
        assert_eq!(bytes[end + 10..end + 12], [6, 0]);
        let number = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
        let (size, at) = (number(end + 12), number(end + 16));
        assert_eq!((at + size, &bytes[at..at + 4]), (end, b"PK\x01\x02".as_slice()));
        let name = bytes.windows(14).position(|name| name == b"archive/data/2").unwrap();
        assert_eq!((name + 14).next_multiple_of(64) % 64, 0);
        let extra = usize::from(u16::from_le_bytes([bytes[name - 2], bytes[name - 1]]));
        assert_eq!((name + 14 + extra) % 64, 0);
    }
}
