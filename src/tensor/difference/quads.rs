//! 32-bit and 16-bit floats of one type, four at a time. A chunk in which one is not finite shows in its sums, and is left to
//! [`General`].

use lanes::difference::{self, Sums};

use super::CHUNK;
use super::general::General;
use super::totals::{Found, Totals};

/// Numbers of which `N` bytes hold four.
pub(super) trait Fours<const N: usize> {
    fn differing(a: &[[u8; N]], b: &[[u8; N]]) -> Sums;
    fn norm(rows: &[[u8; N]]) -> f64;
}

pub(super) struct Single;
pub(super) struct Brain;
pub(super) struct Half;

impl Fours<16> for Single {
    fn differing(a: &[[u8; 16]], b: &[[u8; 16]]) -> Sums {
        difference::singles(a, b)
    }

    fn norm(rows: &[[u8; 16]]) -> f64 {
        difference::norm_of_singles(rows)
    }
}

impl Fours<8> for Brain {
    fn differing(a: &[[u8; 8]], b: &[[u8; 8]]) -> Sums {
        difference::brain_floats(a, b)
    }

    fn norm(rows: &[[u8; 8]]) -> f64 {
        difference::norm_of_brain_floats(rows)
    }
}

impl Fours<8> for Half {
    fn differing(a: &[[u8; 8]], b: &[[u8; 8]]) -> Sums {
        difference::half_floats(a, b)
    }

    fn norm(rows: &[[u8; 8]]) -> f64 {
        difference::norm_of_half_floats(rows)
    }
}

/// Takes in as many fours as there are and says how many bytes they took of each side.
pub(super) fn add<const N: usize, R: Fours<N>>(
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

fn same<const N: usize, R: Fours<N>>(rows: &[[u8; N]]) -> Found {
    Found::same(R::norm(rows), (rows.len() as u64).saturating_mul(4))
}

fn differing<const N: usize, R: Fours<N>>(rows_a: &[[u8; N]], rows_b: &[[u8; N]]) -> Found {
    let Sums { squares, squares_a, squares_b, products, shift, max, changed, flips } = R::differing(rows_a, rows_b);
    let compared = (rows_a.len().min(rows_b.len()) as u64).saturating_mul(4);
    Found { squares, squares_a, squares_b, products, shift, max, compared, changed, flips, beyond: 0 }
}
