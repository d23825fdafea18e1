//! The histogram of 32-bit floats, without widening them: most weights are these.
//!
//! The bin is guessed in 32 bits, four numbers at a time. That is off by one at most, and only near an edge: there it is put
//! right by comparing with the edges of the guessed bin, rounded up to 32 bits, so that the bins are those of 64 bits.
//! Neighbours are counted apart, for weights are often alike and an addition to the same count would wait for the one before.

use super::Statistics;
use super::histogram::{BINS, Filling};
use super::kind::Code;
use super::quad::Quad;
use crate::model::{DType, Endian};

/// Counts kept apart.
const LANES: usize = 4;
/// Sign and exponent of a 32-bit float.
const EXPONENTS: usize = 1 << 9;
/// Bins from an edge that a guess is at least away from it to be right: subtracting, scaling and the scale's own rounding
/// each cost 2⁻²⁴ of at most 64 bins, together less than a fifth of this.
const NEAR: f32 = 1.0 / 16_384.0;
/// Between an exponent of 32 and one of 64 bits.
const BIAS: usize = 1023 - 127;

/// How to find the bin of a number.
#[derive(Debug, Clone)]
pub(super) struct Singles {
    low: f32,
    /// Bins a unit.
    scale: f32,
    /// The smallest number of each bin.
    lower: [f32; BINS],
    /// The smallest number of the next.
    upper: [f32; BINS],
    /// Whether there are numbers below the normal ones.
    has_subnormal: bool,
}

/// Counts of one block, so few that 32 bits hold them.
#[derive(Clone, Copy)]
struct Counts {
    linear: [u32; BINS],
    exponents: [u32; EXPONENTS],
}

/// Whether numbers are kept as the browser has them.
pub(super) fn is_plain(code: Code, endian: Endian) -> bool {
    Code::of(&DType::F32) == Some(code) && endian == Endian::Little
}

impl Singles {
    /// For 32-bit floats of which all are finite, when their range can be gone through in 32 bits.
    pub(super) fn new(code: Code, endian: Endian, found: &Statistics, filling: &Filling) -> Option<Self> {
        let all_finite = found.nan == 0 && found.positive_infinite == 0 && found.negative_infinite == 0;
        let (low, scale) = (single(filling.low()), single(filling.scale()));
        let is_exact = f64::from(low) == filling.low() && single(filling.high() - filling.low()).is_finite();
        if !is_plain(code, endian) || !all_finite || !is_exact || !scale.is_normal() {
            return None;
        }
        let edge = |at: usize| at_least(filling.edge(at));
        let mut singles = Self {
            low,
            scale,
            lower: [f32::NEG_INFINITY; BINS],
            upper: [f32::INFINITY; BINS],
            has_subnormal: found.subnormal > 0,
        };
        singles.lower.iter_mut().enumerate().skip(1).for_each(|(at, lower)| *lower = edge(at));
        singles.upper.iter_mut().zip(1..BINS).for_each(|(upper, at)| *upper = edge(at));
        Some(singles)
    }

    /// Counts the numbers of `bytes`, at most a block of them.
    pub(super) fn fill(&self, bytes: &[u8], filling: &mut Filling) {
        let mut counts = [Counts::NONE; LANES];
        let (rows, rest) = bytes.as_chunks::<16>();
        let (low, scale) = (Quad::splat(self.low), Quad::splat(self.scale));
        let (near, far) = (Quad::splat(NEAR), Quad::splat(1.0 - NEAR));
        let [first, second, third, fourth] = &mut counts;
        for row in rows {
            let quad = Quad::read(row);
            let guess = quad.minus(low).times(scale);
            let [a, b, c, d] = if guess.fraction().leaves(near, far) {
                quad.values().map(|value| self.bin(value))
            } else {
                guess.whole()
            };
            let [e, f, g, h] = quad.exponents();
            // Written out: the worker is built for size, where LLVM unrolls nothing.
            first.add(a, e);
            second.add(b, f);
            third.add(c, g);
            fourth.add(d, h);
        }
        for word in rest.as_chunks::<4>().0 {
            first.add(self.bin(f32::from_le_bytes(*word)), u32::from_le_bytes(*word).wrapping_shr(23));
        }
        if self.has_subnormal {
            let numbers = bytes.as_chunks::<4>().0.iter().map(|word| f32::from_le_bytes(*word));
            numbers.filter(|number| number.is_subnormal()).for_each(|number| filling.add_octave(number.into(), 1));
        }
        counts.iter().for_each(|counts| counts.give(filling));
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, and the last is taken"
    )]
    fn bin(&self, number: f32) -> u32 {
        let guess = ((number - self.low) * self.scale) as u32;
        let guess = (guess as usize).min(BINS - 1);
        let lower = self.lower.get(guess).copied().unwrap_or(f32::NEG_INFINITY);
        let upper = self.upper.get(guess).copied().unwrap_or(f32::INFINITY);
        let (down, up) = (usize::from(number < lower), usize::from(number >= upper));
        (guess.wrapping_add(up).wrapping_sub(down) & (BINS - 1)) as u32
    }
}

