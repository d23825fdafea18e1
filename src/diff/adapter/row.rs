//! What two adapters do to one module.

use serde::{Deserialize, Serialize};

use crate::model::{Finding, Real};
use crate::tensor::UpdateDifference;
use crate::words;

/// Two adapters of low rank, by what they add to the weights: ΔW = scale · B · A.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AdapterPart {
    /// One row a module that either adapts, in natural order of names.
    pub modules: Vec<UpdateRow>,
    /// All of a together: the root of the sum of the squares of its modules; `null` when of none it could be said.
    pub l2_a: Option<Real>,
    /// All of b.
    pub l2_b: Option<Real>,
    /// ‖ΔW_b − ΔW_a‖ over the modules of which it could be said; a module that one side does not adapt counts with all of
    /// the other.
    pub l2: Option<Real>,
    /// That over ‖ΔW_a‖ of the same modules.
    pub relative_l2: Option<Real>,
}

/// One module.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UpdateRow {
    /// Its name in the model.
    pub name: String,
    /// In a; `null` when a does not adapt it.
    pub a: Option<UpdateSide>,
    /// In b.
    pub b: Option<UpdateSide>,
    /// The same rank, scale and numbers.
    pub equal: bool,
    /// ‖ΔW_b − ΔW_a‖₂ over all elements of the product; `null` unless both sides have it.
    pub l2: Option<Real>,
    /// That over ‖ΔW_a‖; `null` when that is zero.
    pub relative_l2: Option<Real>,
    /// Cosine of the angle between both; `null` when either is zero.
    pub cosine: Option<Real>,
    /// Why it was not worked out, when it was not.
    pub problem: Option<String>,
}

/// One side of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UpdateSide {
    /// Columns of B, rows of A; `null` when the two do not fit each other.
    pub rank: Option<u64>,
    /// What the product is multiplied with; `null` when it is not known.
    pub scale: Option<Real>,
    /// ‖ΔW‖₂.
    pub l2: Option<Real>,
    /// Numbers of its matrices that are not finite.
    pub not_finite: u64,
}

impl UpdateRow {
    /// Writes down what was found.
    pub fn fill(&mut self, found: &UpdateDifference) {
        let real = |value: Option<f64>| value.map(Real);
        self.equal = found.is_equal;
        (self.l2, self.cosine) = (real(found.l2), real(found.cosine));
        self.relative_l2 = real(found.l2.zip(found.l2_a).filter(|(_, a)| *a > 0.0).map(|(l2, a)| l2 / a));
        let sides = [(&mut self.a, found.l2_a, found.a), (&mut self.b, found.l2_b, found.b)];
        for (side, l2, specials) in sides {
            let Some(side) = side else { continue };
            (side.l2, side.not_finite) = (real(l2), specials.nan.saturating_add(specials.infinite));
            if side.not_finite > 0 {
                let numbers = words::plural(side.not_finite, "number");
                self.problem = Some(format!("{numbers} of its matrices are not finite"));
            }
        }
    }
}

impl AdapterPart {
    /// Of these modules.
    pub fn of(modules: Vec<UpdateRow>) -> Self {
        let join = |sum: Option<f64>, value: Option<Real>| match (sum, value) {
            (Some(sum), Some(Real(value))) => Some(sum.hypot(value)),
            (sum, value) => sum.or(value.map(|Real(value)| value)),
        };
        let (mut l2_a, mut l2_b, mut l2, mut compared) = (None, None, None, None);
        for row in &modules {
            let of = |side: &Option<UpdateSide>| side.as_ref().and_then(|side| side.l2);
            let (a, b) = (of(&row.a), of(&row.b));
            (l2_a, l2_b) = (join(l2_a, a), join(l2_b, b));
            // What only one side adapts, the other leaves as it is.
            let moved = match (&row.a, &row.b) {
                (Some(_), Some(_)) => row.l2,
                _ => a.or(b),
            };
            l2 = join(l2, moved);
            compared = join(compared, a.filter(|_| moved.is_some()));
        }
        let relative = l2.zip(compared).filter(|(_, a)| *a > 0.0).map(|(l2, a)| l2 / a);
        let real = |value: Option<f64>| value.map(Real);
        Self { modules, l2_a: real(l2_a), l2_b: real(l2_b), l2: real(l2), relative_l2: real(relative) }
    }

