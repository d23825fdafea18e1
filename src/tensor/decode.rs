//! Wide numbers as 64-bit floats, a chunk at a time.

use super::Number;
use super::kind::{Code, Kind};
use super::moments::CHUNK;
use crate::model::Endian;

/// Exact extremes of 64-bit whole numbers, which 64-bit floats do not always hold. Numbers without sign are kept with
/// the highest bit turned, which keeps their order.
#[derive(Debug, Clone, Copy)]
pub(super) struct Extremes {
    low: i64,
    high: i64,
}

impl Extremes {
    pub(super) const NONE: Self = Self { low: i64::MAX, high: i64::MIN };

    fn add(&mut self, number: i64) {
        self.low = self.low.min(number);
        self.high = self.high.max(number);
    }

    /// The smallest and the largest number; `None` when `code` has no 64-bit whole numbers.
    pub(super) fn of(self, code: Code) -> Option<(Number, Number)> {
        let unsigned = |number: i64| Number::Uint(number.cast_unsigned() ^ TOP);
        match code.kind {
            Kind::Signed if code.used == 64 => Some((Number::Int(self.low), Number::Int(self.high))),
            Kind::Unsigned if code.used == 64 => Some((unsigned(self.low), unsigned(self.high))),
            _ => None,
        }
    }
}

const TOP: u64 = 1 << 63;

/// Decodes the numbers of `bytes`, at most [`CHUNK`] of them, to the front of `out` and says how many.
pub(super) fn decode(
    code: Code,
    endian: Endian,
    bytes: &[u8],
    out: &mut [f64; CHUNK],
    extremes: &mut Extremes,
) -> usize {
    let big = endian == Endian::Big;
    if code.stored == 64 {
        let (words, _) = bytes.as_chunks::<8>();
        eights(code, words, big, out, extremes);
        words.len()
    } else {
        let (words, _) = bytes.as_chunks::<4>();
        fours(code, words, big, out);
        words.len()
    }
}

fn fours(code: Code, words: &[[u8; 4]], big: bool, out: &mut [f64; CHUNK]) {
    let raw = |word: &[u8; 4]| if big { u32::from_be_bytes(*word) } else { u32::from_le_bytes(*word) };
    let pairs = out.iter_mut().zip(words);
    match code.kind {
        Kind::Float(_) if big => pairs.for_each(|(to, word)| *to = f64::from(f32::from_be_bytes(*word))),
        Kind::Float(_) => pairs.for_each(|(to, word)| *to = f64::from(f32::from_le_bytes(*word))),
        Kind::Signed => pairs.for_each(|(to, word)| *to = f64::from(raw(word).cast_signed())),
        _ => pairs.for_each(|(to, word)| *to = f64::from(raw(word))),
    }
}

#[expect(clippy::cast_precision_loss, reason = "the extremes are kept exactly")]
fn eights(code: Code, words: &[[u8; 8]], big: bool, out: &mut [f64; CHUNK], extremes: &mut Extremes) {
    let raw = |word: &[u8; 8]| if big { u64::from_be_bytes(*word) } else { u64::from_le_bytes(*word) };
    let pairs = out.iter_mut().zip(words);
    match code.kind {
        Kind::Float(_) => pairs.for_each(|(to, word)| *to = f64::from_bits(raw(word))),
        Kind::Signed => pairs.for_each(|(to, word)| {
            let number = raw(word).cast_signed();
            extremes.add(number);
            *to = number as f64;
        }),
        _ => pairs.for_each(|(to, word)| {
            let number = raw(word);
            extremes.add((number ^ TOP).cast_signed());
            *to = number as f64;
        }),
    }
}
