//! What frameworks and wrappers do to the names of tensors, undone.

use crate::model::{MODEL_KEYS, Tensor};

/// Wrappers that put their own key in front of what they wrap, wherever that is.
const WRAPPERS: [&str; 3] = ["module", "_orig_mod", "_fsdp_wrapped_module"];
/// Keys around a model beside those of training scripts.
const AROUND: [&str; 4] = ["checkpoint", "params", "base_model", "ema"];
/// What Flax and Keras call it, and what PyTorch does.
const WORDS: [(&str, &str); 8] = [
    ("kernel", "weight"),
    ("scale", "weight"),
    ("embedding", "weight"),
    ("gamma", "weight"),
    ("beta", "bias"),
    ("mean", "running_mean"),
    ("moving_mean", "running_mean"),
    ("moving_variance", "running_var"),
];

/// Whether this part of a name is a key around the model, and no part of it.
pub(in crate::diff) fn is_around(segment: &str) -> bool {
    WRAPPERS.contains(&segment) || MODEL_KEYS.contains(&segment) || AROUND.contains(&segment)
}

/// Without wrappers, and without the keys around the model.
pub(super) fn bare(name: &str) -> String {
    let mut kept: Vec<&str> = name.split('.').filter(|segment| !WRAPPERS.contains(segment)).collect();
    while kept.len() > 1 && kept.first().is_some_and(|key| is_around(key)) {
        kept.remove(0);
    }
    kept.join(".")
}

/// [`bare`], with dots for slashes.
pub(in crate::diff) fn dotted(name: &str) -> String {
    bare(&name.replace('/', "."))
}

/// [`dotted`], in PyTorch's words.
pub(super) fn conventional(name: &str) -> String {
    let name = dotted(name);
    let (outer, last) = name.rsplit_once('.').unwrap_or(("", &name));
    let word = WORDS.iter().find(|(theirs, _)| *theirs == last).map_or(last, |(_, torchs)| torchs);
    let mut told: Vec<String> = outer.split('.').filter(|segment| !segment.is_empty()).map(numbered).collect();
    told.push(word.to_owned());
    told.join(".")
}

/// `layers_0` is `layers.0`.
fn numbered(segment: &str) -> String {
    match segment.rsplit_once('_') {
        Some((list, number)) if !list.is_empty() && number.parse::<u32>().is_ok() => format!("{list}.{number}"),
        _ => segment.to_owned(),
    }
}

/// The dimensions of b in a's order: Flax and Keras keep a kernel as (height, width,) in, out; PyTorch a weight as out, in
/// (, height, width).
pub(super) fn axes(a: &Tensor, b: &Tensor) -> Option<Vec<usize>> {
    let is_kernel = |tensor: &Tensor| tensor.name.ends_with("kernel");
    let axes: &[usize] = match (is_kernel(a), is_kernel(b), a.shape.len()) {
        (true, false, 2) | (false, true, 2) => &[1, 0],
        (true, false, 3) | (false, true, 3) => &[2, 1, 0],
        (false, true, 4) => &[3, 2, 0, 1],
        (true, false, 4) => &[2, 3, 1, 0],
        _ => return None,
    };
    let turned: Option<Vec<u64>> = axes.iter().map(|&axis| b.shape.get(axis).copied()).collect();
    (b.shape.len() == axes.len() && turned.as_ref() == Some(&a.shape)).then(|| axes.to_vec())
}
