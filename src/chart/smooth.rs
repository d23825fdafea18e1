//! A smoother line through noisy values.

/// The exponential moving average of `values`, each step keeping the share `weight` of the one before, and corrected for
/// its start at zero: as TensorBoard draws it. What is not finite stays as it is and is not averaged in.
pub fn smooth(values: &[f64], weight: f64) -> Vec<f64> {
    let (mut sum, mut kept) = (0.0, 1.0);
    let next = |value: &f64| {
        if !value.is_finite() {
            return *value;
        }
        sum = sum * weight + (1.0 - weight) * value;
        kept *= weight;
        sum / (1.0 - kept)
    };
    values.iter().map(next).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_start_is_not_drawn_to_zero_and_a_gap_stays_a_gap() {
        // The mean with weights 0.6^n, newest first: (0.6·4 + 2) / 1.6, then (0.36·4 + 0.6·2 + 8) / 1.96.
        let found = smooth(&[4.0, 2.0, f64::NAN, 8.0], 0.6);
        assert_eq!(found[0], 4.0);
        assert!((found[1] - 2.75).abs() < 1e-12 && found[2].is_nan());
        assert!((found[3] - 5.428_571_428_571_429).abs() < 1e-12, "{}", found[3]);
        assert_eq!(smooth(&[1.0, 5.0], 0.0), [1.0, 5.0]);
    }
}
