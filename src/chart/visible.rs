//! Which rows of a long list are on screen, and where.
//!
//! Browsers stop growing an element at some ten million pixels, so a very long list scrolls through a shorter spacer:
//! the scroll position then stands for a share of the list.

use super::{real, whole};

/// Tallest spacer: well under what Firefox (17.9 million pixels) and Chromium (33 million) can lay out.
const TALLEST: f64 = 8_000_000.0;

/// A list of rows of one height behind a window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rows {
    /// Rows of the list.
    pub count: usize,
    /// Height of one, in pixels.
    pub row: f64,
    /// Height of the window, in pixels.
    pub window: f64,
    /// Where the window is scrolled to, in pixels.
    pub scroll: f64,
}

impl Rows {
    /// Height of the spacer.
    pub fn height(&self) -> f64 {
        self.full().min(TALLEST)
    }

    /// Rows that fit, plus the ones cut off at either end.
    pub fn fitting(&self) -> usize {
        whole((self.window / self.row).ceil()).saturating_add(1)
    }

    /// First row to draw and how many, with `extra` rows above and below.
    pub fn drawn(&self, extra: usize) -> (usize, usize) {
        let first = whole(self.top() / self.row).saturating_sub(extra);
        let wanted = self.fitting().saturating_add(extra.saturating_mul(2));
        (first.min(self.count.saturating_sub(wanted)), wanted.min(self.count))
    }

    /// Where row `index` stands in the spacer.
    pub fn place(&self, index: usize) -> f64 {
        real(index) * self.row - self.top() + self.scroll
    }

    /// The scroll position that shows row `index` at the top.
    pub fn scroll_to(&self, index: usize) -> f64 {
        real(index) * self.row / self.ratio()
    }

    fn full(&self) -> f64 {
        real(self.count) * self.row
    }

    /// Pixels of the list a scrolled pixel stands for; 1 for a list that fits into a spacer.
    fn ratio(&self) -> f64 {
        let (full, shown) = (self.full(), self.height());
        if full <= shown || shown <= self.window { 1.0 } else { (full - self.window) / (shown - self.window) }
    }

    fn top(&self) -> f64 {
        (self.scroll * self.ratio()).clamp(0.0, (self.full() - self.window).max(0.0))
    }
}

/// The scroll position that brings row `index` into the window, or `None` when it is there already.
pub fn ensure_visible(rows: &Rows, index: usize) -> Option<f64> {
    let above = rows.place(index) - rows.scroll;
    let below = above + rows.row - rows.window;
    if above < 0.0 {
        Some(rows.scroll_to(index))
    } else if below > 0.0 {
        Some((rows.scroll_to(index) - (rows.window - rows.row) / rows.ratio()).max(0.0))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: usize, scroll: f64) -> Rows {
        Rows { count, row: 28.0, window: 560.0, scroll }
    }

    #[test]
    fn a_short_list_is_drawn_whole() {
        assert_eq!(rows(5, 0.0).drawn(4), (0, 5));
        assert_eq!(rows(0, 0.0).drawn(4), (0, 0));
    }

    #[test]
    fn only_the_window_and_a_little_more_is_drawn() {
        let (first, count) = rows(100_000, 28_000.0).drawn(4);
        assert_eq!((first, count), (996, 29));
        assert_eq!(rows(100_000, 28_000.0).place(1000), 28_000.0);
    }

    #[test]
    fn the_last_row_is_reached_whatever_the_length() {
        for count in [1_usize, 20, 21, 100_000, 2_000_000] {
            let at_end = rows(count, (rows(count, 0.0).height() - 560.0).max(0.0));
            let (first, drawn) = at_end.drawn(4);
            assert_eq!(first + drawn, count);
            let bottom = at_end.place(count - 1) + 28.0 - at_end.scroll;
            assert!(bottom <= 560.000_1, "{count}: {bottom}");
        }
    }

    #[test]
    fn the_spacer_stays_small_and_rows_stay_in_the_window() {
        let long = rows(2_000_000, 4_000_000.0);
        assert!(long.height() <= TALLEST);
        let (first, _) = long.drawn(0);
        assert!((long.place(first) - long.scroll).abs() <= 28.0);
    }

    #[test]
    fn moving_to_a_row_scrolls_no_more_than_needed() {
        assert_eq!(ensure_visible(&rows(100, 0.0), 3), None);
        assert_eq!(ensure_visible(&rows(100, 0.0), 20), Some(28.0));
        assert_eq!(ensure_visible(&rows(100, 280.0), 2), Some(56.0));
        let far = ensure_visible(&rows(2_000_000, 0.0), 1_500_000).unwrap();
        let there = rows(2_000_000, far);
        let above = there.place(1_500_000) - there.scroll;
        assert!((0.0..=532.001).contains(&above), "{above}");
    }
}
