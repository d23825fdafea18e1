//! Up to four streams, hashed side by side.

use super::Digest;
use super::stream::Stream;
use lanes::sha256::compress;

/// Fewest busy lanes for which one run over all four beats one stream after the other: the four-lane rounds cost about
/// 1.9 times the scalar ones.
const WORTH_IT: usize = 3;

/// A place in a [`Bundle`] for one stream at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane(u8);

impl Lane {
    /// Every lane of a bundle.
    pub const ALL: [Self; 4] = [Self(0), Self(1), Self(2), Self(3)];
}

/// SHA-256 of up to four streams at once.
///
/// The driver keeps the lanes filled and the bundle hashes when it pays:
///
/// 1. while [`vacant`](Self::vacant) names a lane and there is another stream: [`open`](Self::open) it;
/// 2. while [`hungry`](Self::hungry) names a lane: [`feed`](Self::feed) it, or [`end`](Self::end) it;
/// 3. [`run`](Self::run), then collect what [`take`](Self::take) gives; start over, until every lane is vacant.
///
/// Bytes that were fed and not yet hashed are kept, so lanes may be fed in any order and amount; a driver that feeds
/// only hungry lanes keeps at most what it feeds at once.
#[derive(Debug, Default)]
pub struct Bundle {
    streams: [Stream; 4],
}

impl Bundle {
    /// Four vacant lanes.
    pub fn new() -> Self {
        Self::default()
    }

    /// A lane without a stream.
    pub fn vacant(&self) -> Option<Lane> {
        self.find(Stream::is_vacant)
    }

    /// A lane that must be fed or ended before [`run`](Self::run) can go on: of several, the one with least left.
    pub fn hungry(&self) -> Option<Lane> {
        let hungry = Lane::ALL.into_iter().zip(&self.streams).filter(|(_, stream)| stream.is_hungry());
        hungry.min_by_key(|(_, stream)| stream.left().len()).map(|(lane, _)| lane)
    }

    /// Starts a stream in a lane; what was there before is dropped.
    pub fn open(&mut self, lane: Lane) {
        self.stream(lane).open();
    }

    /// Adds bytes to the open stream of a lane; a lane that is not open ignores them.
    pub fn feed(&mut self, lane: Lane, bytes: &[u8]) {
        let room = self.room(lane, bytes.len());
        if let Some(bytes) = bytes.get(..room.len()) {
            room.copy_from_slice(bytes);
        }
    }

    /// The next `len` bytes of the open stream of a lane, for the caller to write; empty if the lane is not open.
    ///
    /// This saves a copy when the bytes come from outside, such as a browser's buffer. What is there before is
    /// arbitrary: a caller that cannot write all of it must [`close`](Self::close) the lane.
    pub fn room(&mut self, lane: Lane, len: usize) -> &mut [u8] {
        self.stream(lane).room(len)
    }

    /// Says that the open stream of a lane has no more bytes.
    pub fn end(&mut self, lane: Lane) {
        self.stream(lane).end();
    }

    /// Gives a stream up.
    pub fn close(&mut self, lane: Lane) {
        self.stream(lane).close();
    }

    /// Hashes what is there, unless a hungry lane should be fed first; afterwards a lane is hungry, or there is
    /// something to [`take`](Self::take), or all are vacant.
    pub fn run(&mut self) {
        if self.busy() < WORTH_IT {
            self.streams.iter_mut().for_each(Stream::run_alone);
        } else if self.hungry().is_none() {
            self.run_side_by_side();
        }
    }

    /// The digest of a stream that has ended and is hashed; its lane is vacant again.
    pub fn take(&mut self) -> Option<(Lane, Digest)> {
        let lane = self.find(Stream::is_hashed)?;
        let digest = self.stream(lane).digest();
        self.close(lane);
        Some((lane, digest))
    }

    /// Lanes with a stream that is not hashed to its end.
    fn busy(&self) -> usize {
        self.streams.iter().filter(|stream| stream.is_busy()).count()
    }

