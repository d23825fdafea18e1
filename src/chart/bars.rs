//! Bars of counts.

use super::{Rect, real};

/// One bar a count, side by side from edge to edge of `frame`, standing on its bottom; heights are linear or
/// logarithmic. What is not zero is at least a pixel high.
pub fn bars(counts: &[u64], log: bool, frame: Rect) -> Vec<Rect> {
    let height = |count: u64| {
        #[expect(clippy::cast_precision_loss, reason = "pixels")]
        let count = count as f64;
        if log { count.ln_1p() } else { count }
    };
    let most = height(counts.iter().copied().max().unwrap_or(0));
    let width = frame.w / real(counts.len()).max(1.0);
    let bar = |(at, count): (usize, &u64)| {
        let share = if most > 0.0 { height(*count) / most } else { 0.0 };
        let h = if *count == 0 { 0.0 } else { (share * frame.h).max(1.0) };
        Rect { x: frame.x + real(at) * width, y: frame.y + frame.h - h, w: width, h }
    };
    counts.iter().enumerate().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tallest_fills_the_frame_and_one_is_seen_beside_a_million() {
        let frame = Rect { x: 10.0, y: 0.0, w: 30.0, h: 100.0 };
        let linear = bars(&[0, 1, 1_000_000], false, frame);
        assert_eq!(linear[0].h, 0.0);
        assert_eq!(linear[1], Rect { x: 20.0, y: 99.0, w: 10.0, h: 1.0 });
        assert_eq!(linear[2], Rect { x: 30.0, y: 0.0, w: 10.0, h: 100.0 });
        let log = bars(&[0, 1, 1_000_000], true, frame);
        assert!((log[1].h - 100.0 * 2.0_f64.ln() / 1_000_001.0_f64.ln()).abs() < 1e-9);
        assert!(bars(&[], false, frame).is_empty());
        assert_eq!(bars(&[0], true, frame)[0].h, 0.0);
    }
}
