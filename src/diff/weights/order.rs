//! The order in which rows are shown.

use std::cmp::Ordering;

use super::{ModuleRow, WeightRow};
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

fn falling(a: Option<Real>, b: Option<Real>) -> Ordering {
    match (a, b) {
        (Some(Real(a)), Some(Real(b))) => b.total_cmp(&a),
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// Modules in order, as [`in_order`]; with `only` without those in which nothing changed.
pub fn in_module_order(rows: &[ModuleRow], by: SortBy, only: bool) -> Vec<&ModuleRow> {
    let mut shown: Vec<&ModuleRow> = rows.iter().filter(|row| !only || row.changed > 0 || row.unknown > 0).collect();
    order_by(&mut shown, |a, b| {
        let by_value = match by {
            SortBy::Name | SortBy::Cosine => Ordering::Equal,
            SortBy::Relative => falling(a.relative_l2().map(Real), b.relative_l2().map(Real)),
            SortBy::Largest => falling(a.max_abs, b.max_abs),
            SortBy::Changed => b.changed.cmp(&a.changed),
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

    #[test]
    fn modules_can_be_sorted_too() {
        let row = |name: &str, l2: f64, changed: u64| ModuleRow {
            name: name.into(),
            changed,
            l2: Some(l2),
            l2_a: Some(1.0),
            ..ModuleRow::default()
        };
        let rows = [row("h.10", 0.2, 1), row("h.9", 0.1, 3), row("same", 0.0, 0)];
        let names = |by, only| in_module_order(&rows, by, only).iter().map(|row| row.name.as_str()).collect::<Vec<_>>();
        assert_eq!(names(SortBy::Relative, true), ["h.10", "h.9"]);
        assert_eq!(names(SortBy::Changed, true), ["h.9", "h.10"]);
        assert_eq!(names(SortBy::Name, false), ["h.9", "h.10", "same"]);
    }
}
