//! One member of an `.npz`: its array header, read with as little as possible.

use std::io::Read;

use flate2::{Decompress, FlushDecompress};

use crate::error::{Error, Result};
use crate::format::numpy::Header;
use crate::model::Layer;
use crate::source::{Source, Wrapping, zip_data_offset};

/// Bytes that hold a local header, a name and an array header in nearly every file.
pub(super) const GUESS: usize = 512;
/// A member whose header is to be read: its tensor has the same index.
pub(super) struct Member {
    pub(super) header: u64,
    pub(super) stored: u64,
    pub(super) size: u64,
    pub(super) deflated: bool,
    pub(super) sealed: bool,
}

impl Member {
    /// Bytes of the array's file.
    pub(super) fn len(&self) -> u64 {
        if self.deflated { self.size } else { self.stored }
    }

    /// From the zip to the array's file, whose stored bytes begin at `data`.
    pub(super) fn whole(&self, data: u64) -> Vec<Layer> {
        let stored = Layer::Window { offset: data, len: self.stored };
        if self.deflated { vec![stored, Layer::Inflate { size: self.size }] } else { vec![stored] }
    }

    /// From the zip to the tensor's data: `inner` leads there from the array's file, whose stored bytes begin at `data`.
    pub(super) fn layers(&self, data: u64, inner: &[Layer]) -> Vec<Layer> {
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
pub(super) fn read_header(
    file: &Source,
    member: &Member,
    head: &mut [u8],
    inflate: &mut Decompress,
) -> Result<(Header, u64)> {
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
        decoder
            .by_ref()
            .take(missing)
            .read_to_end(bytes)
            .map_err(|cause| Error::io(stored.name(), bytes.len() as u64, cause))
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
