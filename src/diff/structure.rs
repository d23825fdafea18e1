//! Which tensors two checkpoints have, and in what type and shape.

use std::collections::{HashMap, VecDeque};

use serde::ser::SerializeStruct;
use serde::{Deserialize, Serialize, Serializer};

use crate::model::{Tensor, TensorRole, natural_cmp, order_by};

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
        let mut row = serializer.serialize_struct("StructureRow", if leaves_out { 4 } else { 5 })?;
        row.serialize_field("name", &self.name)?;
        row.serialize_field("change", &self.change)?;
        if leaves_out {
            row.skip_field("from")?;
        } else {
            row.serialize_field("from", &self.from)?;
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

/// What differs, in natural order of names. Tensors are paired by name; when several files of a checkpoint use one name
/// (weights and the optimizer's moments), first those of the same role, then the others in order.
pub fn compare_structures<'a>(
    a: impl IntoIterator<Item = &'a Tensor>,
    b: impl IntoIterator<Item = &'a Tensor>,
) -> Vec<StructureRow> {
    let (a, b): (Vec<&Tensor>, Vec<&Tensor>) = (a.into_iter().collect(), b.into_iter().collect());
    let mut pairs = Pairs { partners: vec![None; a.len()], taken: vec![false; b.len()] };
    pairs.join(&a, &b, |tensor| (tensor.name.as_str(), Some(tensor.role)));
    pairs.join(&a, &b, |tensor| (tensor.name.as_str(), None));
    let partner = |index: &Option<usize>| index.and_then(|index| b.get(index)).copied();
    let kept = a.iter().zip(&pairs.partners).filter_map(|(a, b)| row(Some(a), partner(b)));
    let added = b.iter().zip(&pairs.taken).filter(|(_, taken)| !**taken).filter_map(|(b, _)| row(None, Some(b)));
    let mut rows: Vec<_> = kept.chain(added).collect();
    order_by(&mut rows, |x, y| natural_cmp(&x.name, &y.name));
    rows
}

/// Who is paired with whom, by index.
struct Pairs {
    partners: Vec<Option<usize>>,
    taken: Vec<bool>,
}

impl Pairs {
    /// Pairs those still alone whose keys are equal, in order.
    fn join<'a>(
        &mut self,
        a: &[&'a Tensor],
        b: &[&'a Tensor],
        key: impl Fn(&'a Tensor) -> (&'a str, Option<TensorRole>),
    ) {
        let mut waiting: HashMap<_, VecDeque<usize>> = HashMap::new();
        for ((index, tensor), _) in b.iter().enumerate().zip(&self.taken).filter(|(_, taken)| !**taken) {
            waiting.entry(key(tensor)).or_default().push_back(index);
        }
        for (tensor, partner) in a.iter().zip(&mut self.partners).filter(|(_, partner)| partner.is_none()) {
            *partner = waiting.get_mut(&key(tensor)).and_then(VecDeque::pop_front);
            if let Some(taken) = partner.and_then(|index| self.taken.get_mut(index)) {
                *taken = true;
            }
        }
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
    Some(StructureRow { name, change, from: None, a: a.map(Form::of), b: b.map(Form::of) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DType;

    fn tensor(name: &str, dtype: DType, shape: &[u64], role: TensorRole) -> Tensor {
        Tensor { name: name.into(), dtype, shape: shape.into(), size_bytes: 0, role, place: None }
    }

    fn weight(name: &str, dtype: DType, shape: &[u64]) -> Tensor {
        tensor(name, dtype, shape, TensorRole::Model)
    }

    fn told(a: &[Tensor], b: &[Tensor]) -> Vec<String> {
        compare_structures(a, b).iter().map(|row| format!("{} {:?}", row.name, row.change)).collect()
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
        let rows = compare_structures(&a, &b);
        assert_eq!(rows.len(), 1);
        assert_eq!(
            (rows[0].change, rows[0].a.as_ref().unwrap().shape.as_slice()),
            (StructureChange::Removed, &[2][..])
        );
    }

    #[test]
    fn one_name_in_two_roles_is_still_one_tensor() {
        let (a, b) = ([weight("w", DType::F32, &[2])], [tensor("w", DType::F32, &[2], TensorRole::Other)]);
        assert_eq!(compare_structures(&a, &b), []);
    }

    #[test]
    fn the_row_is_the_reports() {
        let rows = compare_structures(&[weight("w", DType::F32, &[16, 16])], &[weight("w", DType::F32, &[32, 32])]);
        let json = r#"[{"name":"w","change":"shape","a":{"dtype":"F32","shape":[16,16]},"b":{"dtype":"F32","shape":[32,32]}}]"#;
        assert_eq!(serde_json::to_string(&rows).unwrap(), json);
        assert_eq!(serde_json::from_str::<Vec<StructureRow>>(json).unwrap(), rows);
        assert_eq!(postcard::from_bytes::<Vec<StructureRow>>(&postcard::to_stdvec(&rows).unwrap()).unwrap(), rows);
    }
}
