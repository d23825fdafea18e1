//! The bytes of one item on their way into a lane of the hasher.

use std::io::{self, Cursor, Read};
use std::task::Poll;

use crate::digest::{Bundle, Lane};
use crate::error::Result;
use crate::model::Hashed;
use crate::source::Roots;
use crate::task::bytes::{Bytes, Sink};

/// The bytes of an item's parts, one after the other.
///
/// # Errors
/// When a part leads nowhere, or to bytes that are not read.
pub(super) fn open(roots: &Roots, item: &[Hashed]) -> Result<Bytes> {
    let whole = match item {
        [part] if part.before.is_empty() => Some(&part.locator),
        _ => None,
    };
    Bytes::open(roots, ("file", len_of(roots, item)), whole, || stream(roots, item))
}

/// Moves the next bytes into `lane` and says how many; 0 at the end. What is read at positions goes through `block`.
///
/// # Errors
/// As [`Bytes::pour`].
pub(super) fn pour(bytes: &mut Bytes, bundle: &mut Bundle, lane: Lane, block: &mut [u8]) -> Poll<Result<u64>> {
    bytes.pour(&mut Into { bundle, lane, block })
}

struct Into<'a> {
    bundle: &'a mut Bundle,
    lane: Lane,
    block: &'a mut [u8],
}

impl Sink for Into<'_> {
    fn read(&mut self, bytes: &mut dyn Read) -> io::Result<usize> {
        let filled = read_full(bytes, self.block)?;
        self.bundle.feed(self.lane, self.block.get(..filled).unwrap_or_default());
        Ok(filled)
    }

    fn room(&mut self, len: usize) -> &mut [u8] {
        self.bundle.room(self.lane, len)
    }
}

/// Bytes of an item.
pub(super) fn len_of(roots: &Roots, item: &[Hashed]) -> u64 {
    let len = |part: &Hashed| roots.len_of(&part.locator).saturating_add(part.before.len() as u64);
    item.iter().map(len).fold(0, u64::saturating_add)
}

fn stream(roots: &Roots, item: &[Hashed]) -> Result<Box<dyn Read>> {
    let mut whole: Option<Box<dyn Read>> = None;
    for part in item {
        let bytes = roots.stream(&part.locator)?;
        let before = Cursor::new(part.before.clone().into_bytes());
        whole = Some(match whole {
            None if part.before.is_empty() => bytes,
            None => Box::new(before.chain(bytes)),
            Some(whole) => Box::new(whole.chain(before).chain(bytes)),
        });
    }
    Ok(whole.unwrap_or_else(|| Box::new(io::empty())))
}

/// Fills `block` as far as the bytes go.
fn read_full(bytes: &mut dyn Read, block: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0_usize;
    while let Some(rest) = block.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match bytes.read(rest)? {
            0 => break,
            read => filled = filled.saturating_add(read),
        }
    }
    Ok(filled)
}
