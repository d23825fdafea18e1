//! 32-bit and 16-bit floats of one type, four at a time. A chunk in which one is not finite shows in its sums, and is left to
//! [`General`].

use super::CHUNK;
use super::general::General;
use super::totals::{Found, Totals};
use crate::tensor::halves::{brains, halves};
use crate::tensor::pair::Pair;
use crate::tensor::quad::{Count, Quad};

/// Reads four numbers from `N` bytes.
pub(super) trait Read<const N: usize> {
    fn read(bytes: &[u8; N]) -> Quad;
}

pub(super) struct Single;
pub(super) struct Brain;
pub(super) struct Half;

impl Read<16> for Single {
    #[inline(always)]
    fn read(bytes: &[u8; 16]) -> Quad {
        Quad::read(bytes)
    }
}

impl Read<8> for Brain {
    #[inline(always)]
    fn read(bytes: &[u8; 8]) -> Quad {
        brains(bytes)
    }
}

impl Read<8> for Half {
    #[inline(always)]
    fn read(bytes: &[u8; 8]) -> Quad {
        halves(bytes)
    }
}

/// Takes in as many fours as there are and says how many bytes they took of each side.
pub(super) fn add<const N: usize, R: Read<N>>(
    a: &[u8],
    b: &[u8],
    is_same: bool,
    general: &General,
    totals: &mut Totals,
) -> usize {
    let (rows_a, rows_b) = (a.as_chunks::<N>().0, b.as_chunks::<N>().0);
    for (a, b) in rows_a.chunks(CHUNK / 4).zip(rows_b.chunks(CHUNK / 4)) {
        let found = if is_same { same::<N, R>(a) } else { differing::<N, R>(a, b) };
        if found.squares_a.is_finite() && found.squares_b.is_finite() {
            totals.join(&found);
        } else {
            let count = (a.len() as u64).saturating_mul(4);
            general.add(a.as_flattened(), b.as_flattened(), count, is_same, totals);
        }
    }
    rows_a.len().min(rows_b.len()).saturating_mul(N)
}

/// The norm of what both have.
fn same<const N: usize, R: Read<N>>(rows: &[[u8; N]]) -> Found {
    let none = Pair::splat(0.0);
    let (mut one, mut two) = (none, none);
    for row in rows {
        let [a, b] = R::read(row).widened();
        one = one.plus(a.times(a));
        two = two.plus(b.times(b));
    }
    Found::same(total(one.plus(two)), (rows.len() as u64).saturating_mul(4))
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

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most the length of a chunk")]
fn differing<const N: usize, R: Read<N>>(rows_a: &[[u8; N]], rows_b: &[[u8; N]]) -> Found {
    let (mut one, mut two, mut unlike) = (Column::new(), Column::new(), Count::new());
    for (a, b) in rows_a.iter().zip(rows_b) {
        let (a, b) = (R::read(a), R::read(b));
        unlike = unlike.unlike(a, b);
        let ([a, c], [b, d]) = (a.widened(), b.widened());
        one.add(a, b);
        two.add(c, d);
    }
    let max = one.max.higher(two.max).values();
    Found {
        squares: total(one.squares.plus(two.squares)),
        squares_a: total(one.squares_a.plus(two.squares_a)),
        squares_b: total(one.squares_b.plus(two.squares_b)),
        products: total(one.products.plus(two.products)),
        shift: total(one.shift.plus(two.shift)),
        max: max.into_iter().fold(0.0, f64::max),
        compared: (rows_a.len() as u64).saturating_mul(4),
        changed: unlike.values().into_iter().map(u64::from).sum(),
        flips: total(one.flips.plus(two.flips)) as u64,
        beyond: 0,
    }
}

fn total(pair: Pair) -> f64 {
    pair.values().into_iter().sum()
}
