//! Which tensor of one checkpoint is which of the other: by name, and what is left by what frameworks and wrappers do to
//! names. A renaming says its rule, and can be rejected.

mod closest;
mod fused;
mod names;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::model::{DType, Tensor, TensorRole, distinct};
pub use closest::closest_names;
use names::{bare, conventional, dotted};
pub(super) use names::{dotted as plain_name, is_around};

/// Two tensors that are held to be the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// Index among a's tensors.
    pub a: usize,
    /// Index among b's.
    pub b: usize,
    /// Why, when their names differ.
    pub rename: Option<Rename>,
}

/// Why two names are one tensor's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rename {
    /// By which rule.
    pub rule: Rule,
    /// The dimensions of b in a's order, when they lie in another.
    pub axes: Option<Vec<usize>>,
    /// The part of one of them that the other is.
    pub slice: Option<Slice>,
}

/// Some indexes of the first dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    /// Of a's tensor; else of b's.
    pub of_a: bool,
    /// The first index.
    pub first: u64,
    /// How many.
    pub count: u64,
}

/// What is done to names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Rule {
    /// A key around the model: `module.`, `_orig_mod.`, `model.`.
    Wrapper,
    /// Slashes for dots.
    Separator,
    /// Another framework's words: `kernel` for `weight`, `layers_0` for `layers.0`.
    Words,
    /// Several tensors kept as one: `qkv` for `q_proj`, `k_proj`, `v_proj`.
    Fused,
    /// No name says so, but what they hold: the only ones of their type and shape, and bit for bit the same.
    Content,
}

impl Rename {
    /// The rule, for people.
    pub fn words(&self) -> &'static str {
        match (self.rule, &self.axes) {
            (Rule::Wrapper, _) => "a key around the model",
            (Rule::Separator, _) => "another separator",
            (Rule::Words, None) => "another framework's words",
            (Rule::Words, Some(_)) => "another framework's words, transposed",
            (Rule::Fused, _) => "a part of several kept as one",
            (Rule::Content, _) => "the same content",
        }
    }
}

/// All pairs, and what is left alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Alignment {
    /// The pairs, in a's order.
    pub matches: Vec<Match>,
    /// What only a has.
    pub only_a: Vec<usize>,
    /// What only b has.
    pub only_b: Vec<usize>,
}

/// Pairs tensors by name; when several files of a checkpoint use one name (weights and the optimizer's moments), first those
/// of the same role, then the others in order. Of what is left, those that a rule gives one name, when there is just one of
/// it on each side. `rejected` are names of b that are not to be held for renamed.
pub fn align(a: &[&Tensor], b: &[&Tensor], rejected: &BTreeSet<String>) -> Alignment {
    let mut pairs = Pairs { partners: vec![None; a.len()], taken: vec![false; b.len()] };
    pairs.join_alike(a, b);
    pairs.join(a, b, |tensor| (tensor.name.as_str(), Some(tensor.role)));
    pairs.join(a, b, |tensor| (tensor.name.as_str(), None));
    if pairs.are_some_alone() {
        pairs.rename(a, b, rejected, Rule::Wrapper, bare);
        pairs.rename(a, b, rejected, Rule::Separator, dotted);
        pairs.rename(a, b, rejected, Rule::Words, conventional);
    }
    let mut alignment = Alignment::default();
    for (at, partner) in pairs.partners.into_iter().enumerate() {
        match partner {
            Some((b, rename)) => alignment.matches.push(Match { a: at, b, rename }),
            None => alignment.only_a.push(at),
        }
    }
    let alone = pairs.taken.iter().enumerate().filter(|(_, taken)| !**taken);
    alignment.only_b = alone.map(|(at, _)| at).collect();
    alignment.fuse(a, b, rejected);
    alignment
}

impl Alignment {
    /// What is alone on both sides, and the only one of its type and shape there: the same tensor, if it holds the same.
    pub fn guesses(&self, a: &[&Tensor], b: &[&Tensor], rejected: &BTreeSet<String>) -> Vec<Match> {
        let mut alike: BTreeMap<(&DType, &[u64]), [Vec<usize>; 2]> = BTreeMap::new();
        let alone = [(0, &self.only_a, a), (1, &self.only_b, b)];
        for (side, places, tensors) in alone {
            for &at in places {
                let Some(tensor) = tensors.get(at).filter(|tensor| !tensor.shape.is_empty()) else { continue };
                let found = alike.entry((&tensor.dtype, &tensor.shape)).or_default();
                if let Some(found) = found.get_mut(side) {
                    found.push(at);
                }
            }
        }
        let guess = |[left, right]: [Vec<usize>; 2]| match (left.as_slice(), right.as_slice()) {
            ([a], [at]) if b.get(*at).is_some_and(|tensor| !rejected.contains(&tensor.name)) => {
                let rename = Some(Rename { rule: Rule::Content, axes: None, slice: None });
                Some(Match { a: *a, b: *at, rename })
            }
            _ => None,
        };
        alike.into_values().filter_map(guess).collect()
    }

