//! From values to pixels, linear or logarithmic.

/// One axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scale {
    /// Smallest value.
    pub low: f64,
    /// Largest value.
    pub high: f64,
    /// Logarithmic, base ten.
    pub log: bool,
    /// Pixel of the smallest value.
    pub from: f64,
    /// Pixel of the largest value.
    pub to: f64,
}

impl Scale {
    /// An axis over the finite ones of `values` (for a logarithmic one, the positive ones), from pixel `from` to `to`.
    /// `None` when there is nothing to place.
    pub fn over(values: impl IntoIterator<Item = f64>, log: bool, from: f64, to: f64) -> Option<Self> {
        let usable = values.into_iter().filter(|value| value.is_finite() && (!log || *value > 0.0));
        let (low, high) =
            usable.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        if low > high {
            return None;
        }
        let (low, high) = if low == high { widen(low, log) } else { (low, high) };
        Some(Self { low, high, log, from, to })
    }

    /// Adds a share of the span on both sides, so that marks do not lie on the frame.
    #[must_use]
    pub fn padded(self, share: f64) -> Self {
        if self.log {
            let factor = (self.high / self.low).powf(share);
            return Self { low: self.low / factor, high: self.high * factor, ..self };
        }
        let pad = (self.high - self.low) * share;
        Self { low: self.low - pad, high: self.high + pad, ..self }
    }

    /// Where `value` lies; `None` for what cannot be placed.
    pub fn place(&self, value: f64) -> Option<f64> {
        if !value.is_finite() || (self.log && value <= 0.0) {
            return None;
        }
        let share = if self.log {
            (value / self.low).log10() / (self.high / self.low).log10()
        } else {
            (value - self.low) / (self.high - self.low)
        };
        Some(self.from + share * (self.to - self.from))
    }
}

/// A span around a single value.
fn widen(value: f64, log: bool) -> (f64, f64) {
    if log {
        return (value / 2.0, value * 2.0);
    }
    let half = if value == 0.0 { 1.0 } else { value.abs() * 0.1 };
    (value - half, value + half)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_lie_on_the_ends() {
        let scale = Scale::over([3.0, f64::NAN, 1.0, f64::INFINITY], false, 100.0, 0.0).unwrap();
        assert_eq!((scale.place(1.0), scale.place(3.0), scale.place(2.0)), (Some(100.0), Some(0.0), Some(50.0)));
        assert_eq!(scale.place(f64::NAN), None);
    }

    #[test]
    fn a_logarithmic_axis_places_decades_evenly_and_skips_zero() {
        let scale = Scale::over([0.0, 0.01, 1.0], true, 0.0, 100.0).unwrap();
        assert!((scale.place(0.1).unwrap() - 50.0).abs() < 1e-9);
        assert_eq!(scale.place(0.0), None);
    }

    #[test]
    fn one_value_stands_in_the_middle_and_no_value_has_no_axis() {
        assert_eq!(Scale::over([5.0], false, 0.0, 10.0).unwrap().place(5.0), Some(5.0));
        assert_eq!(Scale::over([f64::NAN], false, 0.0, 10.0), None);
        assert_eq!(Scale::over([-1.0], true, 0.0, 10.0), None);
    }
}
