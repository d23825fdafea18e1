//! A squarified treemap: areas proportional to weights, as square as they come.
//!
//! After Bruls, Huizing and van Wijk, "Squarified Treemaps" (2000).

/// A rectangle in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rect {
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

/// One rectangle a weight, in the order of `weights`; a weight that is not positive gets none of the area.
pub fn treemap(weights: &[f64], frame: Rect) -> Vec<Rect> {
    let mut order: Vec<(usize, f64)> =
        weights.iter().copied().enumerate().filter(|(_, weight)| weight.is_finite() && *weight > 0.0).collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    let total: f64 = order.iter().map(|(_, weight)| weight).sum();
    let mut rects = vec![Rect { w: 0.0, h: 0.0, ..frame }; weights.len()];
    let mut free = frame;
    let area = frame.w * frame.h / total;
    let mut rest = order.as_slice();
    while !rest.is_empty() {
        let taken = row_length(rest, area, free.w.min(free.h));
        let (row, after) = rest.split_at(taken);
        free = lay_row(row, area, free, &mut rects);
        rest = after;
    }
    rects
}

/// How many of the next weights make the row whose worst rectangle is the squarest.
fn row_length(rest: &[(usize, f64)], area: f64, side: f64) -> usize {
    let (mut sum, mut worst, mut length) = (0.0, f64::INFINITY, 0_usize);
    let largest = rest.first().map_or(0.0, |(_, weight)| weight * area);
    for (_, weight) in rest {
        let smallest = weight * area;
        let next = sum + smallest;
        let ratio = (side * side * largest / (next * next)).max(next * next / (side * side * smallest));
        if ratio > worst {
            break;
        }
        (sum, worst, length) = (next, ratio, length.saturating_add(1));
    }
    length.max(1)
}

/// Lays one row along the shorter side and returns what stays free.
fn lay_row(row: &[(usize, f64)], area: f64, free: Rect, rects: &mut [Rect]) -> Rect {
    let sum: f64 = row.iter().map(|(_, weight)| weight * area).sum();
    let wide = free.w >= free.h;
    let side = if wide { free.h } else { free.w };
    let depth = if side > 0.0 { sum / side } else { 0.0 };
    let mut along = 0.0;
    for (index, weight) in row {
        let length = if sum > 0.0 { side * weight * area / sum } else { 0.0 };
        let rect = if wide {
            Rect { x: free.x, y: free.y + along, w: depth, h: length }
        } else {
            Rect { x: free.x + along, y: free.y, w: length, h: depth }
        };
        along += length;
        if let Some(slot) = rects.get_mut(*index) {
            *slot = rect;
        }
    }
    if wide {
        Rect { x: free.x + depth, w: (free.w - depth).max(0.0), ..free }
    } else {
        Rect { y: free.y + depth, h: (free.h - depth).max(0.0), ..free }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Rect = Rect { x: 0.0, y: 0.0, w: 6.0, h: 4.0 };

    #[test]
    fn areas_are_the_weights_and_fill_the_frame() {
        // The example of the paper: 6, 6, 4, 3, 2, 2, 1 in a frame of 6 by 4.
        let weights = [6.0, 6.0, 4.0, 3.0, 2.0, 2.0, 1.0];
        let rects = treemap(&weights, FRAME);
        for (rect, weight) in rects.iter().zip(weights) {
            assert!((rect.w * rect.h - weight).abs() < 1e-9, "{rect:?} for {weight}");
        }
        assert_eq!(rects[0], Rect { x: 0.0, y: 0.0, w: 3.0, h: 2.0 });
        assert_eq!(rects[1], Rect { x: 0.0, y: 2.0, w: 3.0, h: 2.0 });
    }

    #[test]
    fn nothing_leaves_the_frame_whatever_the_weights() {
        let weights: Vec<f64> = (0..500).map(|i| f64::from(i % 7) * f64::from(i)).chain([f64::NAN, -1.0]).collect();
        for rect in treemap(&weights, FRAME) {
            assert!(rect.x >= 0.0 && rect.y >= 0.0 && rect.x + rect.w <= 6.000_001 && rect.y + rect.h <= 4.000_001);
        }
        assert!(treemap(&[], FRAME).is_empty());
        assert_eq!(treemap(&[0.0], FRAME)[0].w, 0.0);
    }
}
