//! Digests of files, members of archives included: SHA-256 up to four side by side, then the others one by one. The CRC
//! that a container notes of a member is compared on the way, and so are those of the members of a zip that is one file.

mod feed;
mod members;

use std::collections::{BTreeMap, VecDeque};
use std::task::Poll;

use super::{Outcome, Part, Phase, Progress, Step, Task};
use crate::digest::{Algorithm, Bundle, Hasher, Lane, hasher};
use crate::error::Result;
use crate::model::Hashing;
use crate::source::Roots;

use feed::Feed;

/// Bytes read at a time: a step stays below the worker's slice, and larger reads were slower.
const BLOCK: usize = 1 << 20;

/// Hashes items, four at a time.
pub struct Digest {
    roots: Roots,
    items: Vec<Hashing>,
    /// Items for the lanes, and the others.
    queue: VecDeque<usize>,
    others: VecDeque<usize>,
    bundle: Bundle,
    alone: Option<(Open, Box<dyn Hasher>)>,
    open: BTreeMap<Lane, Open>,
    block: Vec<u8>,
    done: u64,
    total: u64,
}

/// The item in a lane.
struct Open {
    item: usize,
    feed: Feed,
}

impl Digest {
    /// One digest for each of `items`, over its parts in turn.
    pub fn new(roots: Roots, items: Vec<Hashing>) -> Self {
        let total = items.iter().map(|item| feed::len_of(&roots, &item.parts)).fold(0, u64::saturating_add);
        let (bundle, block) = (Bundle::new(), vec![0; BLOCK]);
        let (mut queue, mut others) = (VecDeque::new(), VecDeque::new());
        for (at, item) in items.iter().enumerate() {
            let waiting = if item.algorithm == Algorithm::Sha256 { &mut queue } else { &mut others };
            waiting.push_back(at);
        }
        Self { roots, items, queue, others, bundle, alone: None, open: BTreeMap::new(), block, done: 0, total }
    }

    /// Puts the next items into vacant lanes; one that cannot be opened is told at once.
    fn fill_lanes(&mut self, parts: &mut Vec<Part>) {
        while let Some(lane) = self.bundle.vacant() {
            let Some(item) = self.queue.pop_front() else { return };
            if let Some(open) = self.open_item(item, parts) {
                self.open.insert(lane, open);
                self.bundle.open(lane);
            }
        }
    }

    fn open_item(&self, item: usize, parts: &mut Vec<Part>) -> Option<Open> {
        match Feed::open(&self.roots, self.items.get(item)?) {
            Ok(feed) => Some(Open { item, feed }),
            Err(error) => {
                parts.push(Part::Digest(item, Err(error)));
                None
            }
        }
    }

    /// Some bytes of an item whose digest has no lanes; false when they have not come yet, nothing when there is no such
    /// item left.
    fn alone(&mut self, parts: &mut Vec<Part>) -> Option<bool> {
        let Some((open, hasher)) = &mut self.alone else {
            let item = self.others.pop_front()?;
            let algorithm = self.items.get(item).map_or(Algorithm::Sha256, |item| item.algorithm);
            self.alone = self.open_item(item, parts).map(|open| (open, hasher(algorithm)));
            return Some(true);
        };
        if open.feed.catch_up() {
            return Some(true);
        }
        match open.feed.hash(hasher.as_mut(), &mut self.block) {
            Poll::Pending => return Some(false),
            Poll::Ready(Ok(0)) => {
                if let Some((mut open, hasher)) = self.alone.take() {
                    parts.push(Part::Digest(open.item, Ok(hasher.finish())));
                    self.compare(&mut open, parts);
                }
            }
            Poll::Ready(Ok(len)) => self.done = self.done.saturating_add(len),
            Poll::Ready(Err(error)) => {
                parts.push(Part::Digest(open.item, Err(error)));
                self.alone = None;
            }
        }
        Some(true)
    }

    /// Holds the CRC of all bytes against what the container notes.
    fn compare(&self, open: &mut Open, parts: &mut Vec<Part>) {
        let expected = self.items.get(open.item).and_then(|item| item.crc32);
        if let Some((_, found)) = expected.zip(open.feed.crc32()).filter(|(expected, found)| expected != found) {
            parts.push(Part::CrcMismatch(open.item, found));
        }
        let findings = open.feed.member_findings();
        if !findings.is_empty() {
            parts.push(Part::Members(open.item, findings));
        }
    }

    /// Moves bytes into the lane that waits for them; false when they have not come yet.
    fn feed(&mut self, parts: &mut Vec<Part>) -> bool {
        let Some(lane) = self.bundle.hungry() else { return true };
        let Some(open) = self.open.get_mut(&lane) else {
            self.bundle.close(lane);
            return true;
        };
        if open.feed.catch_up() {
            return true;
        }
        match open.feed.pour(&mut self.bundle, lane, &mut self.block) {
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
            return Ok(match if self.queue.is_empty() { self.alone(parts) } else { Some(true) } {
                None => Step::Done(Outcome::Digest),
                Some(true) => Step::More,
                Some(false) => Step::Wait,
            });
        }
        if !self.feed(parts) {
            return Ok(Step::Wait);
        }
        self.bundle.run();
        while let Some((lane, digest)) = self.bundle.take() {
            if let Some(mut open) = self.open.remove(&lane) {
                parts.push(Part::Digest(open.item, Ok(digest.to_string())));
                self.compare(&mut open, parts);
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
    use crate::model::{Hashed, Layer, Locator};
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
        let items = items.into_iter().map(Hashing::sha256).collect();
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
        let mut items: Vec<Hashing> = items.into_iter().map(Hashing::sha256).collect();
        let named = |name: &str, locator| Hashed { before: name.to_owned(), locator };
        let several = |algorithm| Hashing {
            algorithm,
            parts: vec![named("a\0", Locator::root(1)), named("b", Locator::root(2))],
            crc32: None,
            members: false,
        };
        items.push(several(Algorithm::Sha256));
        items.push(several(Algorithm::Blake3));
        items.push(Hashing { crc32: Some(0), algorithm: Algorithm::Md5, ..Hashing::sha256(Locator::root(1)) });
        items.push(Hashing { crc32: Some(crc32fast::hash(&plain[1])), ..Hashing::sha256(Locator::root(1)) });
        items.push(Hashing { crc32: Some(1), ..Hashing::sha256(Locator::root(1)) });
        let (parts, _) = run_to_end(&mut Digest::new(Roots::new(files), items)).unwrap();
        let mut found: Vec<Option<String>> = vec![None; 19];
        let mut wrong = Vec::new();
        for part in parts {
            match part {
                Part::Digest(item, digest) => found[item] = digest.ok(),
                Part::CrcMismatch(item, crc) => wrong.push((item, crc)),
                _ => {}
            }
        }
        wrong.sort_unstable();
        let crc = crc32fast::hash(&plain[1]);
        assert_eq!(wrong, [(16, crc), (18, crc)]);
        for (at, bytes) in plain.iter().enumerate() {
            assert_eq!(found[at], Some(Sha256::of(bytes).to_string()), "item {at}");
        }
        assert_eq!(found[11], Some(Sha256::of(&[3; 7]).to_string()));
        assert_eq!((&found[12], &found[13]), (&None, &None), "what cannot be opened has no digest");
        let several = [b"a\0".as_slice(), &plain[1], b"b", &plain[2]].concat();
        assert_eq!(found[14], Some(Sha256::of(&several).to_string()));
        let mut blake3 = hasher(Algorithm::Blake3);
        blake3.update(&several);
        assert_eq!(found[15], Some(blake3.finish()));
    }
}
