//! Columns of numbers: products, and one taken off another so many times.
//!
//! Sums are kept in independent lanes: a chain of additions would wait for itself, and LLVM does not reorder floats.

use super::pair::Pair;

/// Numbers of a row.
const LANES: usize = 8;

/// The sum of the products of two columns, as far as the shorter goes.
pub fn product(a: &[f64], b: &[f64]) -> f64 {
    let none = Pair::splat(0.0);
    let (mut one, mut two, mut three, mut four) = (none, none, none, none);
    let ((rows_a, rest_a), (rows_b, rest_b)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (&[a, b, c, d, e, f, g, h], &[i, j, k, l, m, n, o, p]) in rows_a.iter().zip(rows_b) {
        one = one.plus(Pair::new([a, b]).times(Pair::new([i, j])));
        two = two.plus(Pair::new([c, d]).times(Pair::new([k, l])));
        three = three.plus(Pair::new([e, f]).times(Pair::new([m, n])));
        four = four.plus(Pair::new([g, h]).times(Pair::new([o, p])));
    }
    let rest: f64 = rest_a.iter().zip(rest_b).map(|(a, b)| a * b).sum();
    one.plus(two).plus(three.plus(four)).values().into_iter().sum::<f64>() + rest
}

/// Takes `times` times `other` off `column`; both are as long.
pub fn take_off(column: &mut [f64], other: &[f64], times: f64) {
    let factor = Pair::splat(times);
    let (rows, rest) = column.as_chunks_mut::<2>();
    let (other_rows, other_rest) = other.as_chunks::<2>();
    for (row, other) in rows.iter_mut().zip(other_rows) {
        *row = Pair::new(*row).minus(Pair::new(*other).times(factor)).values();
    }
    rest.iter_mut().zip(other_rest).for_each(|(number, other)| *number -= times * other);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::cast_precision_loss, reason = "small numbers")]
    fn of_any_length() {
        for len in 0..40 {
            let a: Vec<f64> = (0..len).map(|at| at as f64 + 0.5).collect();
            let b: Vec<f64> = (0..len).map(|at| 2.0 - at as f64).collect();
            let expected: f64 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
            assert!((product(&a, &b) - expected).abs() < 1e-9, "{len}");
            let mut c = a.clone();
            take_off(&mut c, &b, 0.25);
            assert!(c.iter().zip(a.iter().zip(&b)).all(|(c, (a, b))| (c - (a - 0.25 * b)).abs() < 1e-12), "{len}");
        }
    }
}
