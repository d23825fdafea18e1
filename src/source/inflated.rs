//! Random access into a compressed stream.
//!
//! A stream that claims no more than [`limits::INFLATE_IN_MEMORY`] is inflated once, as far as it is asked for, and
//! kept. A larger one keeps only a block: reading forward goes on from there, reading backward starts again. So memory
//! is bounded whatever the file claims, and a header at the front costs only the front.

use std::cell::RefCell;
use std::io::{self, Read};

use flate2::bufread::{DeflateDecoder, MultiGzDecoder};

use super::{ReadAt, Source, copy};
use crate::limits;

/// How a stream is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrapping {
    /// Raw deflate, as in zip.
    Deflate,
    /// gzip, all members.
    Gzip,
}

impl Wrapping {
    /// A decoder over all of `source`. Its errors go through [`crate::error::Error::io`]: of a damaged stream it says
    /// that the data is invalid.
    pub fn decoder(self, source: Source) -> Box<dyn Read> {
        let buffered = io::BufReader::with_capacity(64 << 10, source);
        match self {
            Self::Deflate => Box::new(Decoder(DeflateDecoder::new(buffered))),
            Self::Gzip => Box::new(Decoder(MultiGzDecoder::new(buffered))),
        }
    }
}

/// Tells what is said against the stream apart from what the environment says.
struct Decoder<R>(R);

impl<R: Read> Read for Decoder<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
        self.0.read(out).map_err(|cause| match cause.kind() {
            InvalidInput | UnexpectedEof => io::Error::new(InvalidData, cause),
            _ => cause,
        })
    }
}

/// A compressed stream that can be read anywhere.
pub struct Inflated {
    source: Source,
    wrapping: Wrapping,
    size: u64,
    most: u64,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    decoder: Option<Box<dyn Read>>,
    /// Offset of the first byte in `kept`.
    start: u64,
    kept: Vec<u8>,
}

/// Bytes inflated at a time.
const STEP: u64 = 256 << 10;

impl Inflated {
    /// `size` is what the container claims; reading ends there, or earlier when the stream does.
    pub fn new(source: Source, wrapping: Wrapping, size: u64) -> Self {
        Self::with_memory(source, wrapping, size, limits::INFLATE_IN_MEMORY)
    }

    fn with_memory(source: Source, wrapping: Wrapping, size: u64, most: u64) -> Self {
        Self { source, wrapping, size, most, state: RefCell::default() }
    }

    fn keeps_all(&self) -> bool {
        self.size <= self.most
    }

    /// Inflates the next block; false at the end of the stream.
    fn advance(&self, state: &mut State) -> io::Result<bool> {
        if !self.keeps_all() {
            state.start = state.end();
            state.kept.clear();
        }
        let left = self.size.saturating_sub(state.end()).min(STEP);
        let decoder = state.decoder.get_or_insert_with(|| self.wrapping.decoder(self.source.clone()));
        let before = state.kept.len();
        match decoder.take(left).read_to_end(&mut state.kept) {
            // What a damaged stream gave before it broke is good.
            Err(cause) if state.kept.len() == before => Err(cause),
            _ => Ok(state.kept.len() > before),
        }
    }
}

impl State {
    fn end(&self) -> u64 {
        self.start.saturating_add(self.kept.len() as u64)
    }
}

impl ReadAt for Inflated {
    fn len(&self) -> u64 {
        self.size
    }

    fn is_forward(&self) -> bool {
        !self.keeps_all()
    }

    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let mut state = self.state.borrow_mut();
        if offset < state.start {
            *state = State::default();
        }
        while offset >= state.end() {
            if offset >= self.size || !self.advance(&mut state)? {
                return Ok(0);
            }
        }
        let from = usize::try_from(offset.saturating_sub(state.start)).unwrap_or(usize::MAX);
        let bytes = state.kept.get(from..).unwrap_or_default();
        Ok(copy(bytes, out))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::DeflateEncoder;

    use super::*;

    fn sample() -> (Vec<u8>, Source) {
        let plain: Vec<u8> = (0..700_000_u32).flat_map(|n| (n / 7).to_le_bytes()).collect();
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(&plain).unwrap();
        (plain, Source::memory("x", encoder.finish().unwrap()))
    }

    #[test]
    fn any_order_of_reads_gives_the_plain_bytes() {
        let (plain, packed) = sample();
        for most in [u64::MAX, 0] {
            let inflated = Inflated::with_memory(packed.clone(), Wrapping::Deflate, plain.len() as u64, most);
            let source = Source::new("y", std::rc::Rc::new(inflated));
            for at in [2_500_000_usize, 10, 0, 1_000_000, 2_799_990] {
                let bytes = source.bytes_at(at as u64, 300).unwrap();
                assert_eq!(bytes, plain[at..plain.len().min(at + 300)], "at {at}, memory {most}");
            }
        }
    }

    #[test]
    fn a_stream_shorter_than_claimed_ends() {
        let (plain, packed) = sample();
        let inflated = Inflated::new(packed, Wrapping::Deflate, plain.len() as u64 + 1000);
        let source = Source::new("y", std::rc::Rc::new(inflated));
        assert_eq!(source.bytes_at(plain.len() as u64 - 2, 100).unwrap().len(), 2);
    }

    #[test]
    fn a_damaged_stream_is_not_the_environments_fault() {
        let packed = Source::memory("x", vec![0xff; 100]);
        let inflated = Source::new("y", std::rc::Rc::new(Inflated::new(packed, Wrapping::Deflate, 1000)));
        let error = inflated.bytes_at(0, 10).unwrap_err();
        assert_eq!(error.code(), "malformed", "{error}");
    }
}