    /// Four lanes, as far as the shortest goes; a lane without a stream goes along on another's blocks.
    fn run_side_by_side(&mut self) {
        let busy = self.streams.iter().filter(|stream| stream.is_busy()).map(Stream::blocks);
        let shortest = busy.min_by_key(|blocks| blocks.len()).unwrap_or_default();
        let (count, runs) = (shortest.len(), self.streams.each_ref());
        let runs = runs.map(|stream| if stream.is_busy() { stream.blocks() } else { shortest });
        let mut states = self.streams.each_ref().map(Stream::state);
        compress(states.each_mut(), runs);
        for (stream, state) in self.streams.iter_mut().zip(states).filter(|(stream, _)| stream.is_busy()) {
            stream.advance(state, count);
        }
    }

    fn find(&self, wanted: impl Fn(&Stream) -> bool) -> Option<Lane> {
        Lane::ALL.into_iter().zip(&self.streams).find(|(_, stream)| wanted(stream)).map(|(lane, _)| lane)
    }

    fn stream(&mut self, lane: Lane) -> &mut Stream {
        let [a, b, c, d] = &mut self.streams;
        match lane {
            Lane(0) => a,
            Lane(1) => b,
            Lane(2) => c,
            Lane(_) => d,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use sha2::Digest as _;

    use super::*;

    /// Hashes every message through one bundle, `step` bytes a time (a different one for each lane).
    fn digests(messages: &[Vec<u8>], steps: [usize; 4]) -> Vec<Digest> {
        let mut bundle = Bundle::new();
        let mut digests = vec![None; messages.len()];
        let mut rest: [(usize, &[u8]); 4] = [(0, &[]); 4];
        let mut queue = messages.iter().enumerate();
        while digests.contains(&None) {
            while let (Some(lane), Some((at, message))) = (bundle.vacant(), queue.clone().next()) {
                queue.next();
                bundle.open(lane);
                rest[usize::from(lane.0)] = (at, message);
            }
            while let Some(lane) = bundle.hungry() {
                let at = usize::from(lane.0);
                let (now, later) = rest[at].1.split_at(steps[at].min(rest[at].1.len()));
                bundle.feed(lane, now);
                rest[at].1 = later;
                if later.is_empty() {
                    bundle.end(lane);
                }
            }
            bundle.run();
            while let Some((lane, digest)) = bundle.take() {
                digests[rest[usize::from(lane.0)].0] = Some(digest);
            }
        }
        assert_eq!(bundle.vacant(), Some(Lane(0)));
        digests.into_iter().flatten().collect()
    }

    fn expected(messages: &[Vec<u8>]) -> Vec<Digest> {
        messages.iter().map(|message| Digest(sha2::Sha256::digest(message).into())).collect()
    }

    proptest! {
        #[test]
        fn any_lengths_in_any_pieces_have_the_crates_digests(
            messages in vec(vec(any::<u8>(), 0..700), 0..12),
            steps in [1_usize..300, 1_usize..300, 1_usize..300, 1_usize..300],
        ) {
            prop_assert_eq!(digests(&messages, steps), expected(&messages));
        }
    }

    #[test]
    fn every_length_around_the_block_ends_is_padded_right() {
        let messages: Vec<Vec<u8>> = (0..=260).map(|len| vec![0x5a; len]).collect();
        assert_eq!(digests(&messages, [64, 65, 128, 1000]), expected(&messages));
    }

    #[test]
    fn five_streams_of_a_million_bytes_have_nists_digest() {
        let found = digests(&vec![vec![b'a'; 1_000_000]; 5], [65_536; 4]);
        let expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
        assert!(found.iter().all(|digest| digest.to_string() == expected));
    }

    #[test]
    fn a_closed_lane_forgets_its_stream_and_ignores_bytes_until_it_is_opened() {
        let mut bundle = Bundle::new();
        let [lane, ..] = Lane::ALL;
        bundle.open(lane);
        bundle.feed(lane, b"something else");
        bundle.close(lane);
        bundle.feed(lane, b"nothing");
        bundle.end(lane);
        bundle.run();
        assert_eq!(bundle.take(), None);
        bundle.open(lane);
        bundle.feed(lane, b"abc");
        bundle.end(lane);
        bundle.run();
        let (_, digest) = bundle.take().unwrap();
        assert_eq!(digest.to_string(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
