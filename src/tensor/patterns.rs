//! Numbers of 16 bits or less, counted by their bit patterns.
//!
//! Bytes are taken two at a time whatever the type, and each pair of bytes is counted: one loop serves all narrow
//! types, and turned byte orders cost nothing. Neighbours are counted in two tables, since a processor that adds twice
//! to the same place waits for itself; a complex type's parts come apart in them as well.

use super::histogram::Filling;
use super::moments::Sum;
use super::{Code, Finite, Number, Statistics};
use crate::model::Endian;
use lanes::patterns::{PAIRS, count_pairs};

/// Pairs counted before the 32-bit counts are emptied into 64-bit ones.
const FULL: u64 = 1 << 30;

/// Counts of pairs of bytes.
#[derive(Debug, Clone)]
pub(super) struct Patterns {
    /// Of pairs at even and odd places.
    recent: Vec<u32>,
    since: u64,
    /// Of pairs that were counted before.
    older: Vec<u64>,
    /// Of bytes without a neighbour.
    single: Vec<u64>,
    /// The last byte of the last place.
    last: (usize, u8),
}

impl Patterns {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        let both = PAIRS.saturating_mul(2);
        Self { recent: vec![0; both], since: 0, older: vec![0; both], single: vec![0; 256], last: (0, 0) }
    }

    /// Counts the pairs of `bytes`. Those of two-byte types come as whole elements.
    pub(super) fn add(&mut self, place: usize, bytes: &[u8]) {
        for block in bytes.chunks(PAIRS) {
            if self.since >= FULL {
                self.empty();
            }
            self.since = self.since.saturating_add(block.len() as u64);
            self.count(block);
        }
        if let Some(&byte) = bytes.last().filter(|_| place >= self.last.0) {
            self.last = (place, byte);
        }
    }

    fn count(&mut self, block: &[u8]) {
        let Some((evens, rest)) = self.recent.split_first_chunk_mut::<PAIRS>() else { return };
        let Some((odds, _)) = rest.split_first_chunk_mut::<PAIRS>() else { return };
        if let Some(count) = count_pairs(evens, odds, block).and_then(|byte| self.single.get_mut(usize::from(byte))) {
            *count = count.saturating_add(1);
        }
    }

    fn empty(&mut self) {
        for (recent, older) in self.recent.iter_mut().zip(&mut self.older) {
            *older = older.saturating_add(u64::from(std::mem::take(recent)));
        }
        self.since = 0;
    }

    /// How often each pattern of a number occurs, for each of the parts of an element. `count` is the number of
    /// elements: the last half of a byte may belong to none.
    pub(super) fn counts(&mut self, code: Code, endian: Endian, count: u64) -> Vec<Vec<u64>> {
        self.empty();
        let mut parts = vec![vec![0; PAIRS]; code.parts];
        let (evens, odds) = self.older.split_at(PAIRS);
        for (at, table) in [evens, odds].into_iter().enumerate() {
            let Some(part) = parts.get_mut(at.min(code.parts.saturating_sub(1))) else { continue };
            for (pair, &times) in (0..=u16::MAX).zip(table) {
                if times == 0 {
                    continue;
                }
                let [a, b] = pair.to_le_bytes();
                match (code.stored, endian) {
                    (16, Endian::Little) => tell(part, pair, times),
                    (16, Endian::Big) => tell(part, pair.swap_bytes(), times),
                    _ => [a, b].into_iter().for_each(|byte| tell_byte(part, code, byte, times)),
                }
            }
        }
        if let Some(part) = parts.first_mut() {
            for (byte, &times) in (0..=u8::MAX).zip(&self.single) {
                tell_byte(part, code, byte, times);
            }
            if code.stored == 4 && count & 1 == 1 {
                let padding = usize::from(self.last.1.wrapping_shr(4));
                if let Some(times) = part.get_mut(padding) {
                    *times = times.saturating_sub(1);
                }
            }
        }
        parts
    }
}

fn tell(counts: &mut [u64], pattern: u16, times: u64) {
    if let Some(count) = counts.get_mut(usize::from(pattern)) {
        *count = count.saturating_add(times);
    }
}

fn tell_byte(counts: &mut [u64], code: Code, byte: u8, times: u64) {
    if code.stored == 4 {
        tell(counts, u16::from(byte & 15), times);
        tell(counts, u16::from(byte.wrapping_shr(4)), times);
    } else {
        tell(counts, u16::from(byte), times);
    }
}

/// Every number that occurs, and how often.
pub(super) fn numbers(code: Code, counts: &[u64]) -> impl Iterator<Item = (Number, u64)> {
    let told = (0_u64..).zip(counts).filter(|(_, times)| **times > 0);
    told.map(move |(raw, &times)| (code.number(raw), times))
}

/// The statistics of numbers that occur so often.
#[expect(clippy::cast_precision_loss, reason = "counts of numbers that were read")]
pub(super) fn statistics(code: Code, counts: &[u64]) -> Statistics {
    let mut found = Statistics::default();
    let (mut sum, mut extremes, mut finite) = (Sum::default(), None::<(Number, Number)>, 0_u64);
    let smallest_normal = code.smallest_normal();
    for (number, times) in numbers(code, counts) {
        let value = number.to_f64();
        let add = |count: &mut u64, holds: bool| *count = count.saturating_add(if holds { times } else { 0 });
        add(&mut found.count, true);
        add(&mut found.nan, value.is_nan());
        add(&mut found.positive_infinite, value == f64::INFINITY);
        add(&mut found.negative_infinite, value == f64::NEG_INFINITY);
        add(&mut found.zeros, value == 0.0);
        add(&mut found.subnormal, value != 0.0 && value.abs() < smallest_normal);
        add(&mut found.positive, value > 0.0);
        add(&mut found.negative, value < 0.0);
        if value.is_finite() {
            finite = finite.saturating_add(times);
            sum.add(value * times as f64);
            let (low, high) = extremes.unwrap_or((number, number));
            let low = if value < low.to_f64() { number } else { low };
            extremes = Some((low, if value > high.to_f64() { number } else { high }));
        }
    }
    let mean = sum.value() / finite as f64;
    let (mut around, mut squares) = (Sum::default(), Sum::default());
    for (number, times) in numbers(code, counts).filter(|(number, _)| number.to_f64().is_finite()) {
        let (value, times) = (number.to_f64(), times as f64);
        around.add((value - mean) * (value - mean) * times);
        squares.add(value * value * times);
    }
    let std = (around.value() / finite as f64).sqrt();
    let l2 = squares.value().sqrt();
    found.finite = extremes.map(|(min, max)| Finite { count: finite, min, max, mean, std, l2 });
    found
}

/// The histogram of numbers that occur so often.
pub(super) fn fill(code: Code, counts: &[u64], filling: &mut Filling) {
    numbers(code, counts).for_each(|(number, times)| filling.add(number.to_f64(), times));
}
