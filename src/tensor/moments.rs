//! One pass over floats of 64 bits, or of 32 as they lie in a file.
//!
//! A chunk is gone through twice while it is in the cache: first its sum, extremes and counts, then the squares around
//! its own mean. Chunks are joined as in Chan, Golub and LeVeque 1983 and their sums compensated (Neumaier), so that
//! neither many numbers nor a mean far from zero cost digits.

use super::{Code, Finite, Number, Statistics};
use lanes::glance::{Glance, glance, glance_singles, squares_around, squares_of_singles};

/// Numbers of a chunk: 8 kB, well inside the first cache.
pub(super) const CHUNK: usize = 1024;

/// What one pass keeps.
#[derive(Debug, Clone)]
pub(super) struct Moments {
    smallest_normal: f64,
    counts: Statistics,
    finite: u64,
    low: f64,
    high: f64,
    sum: Sum,
    /// Sum of squares around the mean.
    squares: f64,
}

/// A sum and what adding to it lost.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    high: f64,
    lost: f64,
}

impl Sum {
    /// Adds without losing digits.
    pub(super) fn add(&mut self, value: f64) {
        let sum = self.high + value;
        self.lost += if self.high.abs() >= value.abs() { (self.high - sum) + value } else { (value - sum) + self.high };
        self.high = sum;
    }

    /// The sum.
    pub(super) fn value(self) -> f64 {
        if self.high.is_finite() { self.high + self.lost } else { self.high }
    }
}

impl Moments {
    /// Nothing yet of numbers kept as `code` says.
    pub(super) fn new(code: Code) -> Self {
        Self {
            smallest_normal: code.smallest_normal(),
            counts: Statistics::default(),
            finite: 0,
            low: f64::INFINITY,
            high: f64::NEG_INFINITY,
            sum: Sum::default(),
            squares: 0.0,
        }
    }

    /// Takes in a chunk. Its numbers may be moved.
    pub(super) fn add(&mut self, chunk: &mut [f64]) {
        self.counts.count = self.counts.count.saturating_add(chunk.len() as u64);
        let glance = glance(chunk, self.smallest_normal);
        // A number that is not finite shows in the sum.
        if glance.sum.is_finite() {
            self.join(chunk.len() as u64, &glance, &|mean| squares_around(chunk, mean));
            return;
        }
        let kept = self.set_aside(chunk);
        let finite = chunk.get(..kept).unwrap_or_default();
        self.join(kept as u64, &self::glance(finite, self.smallest_normal), &|mean| squares_around(finite, mean));
    }

    /// Takes in a chunk of 32-bit floats as they lie in a file; false, and nothing was taken, when one is not finite.
    pub(super) fn add_singles(&mut self, rows: &[[u8; 16]]) -> bool {
        let glance = glance_singles(rows);
        if !glance.sum.is_finite() {
            return false;
        }
        let count = (rows.len() as u64).saturating_mul(4);
        self.counts.count = self.counts.count.saturating_add(count);
        self.join(count, &glance, &|mean| squares_of_singles(rows, mean));
        true
    }

    /// Counts what is not finite and moves the rest to the front; says how many are left.
    fn set_aside(&mut self, chunk: &mut [f64]) -> usize {
        let mut kept = 0_usize;
        for at in 0..chunk.len() {
            let Some(&value) = chunk.get(at) else { break };
            if value.is_finite() {
                if let Some(to) = chunk.get_mut(kept) {
                    *to = value;
                }
                kept = kept.saturating_add(1);
                continue;
            }
            let (count, sign) = match value {
                f64::INFINITY => (&mut self.counts.positive_infinite, Some(&mut self.counts.positive)),
                f64::NEG_INFINITY => (&mut self.counts.negative_infinite, Some(&mut self.counts.negative)),
                _ => (&mut self.counts.nan, None),
            };
            *count = count.saturating_add(1);
            if let Some(sign) = sign {
                *sign = sign.saturating_add(1);
            }
        }
        kept
    }

    #[expect(clippy::cast_precision_loss, reason = "counts of numbers that were read")]
    fn join(&mut self, count: u64, glance: &Glance, squares_around: &dyn Fn(f64) -> f64) {
        if count == 0 {
            return;
        }
        let counts = &mut self.counts;
        counts.zeros = counts.zeros.saturating_add(glance.zeros);
        counts.negative = counts.negative.saturating_add(glance.negative);
        let positive = count.saturating_sub(glance.zeros).saturating_sub(glance.negative);
        counts.positive = counts.positive.saturating_add(positive);
        counts.subnormal = counts.subnormal.saturating_add(glance.small.saturating_sub(glance.zeros));
        self.low = self.low.min(glance.low);
        self.high = self.high.max(glance.high);
        let (before, added) = (self.finite as f64, count as f64);
        let mean = glance.sum / added;
        if self.finite > 0 {
            let distance = mean - self.sum.value() / before;
            self.squares += distance * distance * (before * added / (before + added));
        }
        self.squares += squares_around(mean);
        self.sum.add(glance.sum);
        self.finite = self.finite.saturating_add(count);
    }

    /// The statistics. `extremes` are exact where 64-bit floats are not.
    #[expect(clippy::cast_precision_loss, reason = "a count of numbers that were read")]
    pub(super) fn finish(&self, as_number: &dyn Fn(f64) -> Number, extremes: Option<(Number, Number)>) -> Statistics {
        let count = self.finite as f64;
        let mean = self.sum.value() / count;
        let (min, max) = extremes.unwrap_or_else(|| (as_number(self.low), as_number(self.high)));
        let finite = Finite {
            count: self.finite,
            min,
            max,
            mean,
            std: (self.squares / count).sqrt(),
            l2: (self.squares + mean * mean * count).sqrt(),
        };
        Statistics { finite: (self.finite > 0).then_some(finite), ..self.counts }
    }
}