    /// Pairs wholes with their parts.
    fn fuse(&mut self, a: &[&Tensor], b: &[&Tensor], rejected: &BTreeSet<String>) {
        if self.only_a.is_empty() || self.only_b.is_empty() {
            return;
        }
        let left: Vec<(usize, &Tensor)> = self.only_a.iter().filter_map(|&at| Some((at, *a.get(at)?))).collect();
        let right: Vec<(usize, &Tensor)> = self.only_b.iter().filter_map(|&at| Some((at, *b.get(at)?))).collect();
        let mut found = fused::fused(&left, &right, true, rejected);
        found.extend(fused::fused(&right, &left, false, rejected));
        let (of_a, of_b) = (distinct(found.iter().map(|pair| pair.a)), distinct(found.iter().map(|pair| pair.b)));
        self.only_a.retain(|at| !of_a.contains(at));
        self.only_b.retain(|at| !of_b.contains(at));
        self.matches.extend(found);
    }
}

/// Who is paired with whom, by index.
struct Pairs {
    partners: Vec<Option<(usize, Option<Rename>)>>,
    taken: Vec<bool>,
}

impl Pairs {
    fn are_some_alone(&self) -> bool {
        self.partners.iter().any(Option::is_none) && self.taken.iter().any(|taken| !taken)
    }

    /// Pairs what both list alike from the beginning, which is what checkpoints of one run do: as the first pass of
    /// [`Pairs::join`] would, without looking anything up.
    fn join_alike(&mut self, a: &[&Tensor], b: &[&Tensor]) {
        let is_same = |(a, b): &(&&Tensor, &&Tensor)| a.name == b.name && a.role == b.role;
        let alike = a.iter().zip(b).take_while(is_same).count();
        for (at, (partner, taken)) in self.partners.iter_mut().zip(&mut self.taken).enumerate().take(alike) {
            (*partner, *taken) = (Some((at, None)), true);
        }
    }

    /// Pairs those still alone whose keys are equal, in order.
    fn join<'a>(
        &mut self,
        a: &[&'a Tensor],
        b: &[&'a Tensor],
        key: impl Fn(&'a Tensor) -> (&'a str, Option<TensorRole>),
    ) {
        if !self.are_some_alone() {
            return;
        }
        let mut waiting: HashMap<_, VecDeque<usize>> = HashMap::new();
        for ((index, tensor), _) in b.iter().enumerate().zip(&self.taken).filter(|(_, taken)| !**taken) {
            waiting.entry(key(tensor)).or_default().push_back(index);
        }
        for (tensor, partner) in a.iter().zip(&mut self.partners).filter(|(_, partner)| partner.is_none()) {
            let found = waiting.get_mut(&key(tensor)).and_then(VecDeque::pop_front);
            if let Some(index) = found {
                *partner = Some((index, None));
                if let Some(taken) = self.taken.get_mut(index) {
                    *taken = true;
                }
            }
        }
    }

    /// Pairs those still alone that a rule gives the same name, when only one on each side has it.
    fn rename(
        &mut self,
        a: &[&Tensor],
        b: &[&Tensor],
        rejected: &BTreeSet<String>,
        rule: Rule,
        key: fn(&str) -> String,
    ) {
        let of_a = a.iter().enumerate().zip(&self.partners).filter(|(_, partner)| partner.is_none());
        let of_b = b.iter().enumerate().zip(&self.taken);
        let of_b = of_b.filter(|((_, tensor), taken)| !**taken && !rejected.contains(&tensor.name));
        let mut named: BTreeMap<(bool, String), [Vec<usize>; 2]> = BTreeMap::new();
        let of_model = |tensor: &Tensor| matches!(tensor.role, TensorRole::Model | TensorRole::Other);
        for ((at, tensor), _) in of_a {
            named.entry((of_model(tensor), key(&tensor.name))).or_default()[0].push(at);
        }
        for ((at, tensor), _) in of_b {
            named.entry((of_model(tensor), key(&tensor.name))).or_default()[1].push(at);
        }
        for [left, right] in named.into_values() {
            let ([left], [right]) = (left.as_slice(), right.as_slice()) else { continue };
            let Some((a, b)) = a.get(*left).zip(b.get(*right)) else { continue };
            let axes = if rule == Rule::Words { names::axes(a, b) } else { None };
            if let Some((partner, taken)) = self.partners.get_mut(*left).zip(self.taken.get_mut(*right)) {
                (*partner, *taken) = (Some((*right, Some(Rename { rule, axes, slice: None }))), true);
            }
        }
    }
}

#[cfg(test)]
mod tests;
