//! One pass over 64-bit floats.
//!
//! A chunk is gone through twice while it is in the cache: first its sum, extremes and counts, then the squares around
//! its own mean. Chunks are joined as in Chan, Golub and LeVeque 1983 and their sums compensated (Neumaier), so that
//! neither many numbers nor a mean far from zero cost digits. Sums are kept in independent lanes: a chain of additions
//! would wait for itself, and LLVM does not reorder floats.

use super::pair::Pair;
use super::{Code, Finite, Number, Statistics};

/// Numbers of a chunk: 8 kB, well inside the first cache.
pub(super) const CHUNK: usize = 1024;
/// Independent sums.
const LANES: usize = 8;

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

/// What is found out about a chunk at a glance.
struct Glance {
    sum: f64,
    low: f64,
    high: f64,
    zeros: u64,
    negative: u64,
    /// Nearer to zero than normal numbers, zero included.
    small: u64,
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
            self.join(chunk, &glance);
            return;
        }
        let kept = self.set_aside(chunk);
        let finite = chunk.get(..kept).unwrap_or_default();
        self.join(finite, &self::glance(finite, self.smallest_normal));
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
    fn join(&mut self, chunk: &[f64], glance: &Glance) {
        let count = chunk.len() as u64;
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
        self.squares += squares_around(chunk, mean);
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

/// What two neighbours in a row of eight leave, over all rows.
#[derive(Clone, Copy)]
struct Column {
    sum: Pair,
    low: Pair,
    high: Pair,
    zeros: Pair,
    negative: Pair,
    small: Pair,
}

impl Column {
    #[inline(always)]
    fn new() -> Self {
        let none = Pair::splat(0.0);
        let (low, high) = (Pair::splat(f64::INFINITY), Pair::splat(f64::NEG_INFINITY));
        Self { sum: none, low, high, zeros: none, negative: none, small: none }
    }

    #[inline(always)]
    fn add(&mut self, pair: Pair, smallest_normal: Pair) {
        let zero = Pair::splat(0.0);
        self.sum = self.sum.plus(pair);
        self.low = self.low.lower(pair);
        self.high = self.high.higher(pair);
        self.zeros = self.zeros.plus(pair.is(zero));
        self.negative = self.negative.plus(pair.is_below(zero));
        self.small = self.small.plus(pair.magnitude().is_below(smallest_normal));
    }

    #[inline(always)]
    fn join(self, other: Self) -> Self {
        Self {
            sum: self.sum.plus(other.sum),
            low: self.low.lower(other.low),
            high: self.high.higher(other.high),
            zeros: self.zeros.plus(other.zeros),
            negative: self.negative.plus(other.negative),
            small: self.small.plus(other.small),
        }
    }

    fn glance(self) -> Glance {
        let total = |pair: Pair| pair.values().into_iter().sum::<f64>();
        let zeros = whole(total(self.zeros));
        Glance {
            sum: total(self.sum),
            low: self.low.values().into_iter().fold(f64::INFINITY, f64::min),
            high: self.high.values().into_iter().fold(f64::NEG_INFINITY, f64::max),
            zeros,
            negative: whole(total(self.negative)),
            // A type without subnormal numbers has no small ones, but may have zeros.
            small: whole(total(self.small)).max(zeros),
        }
    }
}

/// A count of numbers of one chunk.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most the length of a chunk")]
fn whole(count: f64) -> u64 {
    count as u64
}

fn glance(chunk: &[f64], smallest_normal: f64) -> Glance {
    let normal = Pair::splat(smallest_normal);
    let (mut one, mut two, mut three, mut four) = (Column::new(), Column::new(), Column::new(), Column::new());
    let (rows, rest) = chunk.as_chunks::<LANES>();
    for &[a, b, c, d, e, f, g, h] in rows {
        one.add(Pair::new([a, b]), normal);
        two.add(Pair::new([c, d]), normal);
        three.add(Pair::new([e, f]), normal);
        four.add(Pair::new([g, h]), normal);
    }
    let mut glance = one.join(two).join(three.join(four)).glance();
    for &value in rest {
        let is_zero = value == 0.0;
        glance.sum += value;
        glance.low = glance.low.min(value);
        glance.high = glance.high.max(value);
        glance.zeros = glance.zeros.saturating_add(u64::from(is_zero));
        glance.negative = glance.negative.saturating_add(u64::from(value < 0.0));
        glance.small = glance.small.saturating_add(u64::from(is_zero || value.abs() < smallest_normal));
    }
    glance
}

fn squares_around(chunk: &[f64], mean: f64) -> f64 {
    let middle = Pair::splat(mean);
    let square = |a, b| {
        let distance = Pair::new([a, b]).minus(middle);
        distance.times(distance)
    };
    let none = Pair::splat(0.0);
    let (mut one, mut two, mut three, mut four) = (none, none, none, none);
    let (rows, rest) = chunk.as_chunks::<LANES>();
    for &[a, b, c, d, e, f, g, h] in rows {
        one = one.plus(square(a, b));
        two = two.plus(square(c, d));
        three = three.plus(square(e, f));
        four = four.plus(square(g, h));
    }
    let rest: f64 = rest.iter().map(|value| (value - mean) * (value - mean)).sum();
    one.plus(two).plus(three.plus(four)).values().into_iter().sum::<f64>() + rest
}
