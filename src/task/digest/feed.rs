//! The bytes of one item on their way into a lane of the hasher.

use std::io::{self, Cursor, Read};
use std::task::Poll;

use super::members::Members;
use crate::digest::{Algorithm, Bundle, Hasher, Lane};
use crate::error::Result;
use crate::model::{Finding, Hashed, Hashing};
use crate::source::{Flow, Roots};
use crate::task::bytes::{Bytes, Sink, read_full};

/// The bytes of one item, front to back.
pub(super) struct Feed {
    bytes: Bytes,
    watch: Watch,
}

/// What is compared on the way.
struct Watch {
    crc: Option<crc32fast::Hasher>,
    members: Option<Members>,
}

impl Watch {
    fn update(&mut self, bytes: &[u8]) {
        if let Some(crc) = &mut self.crc {
            crc.update(bytes);
        }
        if let Some(members) = &mut self.members {
            members.push(bytes);
        }
    }
}

impl Feed {
    /// The bytes of an item's parts, one after the other.
    ///
    /// # Errors
    /// When a part leads nowhere, or to bytes that are not read.
    pub(super) fn open(roots: &Roots, item: &Hashing) -> Result<Self> {
        let parts = item.parts.as_slice();
        let whole = match parts {
            [part] if item.algorithm == Algorithm::Sha256 && part.before.is_empty() => Some(&part.locator),
            _ => None,
        };
        let bytes = Bytes::open(roots, ("file", len_of(roots, parts)), whole, || stream(roots, parts))?;
        // A zip without a directory was told when it was opened.
        let zip = item.parts.first().filter(|_| item.members).and_then(|part| roots.open(&part.locator).ok());
        let members = zip.and_then(|zip| Members::of(zip).ok());
        Ok(Self { bytes, watch: Watch { crc: item.crc32.map(|_| crc32fast::Hasher::new()), members } })
    }

    /// Goes on with what is compared of bytes that were poured before; false when that is done.
    pub(super) fn catch_up(&mut self) -> bool {
        self.watch.members.as_mut().is_some_and(Members::catch_up)
    }

    /// What is wrong with the members of the zip that these bytes are.
    pub(super) fn member_findings(&mut self) -> Vec<Finding> {
        self.watch.members.take().map(Members::findings).unwrap_or_default()
    }

    /// Moves the next bytes into `lane` and says how many; 0 at the end. What is read at positions goes through `block`.
    ///
    /// # Errors
    /// As [`Bytes::pour`].
    pub(super) fn pour(&mut self, bundle: &mut Bundle, lane: Lane, block: &mut [u8]) -> Poll<Result<u64>> {
        self.bytes.pour(&mut IntoLane { bundle, lane, block, watch: &mut self.watch })
    }

    /// Gives the next bytes to `hasher` through `block` and says how many; 0 at the end.
    ///
    /// # Errors
    /// As [`Bytes::pour`].
    pub(super) fn hash(&mut self, hasher: &mut dyn Hasher, block: &mut [u8]) -> Poll<Result<u64>> {
        self.bytes.pour(&mut IntoHasher { hasher, block, watch: &mut self.watch })
    }

    /// CRC-32 of all bytes so far, where it was asked for.
    pub(super) fn crc32(&self) -> Option<u32> {
        self.watch.crc.clone().map(crc32fast::Hasher::finalize)
    }
}

struct IntoLane<'a> {
    bundle: &'a mut Bundle,
    lane: Lane,
    block: &'a mut [u8],
    watch: &'a mut Watch,
}

impl Sink for IntoLane<'_> {
    fn read(&mut self, bytes: &mut dyn Read) -> io::Result<usize> {
        let filled = read_full(bytes, self.block)?;
        let bytes = self.block.get(..filled).unwrap_or_default();
        self.watch.update(bytes);
        self.bundle.feed(self.lane, bytes);
        Ok(filled)
    }

    fn take(&mut self, bytes: &mut dyn Flow, len: usize) {
        let room = self.bundle.room(self.lane, len);
        bytes.take(room);
        self.watch.update(room);
    }
}

struct IntoHasher<'a> {
    hasher: &'a mut dyn Hasher,
    block: &'a mut [u8],
    watch: &'a mut Watch,
}

impl IntoHasher<'_> {
    fn update(&mut self, bytes: &[u8]) {
        self.watch.update(bytes);
        self.hasher.update(bytes);
    }
}

impl Sink for IntoHasher<'_> {
    fn read(&mut self, bytes: &mut dyn Read) -> io::Result<usize> {
        let block = std::mem::take(&mut self.block);
        let filled = read_full(bytes, block)?;
        self.update(block.get(..filled).unwrap_or_default());
        Ok(filled)
    }

    fn take(&mut self, bytes: &mut dyn Flow, len: usize) {
        let mut taken = vec![0; len];
        bytes.take(&mut taken);
        self.update(&taken);
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
