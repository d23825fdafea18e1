//! How far all weights moved from one checkpoint of a run to the next.

use serde::Serialize;

use super::weights::{WeightRow, roll_up, total};
use crate::model::Real;

/// How far the weights of a checkpoint are from those of the one before: its parameters, without buffers, as far as they can be
/// told apart.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Movement {
    /// Weights that both have.
    pub tensors: u64,
    /// Tensors of which a bit differs, or the type.
    pub changed: u64,
    /// Tensors whose values could not be compared: they are in none of the numbers.
    pub not_compared: u64,
    /// Elements of either that are not finite: their positions are in none of the numbers.
    pub not_finite: u64,
    /// ‖this − previous‖₂ over all elements; `null` when none was compared.
    pub l2: Option<Real>,
    /// ‖previous‖₂ over the same elements.
    pub previous_l2: Option<Real>,
    /// The first over the second; `null` when the previous is all zero.
    pub relative_l2: Option<Real>,
    /// Largest |this − previous|.
    pub max_abs: Option<Real>,
    /// The module that moved most for its size; `null` when none did.
    pub most: Option<String>,
}

impl Movement {
    /// What the rows of all tensors come to.
    pub fn of(rows: &[WeightRow]) -> Self {
        let all = total(rows.iter());
        let modules = roll_up(rows);
        let moved = modules.iter().filter_map(|module| Some((module, module.relative_l2()?)));
        let moved = moved.filter(|(_, share)| *share > 0.0);
        let most = moved.reduce(|most, other| if other.1 > most.1 { other } else { most });
        Self {
            tensors: all.tensors,
            changed: all.changed,
            not_compared: all.unknown,
            not_finite: rows.iter().map(WeightRow::specials).fold(0, u64::saturating_add),
            l2: all.l2.map(Real),
            previous_l2: all.l2_a.map(Real),
            relative_l2: all.relative_l2().map(Real),
            max_abs: all.max_abs,
            most: most.map(|(module, _)| module.name.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_movement_adds_squares_and_names_what_moved_most() {
        let row = |name: &str, l2: f64, norm: f64| {
            let mut row = WeightRow { name: name.into(), l2: Some(Real(l2)), equal: l2 == 0.0, ..WeightRow::default() };
            row.a.l2 = Some(Real(norm));
            row
        };
        let mut unknown = row("other.w", 0.0, 0.0);
        (unknown.l2, unknown.a.l2, unknown.problem) = (None, None, Some("another shape".into()));
        let found = Movement::of(&[row("h.0.w", 3.0, 30.0), row("h.1.w", 4.0, 16.0), row("head.w", 0.0, 0.0), unknown]);
        assert_eq!((found.tensors, found.changed, found.not_compared), (4, 2, 1));
        assert_eq!(
            (found.l2, found.previous_l2, found.relative_l2),
            (Some(Real(5.0)), Some(Real(34.0)), Some(Real(5.0 / 34.0)))
        );
        assert_eq!(found.most.as_deref(), Some("h.1"));
        let still = Movement::of(&[row("w", 0.0, 2.0)]);
        assert_eq!((still.relative_l2, still.most), (Some(Real(0.0)), None));
        assert_eq!(Movement::of(&[]), Movement::default());
    }
}
