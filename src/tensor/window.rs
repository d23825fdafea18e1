//! A few rows and columns of a tensor, as it is shown on paper.

use serde::{Deserialize, Serialize};

use crate::model::elements;

/// Elements in a line of a tensor with fewer than two dimensions.
pub const LINE: u64 = 64;

/// Rows of elements at even distances, when the tensor is read row by row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// Where the first element comes.
    pub first: u64,
    /// Elements of a row.
    pub columns: u64,
    /// Rows.
    pub rows: u64,
    /// Elements from the start of one row to the start of the next.
    pub pitch: u64,
}

impl Window {
    /// `count` elements from `first` on, in one row.
    pub fn line(first: u64, count: u64) -> Self {
        Self { first, columns: count, rows: 1, pitch: count }
    }

    /// The same with no more than `most` elements.
    #[must_use]
    pub fn at_most(self, most: u64) -> Self {
        let columns = self.columns.min(most);
        Self { columns, rows: self.rows.min(most.checked_div(columns).unwrap_or(0)), ..self }
    }

    /// Where its elements come, row by row.
    pub fn indexes(&self) -> impl Iterator<Item = u64> + use<> {
        let Self { first, columns, rows, pitch } = *self;
        (0..rows).flat_map(move |row| {
            let start = first.saturating_add(row.saturating_mul(pitch));
            (0..columns).map(move |column| start.saturating_add(column))
        })
    }
}

/// Where a window into a tensor begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Corner {
    /// The index held in each dimension but the last two.
    pub held: Vec<u64>,
    /// The first row.
    pub row: u64,
    /// The first column.
    pub column: u64,
}

/// A tensor as a table: its last two dimensions, the others held at an index. One with fewer is broken into lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plane {
    /// Lengths of the dimensions that are held.
    pub held: Vec<u64>,
    /// Rows of the table.
    pub rows: u64,
    /// Columns of the table.
    pub columns: u64,
    /// Elements of the tensor.
    pub count: u64,
}

impl Plane {
    /// Of a tensor of this shape.
    pub fn of(shape: &[u64]) -> Self {
        let count = elements(shape).unwrap_or(u64::MAX);
        match shape {
            [held @ .., rows, columns] => Self { held: held.to_vec(), rows: *rows, columns: *columns, count },
            _ => Self { held: Vec::new(), rows: count.div_ceil(LINE), columns: count.min(LINE), count },
        }
    }

    /// The corner moved to where there are elements.
    pub fn clamp(&self, corner: &Corner) -> Corner {
        let inside = |at: u64, length: u64| at.min(length.saturating_sub(1));
        let held = self.held.iter().enumerate();
        let held = held.map(|(at, length)| inside(corner.held.get(at).copied().unwrap_or(0), *length));
        Corner { held: held.collect(), row: inside(corner.row, self.rows), column: inside(corner.column, self.columns) }
    }

    /// Up to `side` rows and columns from a corner on.
    pub fn window(&self, corner: &Corner, side: u64) -> Window {
        let Corner { held, row, column } = self.clamp(corner);
        let table = held
            .iter()
            .zip(&self.held)
            .fold(0_u64, |at, (index, length)| at.saturating_mul(*length).saturating_add(*index));
        let row_at = table.saturating_mul(self.rows).saturating_add(row);
        Window {
            first: row_at.saturating_mul(self.columns).saturating_add(column),
            columns: self.columns.saturating_sub(column).min(side),
            rows: self.rows.saturating_sub(row).min(side),
            pitch: self.columns,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_of_a_table_skips_what_is_beside_it() {
        let plane = Plane::of(&[3, 5, 4]);
        assert_eq!((plane.rows, plane.columns, plane.count), (5, 4, 60));
        let window = plane.window(&Corner { held: vec![2], row: 3, column: 1 }, 2);
        // Element [2, 3, 1] comes at 2 · 20 + 3 · 4 + 1.
        assert_eq!(window, Window { first: 53, columns: 2, rows: 2, pitch: 4 });
        assert_eq!(window.indexes().collect::<Vec<_>>(), [53, 54, 57, 58]);
    }

    #[test]
    fn a_long_row_is_broken_into_lines() {
        let plane = Plane::of(&[100]);
        assert_eq!((plane.rows, plane.columns), (2, 64));
        let window = plane.window(&Corner { row: 1, ..Corner::default() }, 64);
        assert_eq!(window, Window { first: 64, columns: 64, rows: 1, pitch: 64 });
        assert_eq!(Plane::of(&[]), Plane { held: vec![], rows: 1, columns: 1, count: 1 });
        assert_eq!(Plane::of(&[0]).window(&Corner::default(), 64).indexes().count(), 0);
        assert_eq!(Plane::of(&[2, 0]).window(&Corner::default(), 64).indexes().count(), 0);
    }

    #[test]
    fn a_corner_outside_is_moved_inside() {
        let plane = Plane::of(&[2, 3, 4]);
        let corner = Corner { held: vec![9, 9], row: 9, column: 9 };
        assert_eq!(plane.clamp(&corner), Corner { held: vec![1], row: 2, column: 3 });
        assert_eq!(plane.clamp(&Corner::default()).held, [0]);
    }

    #[test]
    fn no_claim_makes_a_window_large() {
        let plane = Plane::of(&[u64::MAX, u64::MAX, u64::MAX]);
        let window = plane.window(&Corner { held: vec![7], row: u64::MAX, column: u64::MAX }, 64).at_most(4096);
        assert!(window.indexes().count() <= 4096);
        assert_eq!(Window::line(0, u64::MAX).at_most(10), Window { first: 0, columns: 10, rows: 1, pitch: u64::MAX });
    }
}
