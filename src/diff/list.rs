//! Which elements of two lists belong together: what both have in common first, in order, and what lies between by position.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::config::whole;
use crate::limits;
use crate::model::Value;

/// Keys whose value says which of several an element is.
const IDENTITIES: [&str; 3] = ["id", "name", "key"];

/// The places of two elements that belong together, or of one that the other list does not have.
pub(super) type Paired = (Option<usize>, Option<usize>);

/// Pairs elements of lists until [`limits::CONFIG_ALIGNING`] is used up, and from then on by position alone.
pub(super) struct Aligning {
    left: usize,
}

/// What is known of an element: nothing is decided by it but who is held against whom.
struct Element {
    digest: u64,
    identity: Option<u64>,
}

impl Default for Aligning {
    fn default() -> Self {
        Self { left: limits::CONFIG_ALIGNING }
    }
}

impl Aligning {
    /// Every element of both lists once, in order: the pairing that leaves the fewest elements changed, added or removed;
    /// among equals the one by position.
    pub(super) fn pairs(&mut self, a: &[Value], b: &[Value]) -> Vec<Paired> {
        let plain = by_position(0..a.len(), 0..b.len());
        if a.len().max(b.len()) < 2 {
            return plain;
        }
        let (Some(of_a), Some(of_b)) = (self.elements(a), self.elements(b)) else { return plain };
        let aligned = self.aligned(&of_a, &of_b);
        aligned.filter(|found| cost(found, &of_a, &of_b) < cost(&plain, &of_a, &of_b)).unwrap_or(plain)
    }

    fn elements(&mut self, list: &[Value]) -> Option<Vec<Element>> {
        list.iter().map(|value| self.element(value)).collect()
    }

    fn element(&mut self, value: &Value) -> Option<Element> {
        let identity = IDENTITIES.iter().find_map(|key| match value.get(key)? {
            value @ (Value::Text(_) | Value::Int(_)) => Some((key, value)),
            _ => None,
        });
        let identity = identity.and_then(|(key, value)| Some(hashed(&(key, self.digest(value)?))));
        Some(Element { digest: self.digest(value)?, identity })
    }

    /// The same for values that are equal, and hardly ever for others; `None` when that would take too long.
    fn digest(&mut self, value: &Value) -> Option<u64> {
        self.left = self.left.checked_sub(1)?;
        Some(match value {
            Value::Null => 0,
            Value::Bool(flag) => hashed(flag),
            Value::Text(text) => hashed(text),
            Value::Opaque(text) => hashed(&("opaque", text)),
            Value::Float(value) if value.fract() != 0.0 && !value.is_nan() => hashed(&("float", value.to_bits())),
            Value::Int(_) | Value::Big(_) | Value::Float(_) => hashed(&("number", whole(value))),
            Value::List(items) => {
                let all: Option<Vec<u64>> = items.iter().map(|item| self.digest(item)).collect();
                hashed(&("list", all?))
            }
            Value::Map(_) => {
                let mut sum = 0_u64;
                for (key, value) in value.last_pairs() {
                    sum = sum.wrapping_add(hashed(&(key, self.digest(value)?)));
                }
                hashed(&("map", sum))
            }
        })
    }

    fn aligned(&mut self, a: &[Element], b: &[Element]) -> Option<Vec<Paired>> {
        let same = |(x, y): &(&Element, &Element)| x.digest == y.digest;
        let before = a.iter().zip(b).take_while(same).count();
        let shorter = a.len().min(b.len()).saturating_sub(before);
        let after = a.iter().rev().zip(b.iter().rev()).take(shorter).take_while(same).count();
        let (end_a, end_b) = (a.len().saturating_sub(after), b.len().saturating_sub(after));
        let (inner_a, inner_b) = (a.get(before..end_a)?, b.get(before..end_b)?);
        self.left = self.left.checked_sub(inner_a.len().saturating_add(1).saturating_mul(inner_b.len()))?;
        let mut pairs = by_position(0..before, 0..before);
        let (mut at_a, mut at_b) = (before, before);
        for (x, y) in common(inner_a, inner_b) {
            let (x, y) = (before.saturating_add(x), before.saturating_add(y));
            pairs.extend(between(a, b, at_a..x, at_b..y));
            pairs.push((Some(x), Some(y)));
            (at_a, at_b) = (x.saturating_add(1), y.saturating_add(1));
        }
        pairs.extend(between(a, b, at_a..end_a, at_b..end_b));
        pairs.extend(by_position(end_a..a.len(), end_b..b.len()));
        Some(pairs)
    }
}