    /// What it comes to: "12 modules: ‖ΔW‖ 0.5 in A, 0.6 in B, apart by 30 %".
    pub fn sentence(&self) -> String {
        let modules = words::plural(self.modules.len() as u64, "module");
        let equal = self.modules.iter().filter(|row| row.equal).count();
        if equal == self.modules.len() && equal > 0 {
            return format!("{modules}: the two adapters add the same to every one");
        }
        let only = |is: fn(&UpdateRow) -> bool| self.modules.iter().filter(|row| is(row)).count() as u64;
        let (only_a, only_b) = (only(|row| row.b.is_none()), only(|row| row.a.is_none()));
        let unknown = only(|row| row.problem.is_some());
        let mut told = modules;
        if let (Some(a), Some(b)) = (self.l2_a, self.l2_b) {
            told.push_str(&format!(": ‖ΔW‖ is {} in A and {} in B", words::metric(a.0), words::metric(b.0)));
        }
        if let Some(l2) = self.l2 {
            let share =
                self.relative_l2.map_or_else(String::new, |share| format!(", {} of A's", words::percent(share.0)));
            told.push_str(&format!("; they are {} apart{share}", words::metric(l2.0)));
        }
        for (count, what) in [(only_a, "only in A"), (only_b, "only in B"), (unknown, "not worked out")] {
            if count > 0 {
                told.push_str(&format!("; {} {what}", words::count(count)));
            }
        }
        told
    }

    /// What must not be overlooked.
    pub fn findings(&self, file: &str) -> Vec<Finding> {
        let told = self.modules.iter().filter_map(|row| {
            let problem = row.problem.as_ref()?;
            let is_finite = [&row.a, &row.b].into_iter().flatten().all(|side| side.not_finite == 0);
            let message = format!("{}: {problem}", row.name);
            let make = if is_finite { Finding::note } else { Finding::warning };
            Some(make("weights-adapter", message).in_file(file))
        });
        told.take(TOLD).collect()
    }
}

/// Modules that a finding each is made of.
const TOLD: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;

    fn side(l2: f64) -> Option<UpdateSide> {
        Some(UpdateSide { rank: Some(2), scale: Some(Real(1.0)), l2: Some(Real(l2)), not_finite: 0 })
    }

    #[test]
    fn what_only_one_side_adapts_counts_with_all_of_it() {
        let both =
            UpdateRow { name: "x".into(), a: side(3.0), b: side(3.0), l2: Some(Real(1.0)), ..UpdateRow::default() };
        let only = UpdateRow { name: "y".into(), b: side(4.0), ..UpdateRow::default() };
        let part = AdapterPart::of(vec![both, only]);
        assert_eq!((part.l2_a, part.l2_b), (Some(Real(3.0)), Some(Real(5.0))));
        assert_eq!(part.l2, Some(Real(17.0_f64.sqrt())));
        assert!((part.relative_l2.unwrap().0 - 17.0_f64.sqrt() / 3.0).abs() < 1e-12);
        assert!(part.sentence().ends_with("; 1 only in B"), "{}", part.sentence());
    }

    #[test]
    fn what_is_not_finite_is_a_problem() {
        let mut row = UpdateRow { name: "x".into(), a: side(0.0), b: side(0.0), ..UpdateRow::default() };
        let mut found = UpdateDifference { l2_a: Some(1.0), ..UpdateDifference::default() };
        found.b.nan = 2;
        row.fill(&found);
        let part = AdapterPart::of(vec![row]);
        assert_eq!(part.findings("f")[0].message, "x: 2\u{202f}numbers of its matrices are not finite");
        assert_eq!((part.l2, part.l2_b), (None, None));
    }
}
