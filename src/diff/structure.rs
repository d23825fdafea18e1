//! Which tensors two checkpoints have, and in what type and shape.

use std::collections::BTreeSet;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use super::align::{Alignment, Rename, Rule};
use crate::model::{Tensor, distinct, keyed, natural_cmp, order_by};

/// One tensor that only one side has, or that changed its type or shape.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StructureRow {
    /// The tensor (for a renamed one, its name in b).
    pub name: String,
    /// What happened.
    pub change: StructureChange,
    /// For a renamed one its name in a; left out of the report for the others.
    #[cfg_attr(feature = "schema", schemars(skip_serializing_if = "Option::is_none"))]
    pub from: Option<String>,
    /// For a renamed one the rule that says so; left out of the report for the others.
    #[cfg_attr(feature = "schema", schemars(skip_serializing_if = "Option::is_none"))]
    pub rule: Option<String>,
    /// What it is in a.
    pub a: Option<Form>,
    /// What it is in b.
    pub b: Option<Form>,
}

/// Type and shape of a tensor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Form {
    /// Element type in the report's spelling.
    pub dtype: String,
    /// Lengths of the dimensions.
    pub shape: Vec<u64>,
}

/// What happened to a tensor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum StructureChange {
    /// Only b has it.
    Added,
    /// Only a has it.
    Removed,
    /// The element type changed, the shape did not.
    Dtype,
    /// The shape changed; perhaps the type too.
    Shape,
    /// The same tensor under another name.
    Renamed,
}

/// By hand, because a binary form needs every field in its place and JSON should not have `from` on every row.
impl Serialize for StructureRow {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let leaves_out = serializer.is_human_readable() && self.from.is_none();
        let mut row = serializer.serialize_struct("StructureRow", if leaves_out { 4 } else { 6 })?;
        row.serialize_field("name", &self.name)?;
        row.serialize_field("change", &self.change)?;
        if leaves_out {
            row.skip_field("from")?;
            row.skip_field("rule")?;
        } else {
            row.serialize_field("from", &self.from)?;
            row.serialize_field("rule", &self.rule)?;
        }
        row.serialize_field("a", &self.a)?;
        row.serialize_field("b", &self.b)?;
        row.end()
    }
}

impl Form {
    fn of(tensor: &Tensor) -> Self {
        Self { dtype: tensor.dtype.name().to_owned(), shape: tensor.shape.clone() }
    }
}

/// What differs, in natural order of names, when the tensors are paired like this.
pub fn compare_structures(a: &[&Tensor], b: &[&Tensor], alignment: &Alignment) -> Vec<StructureRow> {
    let pairs = alignment.matches.iter().filter_map(|pair| {
        let (a, b) = a.get(pair.a).copied().zip(b.get(pair.b).copied())?;
        pair.rename.as_ref().map_or_else(|| row(Some(a), Some(b)), |rename| Some(renamed(a, b, rename)))
    });
    let removed = alignment.only_a.iter().filter_map(|at| row(a.get(*at).copied(), None));
    let added = alignment.only_b.iter().filter_map(|at| row(None, b.get(*at).copied()));
    let mut rows: Vec<_> = pairs.chain(removed).chain(added).collect();
    order_by(&mut rows, |x, y| natural_cmp(&x.name, &y.name));
    rows
}

/// Of tensors that are gone and ones that are new it was found that they hold the same: names in a, names in b.
pub fn rename_by_content(rows: &mut Vec<StructureRow>, found: &[(String, String)]) {
    let names = keyed(found.iter().map(|(from, name)| (name.clone(), from.clone())));
    let gone = distinct(found.iter().map(|(from, _)| from.clone()));
    let is_gone = |row: &StructureRow| row.change == StructureChange::Removed && gone.contains(&row.name);
    let mut removed = keyed(rows.iter().filter(|row| is_gone(row)).map(|row| (row.name.clone(), row.a.clone())));
    let mut taken = BTreeSet::new();
    for row in rows.iter_mut().filter(|row| row.change == StructureChange::Added) {
        let Some((from, a)) = names.get(&row.name).and_then(|from| removed.remove_entry(from)) else { continue };
        let rename = Rename { rule: Rule::Content, axes: None, slice: None };
        taken.insert(from.clone());
        (row.change, row.from, row.a) = (StructureChange::Renamed, Some(from), a);
        row.rule = Some(rename.words().to_owned());
    }
    rows.retain(|row| row.change != StructureChange::Removed || !taken.contains(&row.name));
}

fn renamed(a: &Tensor, b: &Tensor, rename: &Rename) -> StructureRow {
    StructureRow {
        name: b.name.clone(),
        change: StructureChange::Renamed,
        from: Some(a.name.clone()),
        rule: Some(rename.words().to_owned()),
        a: Some(Form::of(a)),
        b: Some(Form::of(b)),
    }
}

