//! Metrics of two checkpoints, with sign, direction and tolerance.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Direction, Real, natural_cmp, order_by};

/// One metric in both checkpoints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MetricRow {
    /// The metric.
    pub name: String,
    /// Its value in a; `null` when a does not have it.
    pub a: Option<Real>,
    /// Its value in b.
    pub b: Option<Real>,
    /// b − a; `null` when either is missing. Zero for two equal infinities.
    pub delta: Option<Real>,
    /// (b − a) / |a|; `null` when a is zero or either is missing or not finite.
    pub relative: Option<Real>,
    /// Is lower better?
    pub direction: Direction,
    /// b against a.
    pub verdict: MetricVerdict,
}

impl MetricRow {
    /// True unless the values are the same within the tolerance. NaN is the same as nothing, itself included.
    pub fn differs(&self) -> bool {
        self.verdict != MetricVerdict::Same
    }
}

/// What b is against a.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum MetricVerdict {
    /// b is better.
    Better,
    /// b is worse.
    Worse,
    /// Equal within the tolerance.
    Same,
    /// Not decidable: a value is missing or NaN on both sides, or they differ and the direction is not known.
    Unknown,
}

/// What all metrics come to, for a script that must say yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum MetricsVerdict {
    /// None is worse by more than the tolerance.
    Pass,
    /// One is.
    Fail,
    /// None is known to be, but of one it cannot be said.
    Undecided,
}

impl MetricsVerdict {
    /// In words, with what was asked.
    pub fn words(self) -> &'static str {
        match self {
            Self::Pass => "Pass: no metric is worse by more than the tolerance",
            Self::Fail => "Fail: a metric is worse by more than the tolerance",
            Self::Undecided => "Undecided: of a metric it cannot be said whether it is worse",
        }
    }
}

/// What they come to; `None` without metrics.
pub fn judge_metrics(rows: &[MetricRow]) -> Option<MetricsVerdict> {
    let has = |verdict| rows.iter().any(|row| row.verdict == verdict);
    match rows {
        [] => None,
        _ if has(MetricVerdict::Worse) => Some(MetricsVerdict::Fail),
        _ if has(MetricVerdict::Unknown) => Some(MetricsVerdict::Undecided),
        _ => Some(MetricsVerdict::Pass),
    }
}

/// Differences up to `absolute + relative × |a|` count as the same, as `numpy.isclose(b, a)` has it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Tolerance {
    /// NumPy's `atol`.
    pub absolute: f64,
    /// NumPy's `rtol`.
    pub relative: f64,
}

impl Tolerance {
    /// Are the two close enough to count as the same? NaN never is; an infinity only to itself.
    pub fn covers(self, a: f64, b: f64) -> bool {
        a == b || (a.is_finite() && b.is_finite() && (b - a).abs() <= self.absolute + self.relative * a.abs())
    }
}

/// The union of both checkpoints' metrics in natural order of names, equal ones included; of a repeated name the last
/// value counts. `direction` says of a name whether lower is better.
pub fn compare_metrics(
    a: &[(String, f64)],
    b: &[(String, f64)],
    direction: impl Fn(&str) -> Direction,
    tolerance: Tolerance,
) -> Vec<MetricRow> {
    let mut both: BTreeMap<&str, (Option<f64>, Option<f64>)> = BTreeMap::new();
    for (name, value) in a {
        both.entry(name).or_default().0 = Some(*value);
    }
    for (name, value) in b {
        both.entry(name).or_default().1 = Some(*value);
    }
    let mut rows: Vec<_> = both.into_iter().map(|(name, (a, b))| row(name, a, b, direction(name), tolerance)).collect();
    order_by(&mut rows, |x, y| natural_cmp(&x.name, &y.name));
    rows
}

fn row(name: &str, a: Option<f64>, b: Option<f64>, direction: Direction, tolerance: Tolerance) -> MetricRow {
    let pair = a.zip(b);
    let delta = pair.map(|(a, b)| if a == b { 0.0 } else { b - a });
    let relative = pair.filter(|(a, _)| *a != 0.0).map(|(a, b)| (b - a) / a.abs()).filter(|ratio| ratio.is_finite());
    MetricRow {
        name: name.to_owned(),
        a: a.map(Real),
        b: b.map(Real),
        delta: delta.map(Real),
        relative: relative.map(Real),
        direction,
        verdict: pair.map_or(MetricVerdict::Unknown, |(a, b)| verdict(a, b, direction, tolerance)),
    }
}

