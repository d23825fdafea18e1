//! What is kept of all chunks.

use super::general::General;
use super::{Difference, Specials};
use crate::tensor::moments::Sum;

/// Sums over all chunks.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Totals {
    squares: Sum,
    squares_a: Sum,
    squares_b: Sum,
    products: Sum,
    shift: Sum,
    max: f64,
    compared: u64,
    changed: u64,
    flips: u64,
    beyond: u64,
    pub(super) a: Specials,
    pub(super) b: Specials,
}

/// Sums over the finite positions of one chunk.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Found {
    /// Of (b − a)².
    pub(super) squares: f64,
    /// Of a².
    pub(super) squares_a: f64,
    /// Of b².
    pub(super) squares_b: f64,
    /// Of ab.
    pub(super) products: f64,
    /// Of b − a.
    pub(super) shift: f64,
    /// The largest |b − a|.
    pub(super) max: f64,
    pub(super) compared: u64,
    pub(super) changed: u64,
    pub(super) flips: u64,
    pub(super) beyond: u64,
}

impl Found {
    /// Of so many numbers that are the same on both sides, all finite.
    pub(super) fn same(squares: f64, compared: u64) -> Self {
        Self { squares_a: squares, squares_b: squares, products: squares, compared, ..Self::default() }
    }
}

impl Totals {
    pub(super) fn join(&mut self, found: &Found) {
        self.squares.add(found.squares);
        self.squares_a.add(found.squares_a);
        self.squares_b.add(found.squares_b);
        self.products.add(found.products);
        self.shift.add(found.shift);
        self.max = self.max.max(found.max);
        self.compared = self.compared.saturating_add(found.compared);
        self.changed = self.changed.saturating_add(found.changed);
        self.flips = self.flips.saturating_add(found.flips);
        self.beyond = self.beyond.saturating_add(found.beyond);
    }

    /// Elements whose bits differ.
    pub(super) fn changed(&self) -> u64 {
        self.changed
    }

    /// What they come to. Nothing is told of what nothing was compared of.
    #[expect(clippy::cast_precision_loss, reason = "a count of numbers that were read")]
    pub(super) fn finish(&self, elements: u64, is_equal: bool, general: &General) -> Difference {
        let told = |value: f64| (self.compared > 0).then_some(value);
        let root = |sum: Sum| told(sum.value().sqrt());
        let (l2_a, l2_b) = (root(self.squares_a), root(self.squares_b));
        let cosine = l2_a.zip(l2_b).filter(|(a, b)| *a > 0.0 && *b > 0.0).map(|(a, b)| self.products.value() / a / b);
        let is_real = !general.is_complex();
        let rounding = general.rounding();
        Difference {
            elements,
            compared: self.compared,
            is_equal,
            changed: Some(self.changed),
            max_abs: told(self.max),
            l2: root(self.squares),
            l2_a,
            l2_b,
            cosine: if is_equal { cosine.map(|_| 1.0) } else { cosine },
            mean_shift: told(self.shift.value() / self.compared as f64).filter(|_| is_real),
            sign_flips: is_real.then_some(self.flips),
            a: self.a,
            b: self.b,
            rounding: rounding.map(|(relative, _)| relative),
            beyond_rounding: rounding.map(|_| self.beyond),
        }
    }
}
