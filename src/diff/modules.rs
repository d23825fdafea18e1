//! What the modules of two checkpoints add up to, side by side.

use serde::{Deserialize, Serialize};

use super::align::plain_name;
use super::module_of;
use crate::model::{Tensor, TensorRole, keyed, natural_cmp, order_by};

/// One module on both sides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModuleTotals {
    /// Its name, without keys around the model: up to the number of the layer, else the first part.
    pub name: String,
    /// In a; zeros when a does not have it.
    pub a: Totals,
    /// In b.
    pub b: Totals,
}

/// What the tensors of a module add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Totals {
    /// Tensors.
    pub tensors: u64,
    /// Elements.
    pub parameters: u64,
    /// Bytes.
    pub size_bytes: u64,
}

impl Totals {
    fn add(&mut self, tensor: &Tensor) {
        self.tensors = self.tensors.saturating_add(1);
        self.parameters = self.parameters.saturating_add(tensor.elements());
        self.size_bytes = self.size_bytes.saturating_add(tensor.size_bytes);
    }

    fn join(&mut self, other: Self) {
        self.tensors = self.tensors.saturating_add(other.tensors);
        self.parameters = self.parameters.saturating_add(other.parameters);
        self.size_bytes = self.size_bytes.saturating_add(other.size_bytes);
    }
}

/// The modules of the model, in natural order of names; those of equal totals too.
pub fn compare_modules(a: &[&Tensor], b: &[&Tensor]) -> Vec<ModuleTotals> {
    let of_model = |tensor: &&&Tensor| tensor.role == TensorRole::Model;
    // By the names as they are, of which many tensors share one, and only then without the keys around them.
    let all = || a.iter().map(|tensor| (true, tensor)).chain(b.iter().map(|tensor| (false, tensor)));
    let mut found = keyed(all().map(|(_, tensor)| (module_of(&tensor.name), ModuleTotals::default())));
    for (is_a, tensor) in all().filter(|(_, tensor)| of_model(tensor)) {
        if let Some(module) = found.get_mut(module_of(&tensor.name)) {
            if is_a { &mut module.a } else { &mut module.b }.add(tensor);
        }
    }
    let mut modules = keyed(found.keys().map(|name| (plain_name(name), ModuleTotals::default())));
    for (name, totals) in found {
        if let Some(module) = modules.get_mut(&plain_name(name)) {
            module.a.join(totals.a);
            module.b.join(totals.b);
        }
    }
    let named = modules.into_iter().map(|(name, totals)| ModuleTotals { name, ..totals });
    let mut rows: Vec<ModuleTotals> = named.filter(|row| row.a.tensors > 0 || row.b.tensors > 0).collect();
    order_by(&mut rows, |x, y| natural_cmp(&x.name, &y.name));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DType;

    #[test]
    fn keys_around_a_model_make_no_module() {
        let tensor = |name: &str, shape: &[u64]| Tensor {
            name: name.into(),
            dtype: DType::F32,
            shape: shape.to_vec(),
            size_bytes: 4 * shape.iter().product::<u64>(),
            role: TensorRole::Model,
            place: None,
        };
        let a = [tensor("h.10.w", &[2, 2]), tensor("h.9.w", &[2, 2]), tensor("head.w", &[3])];
        let b = [tensor("module.h.9.w", &[2, 3]), tensor("module.h.9.b", &[1]), tensor("module.head.w", &[3])];
        let (a, b): (Vec<&Tensor>, Vec<&Tensor>) = (a.iter().collect(), b.iter().collect());
        let rows = compare_modules(&a, &b);
        let told: Vec<_> =
            rows.iter().map(|row| (row.name.as_str(), row.a.parameters, row.b.parameters, row.b.size_bytes)).collect();
        assert_eq!(told, [("h.9", 4, 7, 28), ("h.10", 4, 0, 0), ("head", 3, 3, 12)]);
        assert_eq!((rows[0].a.tensors, rows[0].b.tensors), (1, 2));
    }
}
