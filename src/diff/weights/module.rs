//! Rows of tensors, rolled up by module.

use super::WeightRow;
use crate::diff::align::is_around;
use crate::model::{Real, keyed, natural_cmp, order_by};

/// The tensors of one module together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModuleRow {
    /// Its name: up to the number of the layer, or the first part.
    pub name: String,
    /// Its tensors, and how many of them differ, or could not be compared.
    pub tensors: u64,
    /// Tensors that differ.
    pub changed: u64,
    /// Tensors whose values could not be compared.
    pub unknown: u64,
    /// The root of the sum of the squares of ‖b − a‖₂; `None` when of no tensor it could be said. Whole numbers are counters,
    /// and what generators of random numbers keep: they count only where there is nothing else.
    pub l2: Option<f64>,
    /// That of ‖a‖₂.
    pub l2_a: Option<f64>,
    /// The largest |b − a|.
    pub max_abs: Option<Real>,
    /// Whether there is something that can train.
    pub(super) can_train: bool,
}

impl ModuleRow {
    /// ‖b − a‖₂ / ‖a‖₂ of all its tensors; `None` when a is all zero.
    pub fn relative_l2(&self) -> Option<f64> {
        self.l2.zip(self.l2_a).filter(|(_, a)| *a > 0.0).map(|(l2, a)| l2 / a)
    }

    /// Takes in another tensor.
    pub(super) fn add(&mut self, row: &WeightRow) {
        let join = |sum: Option<f64>, real: Option<Real>| match (sum, real) {
            (Some(sum), Some(Real(value))) => Some(sum.hypot(value)),
            (sum, real) => sum.or(real.map(|Real(value)| value)),
        };
        self.tensors = self.tensors.saturating_add(1);
        self.unknown = self.unknown.saturating_add(u64::from(!row.was_compared()));
        self.changed = self.changed.saturating_add(u64::from(row.was_compared() && !row.equal));
        let can_train = row.was_compared() && !row.is_whole();
        if self.can_train && !can_train {
            return;
        }
        if can_train && !self.can_train {
            (self.can_train, self.l2, self.l2_a, self.max_abs) = (true, None, None, None);
        }
        self.l2 = join(self.l2, row.l2);
        self.l2_a = join(self.l2_a, row.a.l2);
        let larger = |a: Real, b: Real| if b.0 > a.0 { b } else { a };
        self.max_abs = match (self.max_abs, row.max_abs) {
            (Some(a), Some(b)) => Some(larger(a, b)),
            (a, b) => a.or(b),
        };
    }
}

/// The module of a tensor: its name up to the number of the layer, else its first part. Keys around the model are no part,
/// but stay in front.
pub fn module_of(name: &str) -> &str {
    let mut first = None;
    let mut end = 0_usize;
    let mut is_inside = false;
    for segment in name.split_inclusive(['.', '/']) {
        end = end.saturating_add(segment.len());
        let bare = segment.trim_end_matches(['.', '/']);
        let is_last = end >= name.len();
        is_inside = is_inside || is_last || !is_around(bare);
        if !is_inside {
            continue;
        }
        first = first.or(Some(end));
        let number = bare.rsplit('_').next().unwrap_or(bare);
        if !is_last && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) {
            return name.get(..end).unwrap_or(name).trim_end_matches(['.', '/']);
        }
    }
    name.get(..first.unwrap_or(name.len())).unwrap_or(name).trim_end_matches(['.', '/'])
}

/// All rows as one, without a name.
pub(in crate::diff) fn total<'a>(rows: impl Iterator<Item = &'a WeightRow>) -> ModuleRow {
    let mut all = ModuleRow::default();
    rows.for_each(|row| all.add(row));
    all
}

/// The module that a tensor is of, inside its layer: its name without the last part.
pub fn outer_of(name: &str) -> &str {
    name.rsplit_once(['.', '/']).map_or(name, |(outer, _)| outer)
}

/// One row a layer, or what is outside of layers, in natural order of names.
pub fn roll_up(rows: &[WeightRow]) -> Vec<ModuleRow> {
    roll_up_by(rows, module_of)
}

/// One row for the tensors of which `of` says the same, in natural order of names.
pub fn roll_up_by(rows: &[WeightRow], of: fn(&str) -> &str) -> Vec<ModuleRow> {
    let mut modules = keyed(rows.iter().map(|row| (of(&row.name), ModuleRow::default())));
    for row in rows {
        if let Some(module) = modules.get_mut(of(&row.name)) {
            module.add(row);
        }
    }
    let named = |(name, module): (&str, ModuleRow)| ModuleRow { name: name.to_owned(), ..module };
    let mut rolled: Vec<ModuleRow> = modules.into_iter().map(named).collect();
    order_by(&mut rolled, |x, y| natural_cmp(&x.name, &y.name));
    rolled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_ends_at_the_number_of_its_layer() {
        for (name, module) in [
            ("blocks.10.attn.q_proj.kernel", "blocks.10"),
            ("model.layers.3.mlp.w", "model.layers.3"),
            ("lm_head.weight", "lm_head"),
            ("model.embed.weight", "model.embed"),
            ("model.norm", "model.norm"),
            ("_orig_mod.module.h.3.w", "_orig_mod.module.h.3"),
            ("module.head.w", "module.head"),
            ("params/layers_0/dense/kernel", "params/layers_0"),
            ("w", "w"),
            ("fc.0", "fc"),
            ("", ""),
        ] {
            assert_eq!(module_of(name), module, "{name}");
        }
    }

    #[test]
    fn counters_count_where_there_is_nothing_else() {
        let row = |name: &str, dtype: &str, l2: f64| {
            let max_abs = Some(Real(l2));
            let mut row = WeightRow { name: name.into(), l2: max_abs, max_abs, ..WeightRow::default() };
            (row.a.l2, row.a.dtype) = (Some(Real(10.0)), dtype.into());
            row
        };
        let rows = [
            row("h.0.count", "I64", 10.0),
            row("h.0.w", "F32", 1.0),
            row("h.0.seen", "U8", 7.0),
            row("rng.state", "U8", 5.0),
        ];
        let rolled = roll_up(&rows);
        assert_eq!((rolled[0].relative_l2(), rolled[0].max_abs, rolled[0].tensors), (Some(0.1), Some(Real(1.0)), 3));
        assert_eq!((rolled[1].relative_l2(), rolled[1].changed), (Some(0.5), 1));
    }

    #[test]
    fn norms_add_by_their_squares() {
        let row = |name: &str, l2: f64, norm: f64| {
            let mut row = WeightRow { name: name.into(), l2: Some(Real(l2)), ..WeightRow::default() };
            row.a.l2 = Some(Real(norm));
            row
        };
        let rolled = roll_up(&[row("h.10.b", 4.0, 0.0), row("h.9.w", 1.0, 0.0), row("h.10.w", 3.0, 10.0)]);
        let names: Vec<&str> = rolled.iter().map(|module| module.name.as_str()).collect();
        assert_eq!(names, ["h.9", "h.10"]);
        assert_eq!((rolled[1].tensors, rolled[1].changed, rolled[1].l2), (2, 2, Some(5.0)));
        assert_eq!((rolled[1].relative_l2(), rolled[0].relative_l2()), (Some(0.5), None));
    }
}
