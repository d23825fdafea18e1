//! The upper triangle that has the products of a matrix of many rows and few columns, made while its rows come.
//!
//! Householder's reflections turn the triangle so far and the next rows into the next triangle; what is below is dropped. It
//! is the factor of the Gram matrix that is never made: squaring the numbers would cost half of their digits, and two
//! adapters that hardly differ would seem the same.

use lanes::columns::{product, take_off};

/// Additions and multiplications of one block of rows, about: a few milliseconds.
const BLOCK_WORK: usize = 1 << 23;
/// Rows of a block.
const ROWS: usize = 512;

/// The triangle of the rows that came.
#[derive(Debug)]
pub(super) struct Triangle {
    columns: usize,
    /// Column by column; 0 below the diagonal.
    numbers: Vec<f64>,
    /// Rows that were not taken in yet, column by column, and how many of `room` they are.
    block: Vec<f64>,
    room: usize,
    filled: usize,
}

impl Triangle {
    pub(super) fn new(columns: usize) -> Self {
        let square = columns.saturating_mul(columns);
        let room = BLOCK_WORK.checked_div(square).unwrap_or(ROWS).clamp(16, ROWS);
        Self { columns, numbers: vec![0.0; square], block: vec![0.0; columns.saturating_mul(room)], room, filled: 0 }
    }

    /// Rows that fit before [`Triangle::turn`] must be called.
    pub(super) fn room(&self) -> usize {
        self.room.saturating_sub(self.filled)
    }

    /// Puts a number into the row that comes `row` rows after those that are there.
    pub(super) fn put(&mut self, row: usize, column: usize, number: f64) {
        let at = column.saturating_mul(self.room).saturating_add(self.filled).saturating_add(row);
        if let Some(place) = self.block.get_mut(at) {
            *place = number;
        }
    }

    /// So many rows are whole now.
    pub(super) fn add(&mut self, rows: usize) {
        self.filled = self.filled.saturating_add(rows).min(self.room);
    }

    /// Takes in the rows that are there.
    pub(super) fn turn(&mut self) {
        if self.filled == 0 {
            return;
        }
        for column in 0..self.columns {
            self.reflect(column);
        }
        self.filled = 0;
        self.block.fill(0.0);
    }

    /// Makes the rows' part of a column zero, and does to the columns right of it what does that.
    fn reflect(&mut self, column: usize) {
        let (columns, filled) = (self.columns, self.filled);
        let rest = column.saturating_mul(self.room);
        let whole = self.block.len();
        let (_, right) = self.block.split_at_mut(rest.min(whole));
        let (own, others) = right.split_at_mut(self.room.min(right.len()));
        let own = own.get(..filled).unwrap_or_default();
        let below = product(own, own);
        let top = at(columns, column, column);
        let Some(head) = self.numbers.get(top).copied().filter(|_| below > 0.0) else { return };
        // The sign that loses no digits.
        let length = (head * head + below).sqrt();
        let turned = if head > 0.0 { -length } else { length };
        let first = head - turned;
        let scale = 2.0 / (first * first + below);
        if let Some(place) = self.numbers.get_mut(top) {
            *place = turned;
        }
        let right = column.saturating_add(1)..columns;
        for (other, numbers) in right.zip(others.chunks_exact_mut(self.room)) {
            let numbers = numbers.get_mut(..filled).unwrap_or_default();
            let Some(place) = self.numbers.get_mut(at(columns, column, other)) else { continue };
            let times = scale * (first * *place + product(own, numbers));
            *place -= times * first;
            take_off(numbers, own, times);
        }
    }

    /// A number of the triangle.
    pub(super) fn number(&self, row: usize, column: usize) -> f64 {
        self.numbers.get(at(self.columns, row, column)).copied().unwrap_or(0.0)
    }
}

fn at(columns: usize, row: usize, column: usize) -> usize {
    column.saturating_mul(columns).saturating_add(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::cast_precision_loss, reason = "small numbers")]
    fn the_products_of_columns_are_those_of_the_rows() {
        let (rows, columns) = (1300, 5);
        let number = |row: usize, column: usize| ((row * 7 + column * 13) as f64 * 0.37).sin() + column as f64;
        let mut triangle = Triangle::new(columns);
        for row in 0..rows {
            if triangle.room() == 0 {
                triangle.turn();
            }
            (0..columns).for_each(|column| triangle.put(0, column, number(row, column)));
            triangle.add(1);
        }
        triangle.turn();
        for i in 0..columns {
            for j in 0..columns {
                let expected: f64 = (0..rows).map(|row| number(row, i) * number(row, j)).sum();
                let found: f64 = (0..columns).map(|row| triangle.number(row, i) * triangle.number(row, j)).sum();
                assert!((found - expected).abs() < 1e-9 * expected.abs().max(1.0), "{i} {j}: {found} {expected}");
            }
        }
        assert_eq!(triangle.number(3, 1), 0.0);
    }
}
