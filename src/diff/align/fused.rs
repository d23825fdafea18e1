//! Several tensors that another checkpoint keeps as one: the projections of attention, one after the other along the first
//! dimension.

use std::collections::{BTreeMap, BTreeSet};

use super::names::conventional;
use super::{Match, Rename, Rule, Slice};
use crate::model::Tensor;

/// What the whole is called, and what its parts are, in order.
const FUSED: [(&[&str], &[&[&str]]); 2] = [
    (
        &["qkv", "qkv_proj", "query_key_value", "Wqkv", "c_attn"],
        &[&["q", "q_proj", "query", "wq"], &["k", "k_proj", "key", "wk"], &["v", "v_proj", "value", "wv"]],
    ),
    (&["gate_up_proj", "gate_up"], &[&["gate_proj", "gate"], &["up_proj", "up"]]),
];

/// Tensors of one side that are alone, by their index.
type Alone<'a> = [(usize, &'a Tensor)];

/// The parts among `others` of each whole among `wholes`; `of_a` when the wholes are a's.
pub(super) fn fused(wholes: &Alone<'_>, others: &Alone<'_>, of_a: bool, rejected: &BTreeSet<String>) -> Vec<Match> {
    let mut by_name: BTreeMap<String, (usize, &Tensor)> = BTreeMap::new();
    for (at, tensor) in others {
        by_name.insert(conventional(&tensor.name), (*at, tensor));
    }
    let mut found = Vec::new();
    for (at, whole) in wholes {
        let Some(parts) = parts(whole, &by_name) else { continue };
        let mut names = parts.iter().map(|(_, part)| &part.name).chain([&whole.name]);
        if names.any(|name| rejected.contains(name)) {
            continue;
        }
        let mut first = 0_u64;
        for (part, tensor) in parts {
            let count = tensor.shape.first().copied().unwrap_or(0);
            let rename = Rename { rule: Rule::Fused, axes: None, slice: Some(Slice { of_a, first, count }) };
            let (a, b) = if of_a { (*at, part) } else { (part, *at) };
            found.push(Match { a, b, rename: Some(rename) });
            first = first.saturating_add(count);
        }
    }
    found
}

/// The parts of `whole`, when all are there and their shapes add up.
fn parts<'a>(whole: &Tensor, by_name: &BTreeMap<String, (usize, &'a Tensor)>) -> Option<Vec<(usize, &'a Tensor)>> {
    let name = conventional(&whole.name);
    let segments: Vec<&str> = name.split('.').collect();
    let group = |segment: &&str| FUSED.iter().find(|(wholes, _)| wholes.contains(segment));
    let (at, (_, words)) = segments.iter().enumerate().find_map(|(at, segment)| Some((at, group(segment)?)))?;
    let part = |candidates: &&[&str]| {
        candidates.iter().find_map(|word| {
            let mut renamed = segments.clone();
            *renamed.get_mut(at)? = word;
            by_name.get(&renamed.join(".")).copied()
        })
    };
    let parts: Vec<(usize, &Tensor)> = words.iter().map(part).collect::<Option<_>>()?;
    let (rows, inner) = whole.shape.split_first()?;
    let mut sum = 0_u64;
    for (_, tensor) in &parts {
        let (count, rest) = tensor.shape.split_first()?;
        sum = sum.checked_add(*count).filter(|_| rest == inner)?;
    }
    (sum == *rows).then_some(parts)
}