impl Counts {
    const NONE: Self = Self { linear: [0; BINS], exponents: [0; EXPONENTS] };

    /// Counts a number of this bin, and of this sign and exponent.
    #[inline(always)]
    fn add(&mut self, bin: u32, exponent: u32) {
        if let Some(count) = self.linear.get_mut(bin as usize & (BINS - 1)) {
            *count = count.wrapping_add(1);
        }
        if let Some(count) = self.exponents.get_mut(exponent as usize & (EXPONENTS - 1)) {
            *count = count.wrapping_add(1);
        }
    }

    /// Adds them to the histogram. Zeros and subnormal numbers share an exponent, and are in no octave yet.
    fn give(&self, filling: &mut Filling) {
        self.linear.iter().enumerate().for_each(|(bin, count)| filling.add_to_bin(bin, u64::from(*count)));
        let (positive, negative) = self.exponents.split_at(EXPONENTS / 2);
        for (is_negative, counts) in [(false, positive), (true, negative)] {
            for (exponent, count) in counts.iter().enumerate().skip(1) {
                filling.add_to_exponent(is_negative, exponent.wrapping_add(BIAS), u64::from(*count));
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "what is rounded is noticed")]
fn single(value: f64) -> f32 {
    value as f32
}

/// The smallest 32-bit float that is not below `value`.
fn at_least(value: f64) -> f32 {
    let near = single(value);
    if f64::from(near) < value { near.next_up() } else { near }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::{Binning, Tally};

    fn histogram(numbers: &[f32], is_plain: bool) -> crate::tensor::Histogram {
        let code = Code::of(&DType::F32).unwrap();
        // Big-endian numbers go the way over 64 bits.
        let endian = if is_plain { Endian::Little } else { Endian::Big };
        let bytes: Vec<u8> =
            numbers.iter().flat_map(|n| if is_plain { n.to_le_bytes() } else { n.to_be_bytes() }).collect();
        let mut tally = Tally::new(code, endian);
        tally.add(&bytes);
        let found = tally.finish(numbers.len() as u64, 1).0;
        let filling = Filling::new(found[0].finite.as_ref().unwrap());
        let range = filling.high() - filling.low();
        let is_usual = (1e-30..1e38).contains(&range);
        assert_eq!(Singles::new(code, endian, &found[0], &filling).is_some(), is_plain && is_usual, "{range}");
        let mut binning = Binning::new(code, endian, &found);
        bytes.chunks(1 << 20).for_each(|block| binning.add(block));
        binning.finish(1)[0].clone().unwrap()
    }

    /// Numbers on the edges, beside them, everywhere, of every size.
    #[test]
    fn bins_are_those_of_64_bits() {
        let mut state = 1_u64;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1 << 24) as f32
        };
        for (low, high) in
            [(-1.0_f32, 1.0), (-0.3, 0.7), (0.1, 0.100_001), (-1e-30, 3e-30), (1e30, 3e37), (0.0, 1e-37), (-3e38, 3e38)]
        {
            let mut numbers: Vec<f32> = (0..40_000).map(|_| low + (high / 2.0 - low / 2.0) * random() * 2.0).collect();
            numbers.extend([low, high]);
            for at in 0..=BINS {
                let edge = f64::from(low) + (f64::from(high) - f64::from(low)) * at as f64 / BINS as f64;
                let near = edge as f32;
                numbers.extend([near.next_down().max(low), near.clamp(low, high), near.next_up().min(high)]);
            }
            assert_eq!(histogram(&numbers, true), histogram(&numbers, false), "{low} to {high}");
        }
    }

    #[test]
    fn zeros_and_subnormal_numbers_are_in_their_octaves() {
        let numbers = [0.0, -0.0, 1e-40, -3e-42, f32::from_bits(1), f32::MIN_POSITIVE, 1.0, -2.0];
        let found = histogram(&numbers, true);
        assert_eq!(found, histogram(&numbers, false));
        assert_eq!(found.octaves.iter().map(|octave| octave.negative + octave.positive).sum::<u64>(), 6);
        assert_eq!(found.linear.iter().sum::<u64>(), 8);
    }
}