fn row(a: Option<&Tensor>, b: Option<&Tensor>) -> Option<StructureRow> {
    let change = match (a, b) {
        (Some(a), Some(b)) if a.shape != b.shape => StructureChange::Shape,
        (Some(a), Some(b)) if a.dtype != b.dtype => StructureChange::Dtype,
        (Some(_), None) => StructureChange::Removed,
        (None, Some(_)) => StructureChange::Added,
        _ => return None,
    };
    let name = b.or(a)?.name.clone();
    Some(StructureRow { name, change, from: None, rule: None, a: a.map(Form::of), b: b.map(Form::of) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::align;
    use crate::model::{DType, TensorRole};

    fn compared(a: &[Tensor], b: &[Tensor]) -> Vec<StructureRow> {
        let (a, b): (Vec<&Tensor>, Vec<&Tensor>) = (a.iter().collect(), b.iter().collect());
        compare_structures(&a, &b, &align(&a, &b, &BTreeSet::new()))
    }

    fn tensor(name: &str, dtype: DType, shape: &[u64], role: TensorRole) -> Tensor {
        Tensor { name: name.into(), dtype, shape: shape.into(), size_bytes: 0, role, place: None }
    }

    fn weight(name: &str, dtype: DType, shape: &[u64]) -> Tensor {
        tensor(name, dtype, shape, TensorRole::Model)
    }

    fn told(a: &[Tensor], b: &[Tensor]) -> Vec<String> {
        compared(a, b).iter().map(|row| format!("{} {:?}", row.name, row.change)).collect()
    }

    #[test]
    fn each_kind_of_change_is_told_in_natural_order() {
        let a = [
            weight("h.10.w", DType::F32, &[2, 2]),
            weight("h.9.w", DType::F32, &[2, 2]),
            weight("both", DType::F32, &[2]),
            weight("old", DType::F32, &[]),
            weight("same", DType::BF16, &[3]),
        ];
        let b = [
            weight("same", DType::BF16, &[3]),
            weight("new", DType::F32, &[]),
            weight("both", DType::F16, &[3]),
            weight("h.9.w", DType::F16, &[2, 2]),
            weight("h.10.w", DType::F32, &[4]),
        ];
        assert_eq!(told(&a, &b), ["both Shape", "h.9.w Dtype", "h.10.w Shape", "new Added", "old Removed"]);
        let mirrored = ["both Shape", "h.9.w Dtype", "h.10.w Shape", "new Removed", "old Added"];
        assert_eq!(told(&b, &a), mirrored);
        assert_eq!(told(&a, &a), [""; 0]);
    }

    #[test]
    fn one_name_in_two_files_is_paired_by_role() {
        let a = [weight("w", DType::F32, &[2]), tensor("w", DType::F32, &[1], TensorRole::Optimizer)];
        let b = [tensor("w", DType::F32, &[1], TensorRole::Optimizer)];
        let rows = compared(&a, &b);
        assert_eq!(rows.len(), 1);
        assert_eq!(
            (rows[0].change, rows[0].a.as_ref().unwrap().shape.as_slice()),
            (StructureChange::Removed, &[2][..])
        );
    }

    #[test]
    fn one_name_in_two_roles_is_still_one_tensor() {
        let (a, b) = ([weight("w", DType::F32, &[2])], [tensor("w", DType::F32, &[2], TensorRole::Other)]);
        assert_eq!(compared(&a, &b), []);
    }

    #[test]
    fn a_renamed_tensor_says_what_it_was_and_why() {
        let rows = compared(&[weight("h.w", DType::F32, &[2])], &[weight("module.h.w", DType::F32, &[2])]);
        let json = r#"[{"name":"module.h.w","change":"renamed","from":"h.w","rule":"a key around the model","a":{"dtype":"F32","shape":[2]},"b":{"dtype":"F32","shape":[2]}}]"#;
        assert_eq!(serde_json::to_string(&rows).unwrap(), json);
        assert_eq!(postcard::from_bytes::<Vec<StructureRow>>(&postcard::to_stdvec(&rows).unwrap()).unwrap(), rows);
    }

    #[test]
    fn the_row_is_the_reports() {
        let rows = compared(&[weight("w", DType::F32, &[16, 16])], &[weight("w", DType::F32, &[32, 32])]);
        let json = r#"[{"name":"w","change":"shape","a":{"dtype":"F32","shape":[16,16]},"b":{"dtype":"F32","shape":[32,32]}}]"#;
        assert_eq!(serde_json::to_string(&rows).unwrap(), json);
        assert_eq!(serde_json::from_str::<Vec<StructureRow>>(json).unwrap(), rows);
        assert_eq!(postcard::from_bytes::<Vec<StructureRow>>(&postcard::to_stdvec(&rows).unwrap()).unwrap(), rows);
    }
}