fn hashed(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// One after the other; what the longer has beyond is alone.
fn by_position(a: std::ops::Range<usize>, b: std::ops::Range<usize>) -> Vec<Paired> {
    let count = a.len().max(b.len());
    let place = |range: &std::ops::Range<usize>, at: usize| range.clone().nth(at);
    (0..count).map(|at| (place(&a, at), place(&b, at))).collect()
}

/// What no common elements are in: by position, but for those that say they are others.
fn between(a: &[Element], b: &[Element], of_a: std::ops::Range<usize>, of_b: std::ops::Range<usize>) -> Vec<Paired> {
    let mut pairs = Vec::new();
    for pair in by_position(of_a, of_b) {
        if let (Some(x), Some(y)) = pair
            && likeness(a.get(x), b.get(y)) == Likeness::Others
        {
            pairs.extend([(Some(x), None), (None, Some(y))]);
        } else {
            pairs.push(pair);
        }
    }
    pairs
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Likeness {
    /// Equal.
    Same,
    /// What they hold differs, what they say they are does not.
    Kin,
    /// Nothing is known.
    Open,
    /// They say that they are not the same.
    Others,
}

fn likeness(a: Option<&Element>, b: Option<&Element>) -> Likeness {
    match a.zip(b) {
        Some((a, b)) if a.digest == b.digest => Likeness::Same,
        Some((a, b)) => match a.identity.zip(b.identity) {
            Some((x, y)) if x == y => Likeness::Kin,
            Some(_) => Likeness::Others,
            None => Likeness::Open,
        },
        None => Likeness::Open,
    }
}

/// Changes: one for an element that changed or is alone, and more for two that are not the same one.
fn cost(pairs: &[Paired], a: &[Element], b: &[Element]) -> usize {
    let cost = |(x, y): &Paired| match likeness(x.and_then(|x| a.get(x)), y.and_then(|y| b.get(y))) {
        Likeness::Same => 0,
        Likeness::Kin | Likeness::Open => 1,
        Likeness::Others => 3,
    };
    pairs.iter().map(cost).fold(0, usize::saturating_add)
}

/// The longest common subsequence, equal elements counting twice what those of the same identity do. Where either list could
/// be gone on with, the digest decides: swapped lists are aligned alike.
fn common(a: &[Element], b: &[Element]) -> Vec<(usize, usize)> {
    let weight = |x: &Element, y: &Element| match likeness(Some(x), Some(y)) {
        Likeness::Same => 2,
        Likeness::Kin => 1,
        Likeness::Open | Likeness::Others => 0_u32,
    };
    let cell = |row: Option<&Vec<u32>>, at: usize| row.and_then(|row| row.get(at)).copied().unwrap_or(0);
    // What can be reached from each place on, the last row first.
    let mut rows: Vec<Vec<u32>> = vec![vec![0; b.len()]];
    for x in a.iter().rev() {
        let below = rows.last();
        let mut row = vec![0; b.len()];
        let mut right = 0;
        for ((at, y), best) in b.iter().enumerate().zip(&mut row).rev() {
            let met = match weight(x, y) {
                0 => 0,
                weight => cell(below, at.saturating_add(1)).saturating_add(weight),
            };
            right = met.max(right).max(cell(below, at));
            *best = right;
        }
        rows.push(row);
    }
    let (mut found, mut i, mut j) = (Vec::new(), 0_usize, 0_usize);
    while let Some((x, y)) = a.get(i).zip(b.get(j)) {
        let (row, below) = (rows.get(a.len().saturating_sub(i)), rows.get(a.len().saturating_sub(i).saturating_sub(1)));
        let (down, right) = (cell(below, j), cell(row, j.saturating_add(1)));
        let weight = weight(x, y);
        if weight > 0 && cell(below, j.saturating_add(1)).saturating_add(weight) == cell(row, j) {
            found.push((i, j));
            (i, j) = (i.saturating_add(1), j.saturating_add(1));
        } else if down > right || (down == right && x.digest < y.digest) {
            i = i.saturating_add(1);
        } else {
            j = j.saturating_add(1);
        }
    }
    found
}
