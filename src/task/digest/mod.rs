//! SHA-256 of files, members of archives included, up to four side by side.

mod feed;

use std::collections::BTreeMap;
use std::task::Poll;

use super::bytes::Bytes;
use super::{Outcome, Part, Phase, Progress, Step, Task};
use crate::digest::{Bundle, Lane};
use crate::error::Result;
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
    bytes: Bytes,
}

impl Digest {
    /// One digest for each of `items`, over its parts in turn.
    pub fn new(roots: Roots, items: Vec<Vec<Hashed>>) -> Self {
        let total = items.iter().map(|item| feed::len_of(&roots, item)).fold(0, u64::saturating_add);
        let (bundle, block) = (Bundle::new(), vec![0; BLOCK]);
        Self { roots, items, next: 0, bundle, open: BTreeMap::new(), block, done: 0, total }
    }

    /// Puts the next items into vacant lanes; one that cannot be opened is told at once.
    fn fill_lanes(&mut self, parts: &mut Vec<Part>) {
        while let (Some(lane), Some(hashed)) = (self.bundle.vacant(), self.items.get(self.next)) {
            let item = self.next;
            self.next = item.saturating_add(1);
            match feed::open(&self.roots, hashed) {
                Ok(bytes) => {
                    self.open.insert(lane, Open { item, bytes });
                    self.bundle.open(lane);
                }
                Err(error) => parts.push(Part::Digest(item, Err(error))),
            }
        }
    }

    /// Moves bytes into the lane that waits for them; false when they have not come yet.
    fn feed(&mut self, parts: &mut Vec<Part>) -> bool {
        let Some(lane) = self.bundle.hungry() else { return true };
        let Some(open) = self.open.get_mut(&lane) else {
            self.bundle.close(lane);
            return true;
        };
        match feed::pour(&mut open.bytes, &mut self.bundle, lane, &mut self.block) {
            Poll::Pending => return false,
            Poll::Ready(Ok(0)) => self.bundle.end(lane),
            Poll::Ready(Ok(len)) => self.done = self.done.saturating_add(len),
            Poll::Ready(Err(error)) => {
                parts.push(Part::Digest(open.item, Err(error)));
                self.open.remove(&lane);
                self.bundle.close(lane);
            }
        }
        true
    }
}

impl Task for Digest {
    fn step(&mut self, parts: &mut Vec<Part>) -> Result<Step> {
        self.fill_lanes(parts);
        if self.open.is_empty() {
            return Ok(if self.next < self.items.len() { Step::More } else { Step::Done(Outcome::Digest) });
        }
        if !self.feed(parts) {
            return Ok(Step::Wait);
        }
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
    use std::cell::Cell;
    use std::rc::Rc;

    use super::*;
    use crate::digest::Sha256;
    use crate::error::Error;
    use crate::model::{Layer, Locator};
    use crate::source::Source;
    use crate::task::run_to_end;
    use crate::task::testing::Flowing;

    #[test]
    fn bytes_that_flow_are_hashed_as_they_come() {
        let (len, flows) = (9_000_001, Rc::new(Cell::new(0)));
        let file = |there: usize, fails| {
            Flowing { len, bytes: vec![b'f'; there].into(), fails, flows: Rc::clone(&flows) }.source()
        };
        let files = vec![file(9_000_001, false), file(5_000_000, false), file(5_000_000, true)];
        let mut items: Vec<Locator> = (0..3).map(Locator::root).collect();
        items.push(Locator::root(0).then(&[Layer::Window { offset: 1_000, len: 6_000_000 }]));
        let items = items.into_iter().map(|item| vec![Hashed::plain(item)]).collect();
        let mut task = Digest::new(Roots::new(files), items);
        let mut found: Vec<std::result::Result<String, Error>> = Vec::new();
        let (mut parts, _) = run_to_end(&mut task).unwrap();
        parts.sort_by_key(|part| if let Part::Digest(item, _) = part { *item } else { usize::MAX });
        for part in parts {
            let Part::Digest(_, digest) = part else { continue };
            found.push(digest);
        }
        let expected = |len: usize| Sha256::of(&vec![b'f'; len]).to_string();
        assert_eq!(found[0].as_ref().unwrap(), &expected(9_000_001));
        let early = found[1].as_ref().unwrap_err();
        assert_eq!((early.code(), early.offset()), ("malformed", Some(5_000_000)));
        assert!(matches!(&found[2], Err(Error::Io { .. })), "{:?}", found[2]);
        assert_eq!(found[3].as_ref().unwrap(), &expected(6_000_000));
        assert_eq!((flows.get(), task.progress().done), (4, 25_000_001));
    }

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
