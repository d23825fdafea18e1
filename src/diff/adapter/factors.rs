//! The narrow matrices of an adapter by the names that PEFT gives them.

use std::collections::BTreeMap;

use crate::model::Tensor;

/// What PEFT puts in front of the names of a model's modules.
const AROUND: &str = "base_model.model.";
/// What the two matrices are called.
const MATRICES: [(&str, bool); 4] =
    [("lora_A", true), ("lora_B", false), ("lora_embedding_A", true), ("lora_embedding_B", false)];
/// Parts of an adapter that are no part of the product: magnitudes of DoRA, the diagonal of AdaLoRA, what VeRA shares.
const BESIDE: [&str; 4] = ["lora_magnitude_vector", "lora_E", "vera_lambda_b", "vera_lambda_d"];

/// The two matrices of one module, by their index among the tensors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Factors {
    /// A: from the inputs to the rank.
    pub inputs: Option<usize>,
    /// B: from the rank to the outputs.
    pub outputs: Option<usize>,
}

/// The matrices of an adapter by module, and what else of it is not in their products.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Adapter {
    /// By the module's name in the model; with several adapters in one file, the adapter's name in brackets behind it.
    pub modules: BTreeMap<String, Factors>,
    /// Names of tensors that change what the adapter does, and are not in its products.
    pub beside: Vec<String>,
}

impl Adapter {
    /// The adapter among these tensors; empty when there is none.
    pub fn of(tensors: &[&Tensor]) -> Self {
        let mut adapter = Self::default();
        for (at, tensor) in tensors.iter().enumerate() {
            let segments: Vec<&str> = tensor.name.split('.').collect();
            if BESIDE.iter().any(|word| segments.contains(word)) {
                adapter.beside.push(tensor.name.clone());
                continue;
            }
            let found = |(word, is_inputs): &(&str, bool)| {
                let place = segments.iter().position(|segment| segment == word)?;
                Some((place, *is_inputs))
            };
            let Some((place, is_inputs)) = MATRICES.iter().find_map(found) else { continue };
            let behind: Vec<&str> = segments.iter().skip(place.saturating_add(1)).copied().collect();
            if behind.last() == Some(&"bias") {
                adapter.beside.push(tensor.name.clone());
                continue;
            }
            let module = segments.get(..place).unwrap_or_default().join(".");
            let name = match behind.iter().find(|word| !matches!(**word, "weight" | "default")) {
                Some(other) => format!("{} ({other})", plain(&module)),
                None => plain(&module).to_owned(),
            };
            let factors = adapter.modules.entry(name).or_default();
            *(if is_inputs { &mut factors.inputs } else { &mut factors.outputs }) = Some(at);
        }
        adapter
    }
}

/// Without what is around the model; PEFT compares this with its patterns.
fn plain(module: &str) -> &str {
    module.find(AROUND).and_then(|at| module.get(at.saturating_add(AROUND.len())..)).unwrap_or(module)
}

/// How the two matrices make a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shape {
    /// Columns of B, rows of A.
    pub rank: u64,
    /// The order of A's dimensions that has the rank last.
    pub axes: Vec<usize>,
    /// Products behind each other along the first dimension, 1 for one product.
    pub parts: u64,
    /// Outputs and inputs of one product.
    pub size: (u64, u64),
}

impl Shape {
    /// Of A and B with these shapes: matrices, kernels of convolutions, stacks of matrices (experts) of which one may be
    /// shared. Of several ways to understand them the one with the rank that is configured.
    pub fn of(a: &[u64], b: &[u64], rank: Option<u64>) -> Option<Self> {
        let ways = [matrices(a, b), stacks(a, b), kernels(a, b)];
        let mut known = ways.into_iter().flatten().collect::<Vec<Self>>();
        let wanted = known.iter().position(|shape| rank == Some(shape.rank)).unwrap_or(0);
        (wanted < known.len()).then(|| known.swap_remove(wanted))
    }
}

fn matrices(a: &[u64], b: &[u64]) -> Option<Shape> {
    let ([rank, inputs], [outputs, columns]) = (a, b) else { return None };
    (rank == columns).then(|| Shape { rank: *rank, axes: vec![1, 0], parts: 1, size: (*outputs, *inputs) })
}

