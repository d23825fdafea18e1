//! Round numbers along an axis.

use super::Scale;

/// A labelled position on an axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    /// The value.
    pub value: f64,
    /// Its label.
    pub label: String,
}

/// About `wanted` round values inside the span of `scale`.
pub fn ticks(scale: &Scale, wanted: u32) -> Vec<Tick> {
    let decades = if scale.log { decades(scale, wanted) } else { Vec::new() };
    if decades.len() >= 2 { decades } else { linear(scale, wanted) }
}

/// Multiples of 1, 2 or 5 times a power of ten.
fn linear(scale: &Scale, wanted: u32) -> Vec<Tick> {
    let step = round_step((scale.high - scale.low) / f64::from(wanted.max(1)));
    if !step.is_finite() || step <= 0.0 {
        return Vec::new();
    }
    let first = (scale.low / step).ceil();
    let exponent = (-step.log10().floor()).clamp(0.0, 12.0);
    let mut all = Vec::new();
    for index in 0..=wanted.saturating_mul(3) {
        let value = (first + f64::from(index)) * step;
        if value > scale.high + step * 1e-9 {
            break;
        }
        all.push(Tick { value, label: label(value, exponent) });
    }
    all
}

/// Powers of ten, with their doubles and fives when there are few.
fn decades(scale: &Scale, wanted: u32) -> Vec<Tick> {
    let (low, high) = (scale.low.log10().ceil(), scale.high.log10().floor());
    let stride = ((high - low + 1.0) / f64::from(wanted.max(1))).ceil().max(1.0);
    let factors: &[f64] = if high - low < 2.0 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let mut all = Vec::new();
    for index in 0..=wanted.saturating_mul(2) {
        let power = low - 1.0 + f64::from(index) * stride;
        if power > high {
            break;
        }
        for factor in factors {
            let value = 10_f64.powf(power) * factor;
            if value >= scale.low * 0.999_999 && value <= scale.high * 1.000_001 {
                all.push(Tick { value, label: label(value, (-power).clamp(0.0, 12.0)) });
            }
        }
    }
    all
}

/// The next of 1, 2, 5 times a power of ten.
fn round_step(raw: f64) -> f64 {
    let power = 10_f64.powf(raw.log10().floor());
    let share = raw / power;
    let factor = if share <= 1.0 {
        1.0
    } else if share <= 2.0 {
        2.0
    } else if share <= 5.0 {
        5.0
    } else {
        10.0
    };
    factor * power
}

/// `value` with `decimals` decimals, as a power of ten when that would be long.
fn label(value: f64, decimals: f64) -> String {
    let size = value.abs();
    if value == 0.0 || size < f64::MIN_POSITIVE {
        return "0".to_owned();
    }
    if size >= 1e6 || decimals > 5.0 {
        return crate::words::metric(value);
    }
    crate::words::grouped(&format!("{value:.*}", super::whole(decimals)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, log: bool) -> Vec<String> {
        let scale = Scale { low, high, log, from: 0.0, to: 1.0 };
        ticks(&scale, 5).into_iter().map(|tick| tick.label).collect()
    }

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(labels(0.0, 1.0, false), ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(labels(200.0, 900.0, false), ["200", "400", "600", "800"]);
        assert_eq!(labels(-0.3, 0.3, false), ["−0.2", "0", "0.2"]);
    }

    #[test]
    fn a_wide_logarithmic_axis_shows_decades() {
        assert_eq!(labels(0.001, 10.0, true), ["0.001", "0.01", "0.1", "1", "10"]);
        assert_eq!(labels(0.15, 3.0, true), ["0.2", "0.5", "1", "2"]);
    }

    #[test]
    fn a_degenerate_span_gives_no_endless_list() {
        assert!(labels(f64::NAN, 1.0, false).is_empty());
        assert!(labels(1.0, 1.0, false).len() <= 16);
        assert!(labels(1e-300, 1e300, false).len() <= 16);
    }
}
