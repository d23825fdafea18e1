//! The histogram of 32-bit floats, without widening them: most weights are these.

use super::Statistics;
use super::histogram::Filling;
use super::kind::Code;
use crate::model::{DType, Endian};
use lanes::bins::{BINS, Bins, EXPONENTS, Edges};

/// Between an exponent of 32 and one of 64 bits.
const BIAS: usize = 1023 - 127;

/// How to find the bin of a number.
#[derive(Debug, Clone)]
pub(super) struct Singles {
    bins: Bins,
    /// Whether there are numbers below the normal ones.
    has_subnormal: bool,
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
        let (mut lower, mut upper) = ([f32::NEG_INFINITY; BINS], [f32::INFINITY; BINS]);
        lower.iter_mut().enumerate().skip(1).for_each(|(at, lower)| *lower = edge(at));
        upper.iter_mut().zip(1..BINS).for_each(|(upper, at)| *upper = edge(at));
        let bins = Bins::new(Edges { low, scale, lower, upper });
        Some(Self { bins, has_subnormal: found.subnormal > 0 })
    }

    /// Counts the numbers of `bytes`, at most a block of them.
    pub(super) fn fill(&mut self, bytes: &[u8], filling: &mut Filling) {
        if self.has_subnormal {
            let numbers = bytes.as_chunks::<4>().0.iter().map(|word| f32::from_le_bytes(*word));
            numbers.filter(|number| number.is_subnormal()).for_each(|number| filling.add_octave(number.into(), 1));
        }
        self.bins.add(bytes);
        if self.bins.is_full() {
            self.finish(filling);
        }
    }

    /// Adds what was counted to the histogram. Zeros and subnormal numbers share an exponent, and are in no octave yet.
    pub(super) fn finish(&mut self, filling: &mut Filling) {
        self.bins.take(&mut |bin, exponent, count| {
            filling.add_to_bin(bin, u64::from(count));
            let (is_negative, exponent) = (exponent >= EXPONENTS / 2, exponent & (EXPONENTS / 2 - 1));
            if exponent > 0 {
                filling.add_to_exponent(is_negative, exponent.wrapping_add(BIAS), u64::from(count));
            }
        });
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
        tally.add(0, &bytes);
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
