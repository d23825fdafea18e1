//! SHA-256 of files, members of archives included, up to four side by side.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use super::{Outcome, Part, Phase, Progress, Step, Task};
use crate::digest::{Bundle, Lane};
use crate::error::{Error, Result};
use crate::model::Hashed;
use crate::source::Roots;

/// Bytes read at a time: a step stays below the worker's slice, and larger reads were slower.
const BLOCK: usize = 1 << 20;

/// Hashes items, four at a time.
pub struct Digest {
    roots: Roots,
    items: Vec<Vec<Hashed>>,
    next: usize,
    bundle: Bundle,
    open: BTreeMap<Lane, Open>,
    block: Vec<u8>,
    done: u64,
    total: u64,
}

/// The item in a lane.
struct Open {
    item: usize,
    bytes: Box<dyn Read>,
    expected: u64,
    read: u64,
}

impl Digest {
    /// One digest for each of `items`, over its parts in turn.
    pub fn new(roots: Roots, items: Vec<Vec<Hashed>>) -> Self {
        let total = items.iter().map(|item| len_of(&roots, item)).fold(0, u64::saturating_add);
        let (bundle, block) = (Bundle::new(), vec![0; BLOCK]);
        Self { roots, items, next: 0, bundle, open: BTreeMap::new(), block, done: 0, total }
    }

    /// Puts the next items into vacant lanes; one that cannot be opened is told at once.
    fn fill_lanes(&mut self, parts: &mut Vec<Part>) {
        while let (Some(lane), Some(parts_of_item)) = (self.bundle.vacant(), self.items.get(self.next)) {
            let item = self.next;
            self.next = item.saturating_add(1);
            match stream(&self.roots, parts_of_item) {
                Ok(bytes) => {
                    let expected = len_of(&self.roots, parts_of_item);
                    self.open.insert(lane, Open { item, bytes, expected, read: 0 });
                    self.bundle.open(lane);
                }
                Err(error) => parts.push(Part::Digest(item, Err(error))),
            }
        }
    }

    /// Reads one block for the lane that waits for bytes.
    fn feed(&mut self, parts: &mut Vec<Part>) {
        let Some(lane) = self.bundle.hungry() else { return };
        let Some(open) = self.open.get_mut(&lane) else { return self.bundle.close(lane) };
        match open.fill(&mut self.block) {
            Ok([]) => self.bundle.end(lane),
            Ok(bytes) => {
                self.done = self.done.saturating_add(bytes.len() as u64);
                self.bundle.feed(lane, bytes);
            }
            Err(error) => {
                parts.push(Part::Digest(open.item, Err(error)));
                self.open.remove(&lane);
                self.bundle.close(lane);
            }
        }
    }
}

fn len_of(roots: &Roots, item: &[Hashed]) -> u64 {
    let len = |part: &Hashed| roots.len_of(&part.locator).saturating_add(part.before.len() as u64);
    item.iter().map(len).fold(0, u64::saturating_add)
}

/// The bytes of an item's parts, one after the other.
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
    Ok(whole.unwrap_or_else(|| Box::new(std::io::empty())))
}

impl Open {
    /// The next bytes, as many as fit; none at the end, which must be where it was promised.
    fn fill<'a>(&mut self, block: &'a mut [u8]) -> Result<&'a [u8]> {
        let mut filled = 0_usize;
        while let Some(rest) = block.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.bytes.read(rest).map_err(|cause| Error::io("the file", self.read, cause))? {
                0 => break,
                read => {
                    filled = filled.saturating_add(read);
                    self.read = self.read.saturating_add(read as u64);
                }
            }
        }
        if filled == 0 && self.read < self.expected {
            let missing = self.expected.saturating_sub(self.read);
            let what = format!("{missing} of {} bytes are missing at the end", self.expected);
            return Err(Error::malformed("file", self.read, what));
        }
        Ok(block.get(..filled).unwrap_or_default())
    }
}

impl Task for Digest {
    fn step(&mut self, parts: &mut Vec<Part>) -> Result<Step> {
        self.fill_lanes(parts);
        if self.open.is_empty() {
            return Ok(if self.next < self.items.len() { Step::More } else { Step::Done(Outcome::Digest) });
        }
        self.feed(parts);
        self.bundle.run();
        while let Some((lane, digest)) = self.bundle.take() {
            if let Some(open) = self.open.remove(&lane) {
                parts.push(Part::Digest(open.item, Ok(digest.to_string())));
            }
        }
        Ok(Step::More)
    }

    fn progress(&self) -> Progress {
        Progress { phase: Phase::Hashing, done: self.done, total: self.total }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Sha256;
    use crate::model::{Layer, Locator};
    use crate::source::Source;
    use crate::task::run_to_end;

    #[test]
    fn many_items_of_different_lengths_each_get_their_own_digest() {
        let plain: Vec<Vec<u8>> = (0..11_usize).map(|n| vec![n as u8; n * 400_001]).collect();
        let files = plain.iter().map(|bytes| Source::memory("x", bytes.clone())).collect();
        let mut items: Vec<Locator> = (0..11).map(Locator::root).collect();
        items.push(Locator::root(3).then(&[Layer::Window { offset: 5, len: 7 }]));
        items.push(Locator::root(3).then(&[Layer::Window { offset: 5, len: u64::MAX }]));
        items.push(Locator::root(99));
        let mut items: Vec<Vec<Hashed>> = items.into_iter().map(|item| vec![Hashed::plain(item)]).collect();
        let named = |name: &str, locator| Hashed { before: name.to_owned(), locator };
        items.push(vec![named("a\0", Locator::root(1)), named("b", Locator::root(2))]);
        let (parts, _) = run_to_end(&mut Digest::new(Roots::new(files), items)).unwrap();
        let mut found: Vec<Option<String>> = vec![None; 15];
        for part in parts {
            let Part::Digest(item, digest) = part else { continue };
            found[item] = digest.ok();
        }
        for (at, bytes) in plain.iter().enumerate() {
            assert_eq!(found[at], Some(Sha256::of(bytes).to_string()), "item {at}");
        }
        assert_eq!(found[11], Some(Sha256::of(&[3; 7]).to_string()));
        assert_eq!((&found[12], &found[13]), (&None, &None), "what cannot be opened has no digest");
        let several = [b"a\0".as_slice(), &plain[1], b"b", &plain[2]].concat();
        assert_eq!(found[14], Some(Sha256::of(&several).to_string()));
    }
}
