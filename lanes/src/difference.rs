//! How far 32-bit and 16-bit floats are from each other, four at a time. A number that is not finite shows in the sums.

use crate::halves::{brains, halves};
use crate::pair::Pair;
use crate::quad::{Count, Quad};

/// What two chunks of finite numbers have between them.
#[derive(Debug, Clone, Copy)]
pub struct Sums {
    /// Of (b − a)².
    pub squares: f64,
    /// Of a².
    pub squares_a: f64,
    /// Of b².
    pub squares_b: f64,
    /// Of a·b.
    pub products: f64,
    /// Of b − a.
    pub shift: f64,
    /// The largest |b − a|.
    pub max: f64,
    /// Numbers whose bits differ.
    pub changed: u64,
    /// Numbers above zero on one side and below on the other.
    pub flips: u64,
}

macro_rules! of_type {
    ($about:literal, $bytes:literal, $read:expr, $differing:ident, $norm:ident) => {
        #[doc = $about]
        pub fn $differing(a: &[[u8; $bytes]], b: &[[u8; $bytes]]) -> Sums {
            differing(a, b, $read)
        }

        #[doc = $about]
        ///
        /// The sum of their squares.
        pub fn $norm(rows: &[[u8; $bytes]]) -> f64 {
            norm(rows, $read)
        }
    };
}

of_type!("32-bit floats as they lie in a file.", 16, Quad::read, singles, norm_of_singles);
of_type!("bfloat16.", 8, brains, brain_floats, norm_of_brain_floats);
of_type!("16-bit floats.", 8, halves, half_floats, norm_of_half_floats);

#[inline(always)]
fn norm<const N: usize>(rows: &[[u8; N]], read: impl Fn(&[u8; N]) -> Quad) -> f64 {
    let none = Pair::splat(0.0);
    let (mut one, mut two) = (none, none);
    for row in rows {
        let [a, b] = read(row).widened();
        one = one.plus(a.times(a));
        two = two.plus(b.times(b));
    }
    total(one.plus(two))
}

/// What two of four neighbours leave.
#[derive(Clone, Copy)]
struct Column {
    squares: Pair,
    squares_a: Pair,
    squares_b: Pair,
    products: Pair,
    shift: Pair,
    max: Pair,
    flips: Pair,
}

impl Column {
    #[inline(always)]
    fn new() -> Self {
        let none = Pair::splat(0.0);
        Self { squares: none, squares_a: none, squares_b: none, products: none, shift: none, max: none, flips: none }
    }

    #[inline(always)]
    fn add(&mut self, a: Pair, b: Pair) {
        let (difference, product) = (b.minus(a), a.times(b));
        self.squares = self.squares.plus(difference.times(difference));
        self.squares_a = self.squares_a.plus(a.times(a));
        self.squares_b = self.squares_b.plus(b.times(b));
        self.products = self.products.plus(product);
        self.shift = self.shift.plus(difference);
        self.max = self.max.higher(difference.magnitude());
        // Of numbers that 32 bits hold, no product vanishes in 64.
        self.flips = self.flips.plus(product.is_below(Pair::splat(0.0)));
    }
}

#[inline(always)]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most the length of a chunk")]
fn differing<const N: usize>(rows_a: &[[u8; N]], rows_b: &[[u8; N]], read: impl Fn(&[u8; N]) -> Quad) -> Sums {
    let (mut one, mut two, mut unlike) = (Column::new(), Column::new(), Count::zero());
    for (a, b) in rows_a.iter().zip(rows_b) {
        let (a, b) = (read(a), read(b));
        unlike = unlike.unlike(a, b);
        let ([a, c], [b, d]) = (a.widened(), b.widened());
        one.add(a, b);
        two.add(c, d);
    }
    let max = one.max.higher(two.max).values();
    Sums {
        squares: total(one.squares.plus(two.squares)),
        squares_a: total(one.squares_a.plus(two.squares_a)),
        squares_b: total(one.squares_b.plus(two.squares_b)),
        products: total(one.products.plus(two.products)),
        shift: total(one.shift.plus(two.shift)),
        max: max.into_iter().fold(0.0, f64::max),
        changed: unlike.values().into_iter().map(u64::from).sum(),
        flips: total(one.flips.plus(two.flips)) as u64,
    }
}

fn total(pair: Pair) -> f64 {
    pair.values().into_iter().sum()
}