/// `[experts, rank, inputs]` and `[experts, outputs, rank]`; a shared matrix makes one large product of all.
fn stacks(a: &[u64], b: &[u64]) -> Option<Shape> {
    let ([of_a, rank, inputs], [of_b, outputs, columns]) = (a, b) else { return None };
    let (parts, size) = match (*of_a, *of_b) {
        (1, experts) => (1, (experts.checked_mul(*outputs)?, *inputs)),
        (experts, 1) => (1, (*outputs, experts.checked_mul(*inputs)?)),
        (x, y) if x == y => (x, (*outputs, *inputs)),
        _ => return None,
    };
    (rank == columns).then(|| Shape { rank: *rank, axes: vec![0, 2, 1], parts, size })
}

/// `[rank, inputs, height, width]` and `[outputs, rank, 1, 1]`.
fn kernels(a: &[u64], b: &[u64]) -> Option<Shape> {
    let ([rank, inner @ ..], [outputs, columns, ones @ ..]) = (a, b) else { return None };
    if rank != columns || a.len() != b.len() || a.len() < 3 || ones.iter().any(|length| *length != 1) {
        return None;
    }
    let inputs = inner.iter().try_fold(1_u64, |product, length| product.checked_mul(*length))?;
    let axes = (1..a.len()).chain([0]).collect();
    Some(Shape { rank: *rank, axes, parts: 1, size: (*outputs, inputs) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{DType, TensorRole};

    fn tensor(name: &str) -> Tensor {
        let (dtype, role) = (DType::F32, TensorRole::Model);
        Tensor { name: name.into(), dtype, shape: vec![2, 2], size_bytes: 16, role, place: None }
    }

    #[test]
    fn names_as_peft_writes_them() {
        let names = [
            "base_model.model.h.0.q.lora_A.weight",
            "base_model.model.h.0.q.lora_B.weight",
            "model.base_model.model.h.1.q.lora_A.default.weight",
            "model.base_model.model.h.1.q.lora_B.default.weight",
            "base_model.model.embed.lora_embedding_A",
            "base_model.model.embed.lora_embedding_B.other",
            "base_model.model.h.0.q.lora_magnitude_vector",
            "base_model.model.h.0.q.lora_B.bias",
            "base_model.model.classifier.weight",
        ];
        let tensors: Vec<Tensor> = names.into_iter().map(tensor).collect();
        let adapter = Adapter::of(&tensors.iter().collect::<Vec<_>>());
        let told: Vec<_> = adapter.modules.iter().map(|(name, of)| (name.as_str(), of.inputs, of.outputs)).collect();
        let expected = [
            ("embed", Some(4), None),
            ("embed (other)", None, Some(5)),
            ("h.0.q", Some(0), Some(1)),
            ("h.1.q", Some(2), Some(3)),
        ];
        assert_eq!(told, expected);
        assert_eq!(adapter.beside, [names[6], names[7]]);
    }

    #[test]
    fn shapes_that_make_a_product() {
        let of = |a: &[u64], b: &[u64], rank| {
            Shape::of(a, b, rank).map(|shape| (shape.rank, shape.parts, shape.size, shape.axes))
        };
        assert_eq!(of(&[2, 8], &[24, 2], None), Some((2, 1, (24, 8), vec![1, 0])));
        assert_eq!(of(&[1, 4, 8], &[3, 12, 4], None), Some((4, 1, (36, 8), vec![0, 2, 1])));
        assert_eq!(of(&[3, 4, 12], &[1, 8, 4], None), Some((4, 1, (8, 36), vec![0, 2, 1])));
        assert_eq!(of(&[3, 4, 12], &[3, 8, 4], None), Some((4, 3, (8, 12), vec![0, 2, 1])));
        assert_eq!(of(&[2, 3, 5, 5], &[7, 2, 1, 1], None), Some((2, 1, (7, 75), vec![1, 2, 3, 0])));
        // One along the length, or three experts of rank 1: the configuration knows.
        assert_eq!(of(&[3, 1, 8], &[3, 3, 1], Some(3)), Some((3, 1, (3, 8), vec![1, 2, 0])));
        assert_eq!(of(&[3, 1, 8], &[3, 3, 1], Some(1)), Some((1, 3, (3, 8), vec![0, 2, 1])));
        assert_eq!(of(&[2, 8], &[24, 3], None), None);
    }
}
