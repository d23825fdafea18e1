//! What tensors are for, by the keys they stand under: every convention writes its own.

use std::collections::BTreeSet;

use crate::model::{Layer, MODEL_KEYS, Order, Tensor, TensorRole};

/// Keys that name a model, beside [`MODEL_KEYS`].
const MODEL: [&str; 4] = ["weights", "generator", "discriminator", "policy"];
/// Parts of the keys under which `accelerate` and others keep them.
const SEEDS: [&str; 3] = ["random_state", "random_seed", "manual_seed"];
/// Keys of the states of random generators, where they stand alone.
const RNG: &[&str] = &[
    "python",
    "numpy",
    "cpu",
    "cuda",
    "torch",
    "torch_cpu",
    "torch_cuda",
    "torch_cuda_all",
    "mps",
    "xpu",
    "npu",
    "hpu",
];

/// What stands under `key`, when the key tells.
pub(super) fn of_key(key: &str) -> Option<TensorRole> {
    let key = key.to_ascii_lowercase();
    if key.contains("scheduler") {
        Some(TensorRole::Scheduler)
    } else if key.starts_with("optim") || key.starts_with("_optim") {
        Some(TensorRole::Optimizer)
    } else if key == "rng" || key == "_rng" || key.contains("rng_") || SEEDS.iter().any(|seed| key.contains(seed)) {
        Some(TensorRole::Rng)
    } else if MODEL_KEYS.contains(&key.as_str()) || MODEL.contains(&key.as_str()) {
        Some(TensorRole::Model)
    } else {
        None
    }
}

/// What a dict with these keys is, when they tell; `all_tensors` says whether all its values are.
pub(super) fn of_keys(keys: &[&str], all_tensors: impl FnOnce() -> bool) -> Option<TensorRole> {
    let has = |key: &str| keys.contains(&key);
    if keys.is_empty() {
        None
    } else if has("state") && has("param_groups") {
        Some(TensorRole::Optimizer)
    } else if has("last_epoch") && (has("_step_count") || has("base_lrs") || has("_last_lr")) {
        Some(TensorRole::Scheduler)
    } else if keys.len() > 1 && keys.iter().all(|key| RNG.contains(key) || of_key(key) == Some(TensorRole::Rng)) {
        Some(TensorRole::Rng)
    } else if keys.iter().any(|key| is_weight(key)) && all_tensors() {
        Some(TensorRole::Model)
    } else {
        None
    }
}

/// Named as a parameter of a module is.
fn is_weight(key: &str) -> bool {
    matches!(key.rsplit('.').next(), Some("weight" | "bias")) || key.contains('.')
}

/// Statistics that modules of torch keep beside their parameters.
const BUFFERS: &[&str] = &["num_batches_tracked", "running_mean", "running_var"];

/// Corrects what only the whole file tells. A moving average stands for the model where there is none else. Of tensors
/// that share all their bytes the first is counted: tied weights, and models that are saved under two names.
pub(super) fn settle(tensors: &mut [Tensor]) {
    let is_average = |name: &str| name.split('.').any(|part| part == "ema" || part.starts_with("ema_"));
    if !tensors.iter().any(|tensor| tensor.role == TensorRole::Model) {
        for tensor in tensors.iter_mut().filter(|tensor| is_average(&tensor.name)) {
            tensor.role = TensorRole::Model;
        }
    }
    let mut seen = BTreeSet::new();
    for tensor in tensors.iter_mut().filter(|tensor| tensor.role == TensorRole::Model) {
        let is_buffer = tensor.name.rsplit('.').next().is_some_and(|last| BUFFERS.contains(&last));
        let is_twin = place_of(tensor).is_some_and(|place| !seen.insert(place));
        if is_buffer || is_twin {
            tensor.role = TensorRole::Other;
        }
    }
}

/// Where the bytes of a tensor are, for telling twins: header of the member, first byte in it, how many.
fn place_of(tensor: &Tensor) -> Option<(u64, u64, u64)> {
    let place = tensor.place.as_ref().filter(|_| tensor.size_bytes > 0)?;
    if matches!(place.order, Order::Strided(_)) {
        return None;
    }
    let mut at = (0_u64, 0_u64, tensor.size_bytes);
    for layer in &place.layers {
        match layer {
            Layer::ZipMember { header, .. } => at.0 = *header,
            Layer::Window { offset, .. } => at.1 = at.1.saturating_add(*offset),
            _ => {}
        }
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_convention_is_known_by_its_keys() {
        let cases = [
            ("model_state_dict", Some(TensorRole::Model)),
            ("model_state", Some(TensorRole::Model)),
            ("optimizer_states", Some(TensorRole::Optimizer)),
            ("optimizer", Some(TensorRole::Optimizer)),
            ("lr_schedulers", Some(TensorRole::Scheduler)),
            ("scheduler_state_dict", Some(TensorRole::Scheduler)),
            ("rng_cpu", Some(TensorRole::Rng)),
            ("torch_rng_state", Some(TensorRole::Rng)),
            ("_rng", Some(TensorRole::Rng)),
            ("torch_manual_seed", Some(TensorRole::Rng)),
            ("losses", None),
            ("meta", None),
        ];
        for (key, role) in cases {
            assert_eq!(of_key(key), role, "{key}");
        }
    }

    #[test]
    fn files_of_one_thing_are_known_by_all_their_keys() {
        assert_eq!(of_keys(&["state", "param_groups"], || false), Some(TensorRole::Optimizer));
        assert_eq!(of_keys(&["last_epoch", "base_lrs"], || false), Some(TensorRole::Scheduler));
        assert_eq!(of_keys(&["python", "numpy", "cpu"], || false), Some(TensorRole::Rng));
        assert_eq!(of_keys(&["0.weight", "0.bias"], || true), Some(TensorRole::Model));
        assert_eq!(of_keys(&["0.weight", "0.bias"], || false), None);
        assert_eq!(of_keys(&["centers", "diameter"], || true), None);
        assert_eq!(of_keys(&[], || true), None);
    }
}
