//! Histograms of finite numbers: equal steps from the smallest to the largest, exactly as `numpy.histogram` fills them,
//! and one bin an octave of magnitude for each sign.

use serde::{Deserialize, Serialize};

use super::Finite;

pub use lanes::bins::BINS;

/// Sign and exponent of a 64-bit float.
const EXPONENTS: usize = 1 << 12;

/// How numbers spread.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// Lower edge of the first bin.
    pub low: f64,
    /// Upper edge of the last bin, which includes it.
    pub high: f64,
    /// Numbers in each of [`BINS`] bins of equal width.
    pub linear: Vec<u64>,
    /// Numbers by magnitude, smallest first; octaves between are listed though empty. Zeros are in none.
    pub octaves: Vec<Octave>,
}

/// The numbers whose magnitude is at least `2^exponent` and less than twice that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Octave {
    /// Power of two; -1023 stands for all subnormal 64-bit floats.
    pub exponent: i32,
    /// Numbers below zero.
    pub negative: u64,
    /// Numbers above zero.
    pub positive: u64,
}

impl Histogram {
    /// Adds the counts of another one of the same range.
    pub(super) fn join(&mut self, other: &Self) {
        self.linear.iter_mut().zip(&other.linear).for_each(|(own, other)| *own = own.saturating_add(*other));
        let ends = |octaves: &[Octave]| Some((octaves.first()?.exponent, octaves.last()?.exponent));
        let Some((first, last)) = ends(&other.octaves) else { return };
        let (from, to) = ends(&self.octaves).unwrap_or((first, last));
        let of = |octaves: &[Octave], exponent| octaves.iter().find(|octave| octave.exponent == exponent).copied();
        let both = (from.min(first)..=to.max(last)).map(|exponent| {
            let none = Octave { exponent, negative: 0, positive: 0 };
            let (own, other) = (of(&self.octaves, exponent), of(&other.octaves, exponent));
            let (own, other) = (own.unwrap_or(none), other.unwrap_or(none));
            Octave {
                exponent,
                negative: own.negative.saturating_add(other.negative),
                positive: own.positive.saturating_add(other.positive),
            }
        });
        self.octaves = both.collect();
    }
}

/// A histogram being filled.
#[derive(Debug, Clone)]
pub(super) struct Filling {
    low: f64,
    high: f64,
    width: f64,
    linear: Vec<u64>,
    exponents: Vec<u64>,
}

impl Filling {
    /// An empty one for numbers of this range. A range without width gets one of 1, as in NumPy.
    pub(super) fn new(finite: &Finite) -> Self {
        let (mut low, mut high) = (finite.min.to_f64(), finite.max.to_f64());
        if low == high {
            (low, high) = (low - 0.5, high + 0.5);
        }
        let width = (high - low) / bins();
        Self { low, high, width, linear: vec![0; BINS], exponents: vec![0; EXPONENTS] }
    }

    /// Adds `weight` times `value`, unless it is not finite.
    #[inline]
    pub(super) fn add(&mut self, value: f64, weight: u64) {
        if !value.is_finite() {
            return;
        }
        self.add_to_bin(self.bin(value), weight);
        self.add_octave(value, if value == 0.0 { 0 } else { weight });
    }

    /// Adds `weight` numbers to a bin.
    #[inline]
    pub(super) fn add_to_bin(&mut self, bin: usize, weight: u64) {
        if let Some(count) = self.linear.get_mut(bin) {
            *count = count.wrapping_add(weight);
        }
    }

    /// Adds `weight` to the octave of `value`, which is finite and not zero.
    #[inline]
    pub(super) fn add_octave(&mut self, value: f64, weight: u64) {
        let exponent = value.to_bits().wrapping_shr(52);
        if let Some(count) = usize::try_from(exponent).ok().and_then(|at| self.exponents.get_mut(at)) {
            *count = count.wrapping_add(weight);
        }
    }

    /// Adds `weight` numbers to the octave with this exponent of a 64-bit float.
    pub(super) fn add_to_exponent(&mut self, is_negative: bool, exponent: usize, weight: u64) {
        let at = if is_negative { exponent.saturating_add(EXPONENTS / 2) } else { exponent };
        if let Some(count) = self.exponents.get_mut(at) {
            *count = count.wrapping_add(weight);
        }
    }

    /// Lower edge of the first bin.
    pub(super) fn low(&self) -> f64 {
        self.low
    }

    /// Upper edge of the last.
    pub(super) fn high(&self) -> f64 {
        self.high
    }

    /// Bins a unit.
    pub(super) fn scale(&self) -> f64 {
        bins() / (self.high - self.low)
    }

    /// The bin whose edges are around `value`: dividing can be off by one, the edges decide.
    #[inline]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates, and is clamped")]
    fn bin(&self, value: f64) -> usize {
        let at = (((value - self.low) / (self.high - self.low)) * bins()) as usize;
        let at = at.min(BINS.saturating_sub(1));
        if value < self.edge(at) {
            return at.saturating_sub(1);
        }
        let next = at.saturating_add(1);
        if next < BINS && value >= self.edge(next) { next } else { at }
    }

    /// Lower edge of a bin.
    #[inline]
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    pub(super) fn edge(&self, at: usize) -> f64 {
        at as f64 * self.width + self.low
    }

    /// The histogram, every number counted `times` times.
    pub(super) fn finish(&self, times: u64) -> Histogram {
        let many = |count: &u64| count.saturating_mul(times);
        let (positive, negative) = self.exponents.split_at(EXPONENTS / 2);
        let mut octaves: Vec<Octave> = (-1023..)
            .zip(positive.iter().zip(negative))
            .map(|(exponent, (positive, negative))| Octave {
                exponent,
                negative: many(negative),
                positive: many(positive),
            })
            .collect();
        let is_empty = |octave: &Octave| octave.negative == 0 && octave.positive == 0;
        octaves.truncate(octaves.iter().rposition(|octave| !is_empty(octave)).map_or(0, |last| last.saturating_add(1)));
        let first = octaves.iter().position(|octave| !is_empty(octave)).unwrap_or(0);
        let octaves = octaves.split_off(first);
        Histogram { low: self.low, high: self.high, linear: self.linear.iter().map(many).collect(), octaves }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a small number")]
fn bins() -> f64 {
    BINS as f64
}