/// NaN is worse than any finite number once the direction is known, and so a finite number is better than NaN; against
/// NaN or an infinity nothing can be said of it.
fn verdict(a: f64, b: f64, direction: Direction, tolerance: Tolerance) -> MetricVerdict {
    if tolerance.covers(a, b) {
        return MetricVerdict::Same;
    }
    let b_is_better = match direction {
        Direction::Unknown => return MetricVerdict::Unknown,
        _ if a.is_nan() && b.is_finite() => true,
        _ if b.is_nan() && a.is_finite() => false,
        _ if a.is_nan() || b.is_nan() => return MetricVerdict::Unknown,
        Direction::Lower => b < a,
        Direction::Higher => b > a,
    };
    if b_is_better { MetricVerdict::Better } else { MetricVerdict::Worse }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn compare(a: &[(&str, f64)], b: &[(&str, f64)], tolerance: Tolerance) -> Vec<MetricRow> {
        let own = |pairs: &[(&str, f64)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), *v)).collect::<Vec<_>>();
        let direction = |name: &str| match name {
            n if n.contains("loss") => Direction::Lower,
            n if n.contains("acc") => Direction::Higher,
            _ => Direction::Unknown,
        };
        compare_metrics(&own(a), &own(b), direction, tolerance)
    }

    fn verdict_of(name: &str, a: f64, b: f64) -> MetricVerdict {
        compare(&[(name, a)], &[(name, b)], Tolerance::default())[0].verdict
    }

    #[test]
    fn rows_are_the_union_in_natural_order() {
        let rows =
            compare(&[("loss_10", 1.0), ("loss_9", 0.5)], &[("acc", 0.5), ("loss_9", 0.25)], Tolerance::default());
        let names: Vec<_> = rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["acc", "loss_9", "loss_10"]);
        assert_eq!((rows[0].a, rows[0].delta, rows[0].verdict), (None, None, MetricVerdict::Unknown));
        assert_eq!((rows[1].delta, rows[1].relative), (Some(Real(-0.25)), Some(Real(-0.5))));
        assert_eq!(rows[1].verdict, MetricVerdict::Better);
        assert_eq!(rows.iter().filter(|row| row.differs()).count(), 3);
    }

    #[test]
    fn the_direction_decides_what_is_better() {
        assert_eq!(verdict_of("acc", 0.5, 0.6), MetricVerdict::Better);
        assert_eq!(verdict_of("loss", 0.5, 0.6), MetricVerdict::Worse);
        assert_eq!(verdict_of("lr", 0.5, 0.6), MetricVerdict::Unknown);
        assert_eq!(verdict_of("lr", 0.5, 0.5), MetricVerdict::Same);
    }

    #[test]
    fn nan_is_worse_than_a_number_and_never_the_same() {
        let nan = f64::NAN;
        assert_eq!(verdict_of("loss", 1.0, nan), MetricVerdict::Worse);
        assert_eq!(verdict_of("acc", nan, 1.0), MetricVerdict::Better);
        assert_eq!(verdict_of("loss", nan, nan), MetricVerdict::Unknown);
        assert_eq!(verdict_of("loss", f64::INFINITY, nan), MetricVerdict::Unknown);
        assert_eq!(verdict_of("lr", 1.0, nan), MetricVerdict::Unknown);
    }

    #[test]
    fn infinities_follow_the_direction() {
        let inf = f64::INFINITY;
        assert_eq!(verdict_of("loss", 1.0, inf), MetricVerdict::Worse);
        assert_eq!(verdict_of("acc", 1.0, inf), MetricVerdict::Better);
        assert_eq!(verdict_of("loss", inf, inf), MetricVerdict::Same);
        assert_eq!(verdict_of("loss", -inf, inf), MetricVerdict::Worse);
        let row = &compare(&[("loss", inf)], &[("loss", inf)], Tolerance::default())[0];
        assert_eq!((row.delta, row.relative), (Some(Real(0.0)), None));
    }

    /// Expected values: `numpy.isclose(b, a, rtol, atol)` of NumPy 2.4.6.
    #[test]
    fn the_tolerance_is_numpys() {
        let cases = [
            (1.0, 1.0 + 1e-6, 1e-6, 0.0, true),
            (1.0, 1.001, 1e-3, 0.0, true),
            (1.0, 1.0011, 1e-3, 0.0, false),
            (0.0, 1e-9, 1e-5, 1e-8, true),
            (0.0, 1e-7, 1e-5, 1e-8, false),
            (-100.0, -100.0009, 1e-5, 1e-8, true),
            (100.0, 100.0011, 1e-5, 1e-8, false),
            (f64::INFINITY, f64::INFINITY, 1e-5, 1e-8, true),
            (f64::INFINITY, 1e308, 1e-5, 1e-8, false),
            (f64::NAN, f64::NAN, 1e-5, 1e-8, false),
        ];
        for (a, b, relative, absolute, close) in cases {
            assert_eq!(Tolerance { absolute, relative }.covers(a, b), close, "{a} {b}");
        }
    }

    #[test]
    fn a_zero_reference_has_no_relative_change() {
        let row = &compare(&[("loss", 0.0)], &[("loss", 2.0)], Tolerance::default())[0];
        assert_eq!((row.delta, row.relative), (Some(Real(2.0)), None));
    }

    proptest! {
        #[test]
        fn swapping_the_sides_mirrors_the_verdict(a in any::<f64>(), b in any::<f64>()) {
            let mirrored = match verdict_of("loss", a, b) {
                MetricVerdict::Better => MetricVerdict::Worse,
                MetricVerdict::Worse => MetricVerdict::Better,
                verdict => verdict,
            };
            prop_assert_eq!(verdict_of("loss", b, a), mirrored);
        }

        #[test]
        fn nothing_finite_differs_from_itself(a in any::<f64>().prop_filter("finite", |x| x.is_finite())) {
            prop_assert_eq!(verdict_of("loss", a, a), MetricVerdict::Same);
        }
    }

    #[test]
    fn one_that_is_worse_fails_all_and_one_unknown_leaves_it_open() {
        let judged = |a: &[(&str, f64)], b: &[(&str, f64)], absolute| {
            judge_metrics(&compare(a, b, Tolerance { absolute, relative: 0.0 }))
        };
        let (a, b) = ([("loss", 1.0), ("x", 1.0)], [("loss", 1.2), ("x", 2.0)]);
        assert_eq!(judged(&a, &b, 0.0), Some(MetricsVerdict::Fail));
        assert_eq!(judged(&a, &b, 0.3), Some(MetricsVerdict::Undecided));
        assert_eq!(judged(&a, &b, 1.0), Some(MetricsVerdict::Pass));
        assert_eq!(judged(&b, &a, 1.0), Some(MetricsVerdict::Pass));
        assert_eq!(judged(&[("loss", 1.0)], &[("loss", f64::NAN)], 9.0), Some(MetricsVerdict::Fail));
        assert_eq!(judged(&[], &[], 0.0), None);
    }
}
