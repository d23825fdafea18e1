//! The order in which rows are shown.

use std::cmp::Ordering;

use super::WeightRow;
use crate::model::{Real, natural_cmp, order_by};

/// What rows are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SortBy {
    /// The name, in natural order.
    Name,
    /// ‖b − a‖₂ / ‖a‖₂, the largest first.
    #[default]
    Relative,
    /// The largest |b − a| first.
    Largest,
    /// The least alike first.
    Cosine,
    /// Most elements changed first.
    Changed,
}

/// The rows in order; what could not be said comes first, for nobody may overlook it. With `only` without those that are
/// equal.
pub fn in_order(rows: &[WeightRow], by: SortBy, only: bool) -> Vec<&WeightRow> {
    let mut shown: Vec<&WeightRow> = rows.iter().filter(|row| !(only && row.equal)).collect();
    let falling = |a: Option<Real>, b: Option<Real>| match (a, b) {
        (Some(Real(a)), Some(Real(b))) => b.total_cmp(&a),
        (a, b) => a.is_some().cmp(&b.is_some()),
    };
    // The same the other way round, what is not known still first.
    let rising = |a: Option<Real>, b: Option<Real>| match (a, b) {
        (Some(Real(a)), Some(Real(b))) => a.total_cmp(&b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    };
    order_by(&mut shown, |a, b| {
        let by_value = match by {
            SortBy::Name => Ordering::Equal,
            SortBy::Relative => falling(a.relative_l2, b.relative_l2),
            SortBy::Largest => falling(a.max_abs, b.max_abs),
            SortBy::Cosine => rising(a.cosine, b.cosine),
            SortBy::Changed => falling(a.changed_fraction, b.changed_fraction),
        };
        by_value.then_with(|| natural_cmp(&a.name, &b.name))
    });
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_changed_come_first_and_what_is_not_known_before() {
        let row = |name: &str, value: Option<f64>, equal| WeightRow {
            name: name.into(),
            equal,
            relative_l2: value.map(Real),
            cosine: value.map(|value| Real(1.0 - value)),
            ..WeightRow::default()
        };
        let rows = [
            row("h.10", Some(0.1), false),
            row("h.9", Some(0.1), false),
            row("big", Some(0.5), false),
            row("same", Some(0.0), true),
            row("unknown", None, false),
        ];
        let names = |by, only| in_order(&rows, by, only).iter().map(|row| row.name.as_str()).collect::<Vec<_>>();
        assert_eq!(names(SortBy::Relative, true), ["unknown", "big", "h.9", "h.10"]);
        assert_eq!(names(SortBy::Cosine, true), ["unknown", "big", "h.9", "h.10"]);
        assert_eq!(names(SortBy::Name, false), ["big", "h.9", "h.10", "same", "unknown"]);
    }
}
