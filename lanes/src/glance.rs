//! What is found out about a chunk of numbers at a glance, and the squares around its mean.
//!
//! Sums are kept in independent lanes: a chain of additions would wait for itself, and LLVM does not reorder floats.

use super::pair::Pair;
use super::quad::{Count, Quad};

/// Independent sums.
const LANES: usize = 8;

/// Sum, extremes and counts of a chunk.
pub struct Glance {
    /// Of all.
    pub sum: f64,
    /// The smallest.
    pub low: f64,
    /// The largest.
    pub high: f64,
    /// Zeros of both signs.
    pub zeros: u64,
    /// Below zero.
    pub negative: u64,
    /// Nearer to zero than normal numbers, zero included.
    pub small: u64,
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

/// Of 64-bit floats.
pub fn glance(chunk: &[f64], smallest_normal: f64) -> Glance {
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

/// The sum of their squared distances from `mean`.
pub fn squares_around(chunk: &[f64], mean: f64) -> f64 {
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

/// Of 32-bit floats as they lie in a file; nothing is counted that is not finite.
pub fn glance_singles(rows: &[[u8; 16]]) -> Glance {
    let (zero, normal) = (Quad::splat(0.0), Quad::splat(f32::MIN_POSITIVE));
    let (mut low, mut high) = (Quad::splat(f32::INFINITY), Quad::splat(f32::NEG_INFINITY));
    let (mut zeros, mut negative, mut small) = (Count::zero(), Count::zero(), Count::zero());
    let none = Pair::splat(0.0);
    let (mut one, mut two, mut three, mut four) = (none, none, none, none);
    let mut look = |quad: Quad| {
        low = low.lower(quad);
        high = high.higher(quad);
        zeros = zeros.equal(quad, zero);
        negative = negative.below(quad, zero);
        small = small.below(quad.magnitude(), normal);
        quad.widened()
    };
    let (pairs, rest) = rows.as_chunks::<2>();
    for [first, second] in pairs {
        let ([a, b], [c, d]) = (look(Quad::read(first)), look(Quad::read(second)));
        one = one.plus(a);
        two = two.plus(b);
        three = three.plus(c);
        four = four.plus(d);
    }
    for row in rest {
        let [a, b] = look(Quad::read(row));
        one = one.plus(a);
        two = two.plus(b);
    }
    let counted = |count: Count| count.values().into_iter().map(u64::from).sum();
    Glance {
        sum: one.plus(two).plus(three.plus(four)).values().into_iter().sum(),
        low: low.values().into_iter().fold(f32::INFINITY, f32::min).into(),
        high: high.values().into_iter().fold(f32::NEG_INFINITY, f32::max).into(),
        zeros: counted(zeros),
        negative: counted(negative),
        small: counted(small),
    }
}

/// The sum of the squared distances of 32-bit floats from `mean`.
pub fn squares_of_singles(rows: &[[u8; 16]], mean: f64) -> f64 {
    let middle = Pair::splat(mean);
    let square = |pair: Pair| {
        let distance = pair.minus(middle);
        distance.times(distance)
    };
    let none = Pair::splat(0.0);
    let (mut one, mut two, mut three, mut four) = (none, none, none, none);
    let (pairs, rest) = rows.as_chunks::<2>();
    for [first, second] in pairs {
        let ([a, b], [c, d]) = (Quad::read(first).widened(), Quad::read(second).widened());
        one = one.plus(square(a));
        two = two.plus(square(b));
        three = three.plus(square(c));
        four = four.plus(square(d));
    }
    for row in rest {
        let [a, b] = Quad::read(row).widened();
        one = one.plus(square(a));
        two = two.plus(square(b));
    }
    one.plus(two).plus(three.plus(four)).values().into_iter().sum()
}
