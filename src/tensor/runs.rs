//! All elements of a view, in the order of their positions as far as that is possible: statistics do not mind the order,
//! disks do.

use super::Elements;
use crate::error::Result;
use crate::model::Order;

/// Elements read together when only a part of a tensor is looked at.
const PIECE: u64 = 1 << 14;

/// Elements at equal distances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Position of the first, in elements.
    pub first: u64,
    /// How many.
    pub count: u64,
    /// From one to the next, in elements.
    pub step: u64,
}

/// The runs of a view.
#[derive(Debug, Clone)]
pub struct Runs {
    /// Length, step and current index of the outer dimensions, the largest step first.
    outer: Vec<(u64, u64, u64)>,
    inner: (u64, u64),
    /// How often each element stands for one (dimensions of step 0).
    repeats: u64,
    counted: u64,
    is_done: bool,
}

impl Runs {
    /// The runs of `elements`. With `sample`, of about that many of them only, evenly spread: pieces of a dense tensor,
    /// indexes of the outermost dimension of a view.
    ///
    /// # Errors
    /// When the elements cannot be counted.
    pub fn new(elements: &Elements, sample: Option<u64>) -> Result<Self> {
        let count = elements.count()?;
        let mut repeats = 1_u64;
        let mut dimensions: Vec<(u64, u64)> = match &elements.order {
            Order::Strided(steps) if count > 0 => elements.shape.iter().copied().zip(steps.iter().copied()).collect(),
            _ => vec![(count, 1)],
        };
        dimensions.retain(|&(length, step)| {
            repeats = if step == 0 { repeats.saturating_mul(length) } else { repeats };
            step > 0 && length != 1
        });
        dimensions.sort_unstable_by_key(|(_, step)| std::cmp::Reverse(*step));
        let mut merged: Vec<(u64, u64)> = Vec::new();
        for (length, step) in dimensions.into_iter().rev() {
            match merged.last_mut() {
                Some(inner) if inner.0.saturating_mul(inner.1) == step => inner.0 = inner.0.saturating_mul(length),
                _ => merged.push((length, step)),
            }
        }
        if merged.is_empty() {
            merged.push((1, 1));
        }
        if let Some(most) = sample {
            thin(&mut merged, most.max(1));
        }
        let counted = merged.iter().map(|(length, _)| *length).fold(repeats, u64::saturating_mul);
        let inner = merged.first().copied().unwrap_or((0, 1));
        let outer = merged.iter().skip(1).rev().map(|&(length, step)| (length, step, 0)).collect();
        Ok(Self { outer, inner, repeats, counted, is_done: counted == 0 })
    }

    /// How often each element of a run counts.
    pub fn repeats(&self) -> u64 {
        self.repeats
    }

    /// How many elements of the tensor the runs stand for; fewer than it has when only a part is looked at.
    pub fn counted(&self) -> u64 {
        self.counted
    }

    /// The same runs of dense elements of which two make one, as pieces begin and end between two.
    #[must_use]
    pub fn halved(&self) -> Self {
        let half = |number: u64| number.wrapping_shr(1).saturating_add(number & 1);
        let outer = self.outer.iter().map(|&(length, step, at)| (length, half(step), at)).collect();
        Self { outer, inner: (half(self.inner.0), self.inner.1), ..*self }
    }

    /// True when the bytes are the elements one after the other, from the first to the last.
    pub fn is_dense(&self) -> bool {
        self.outer.is_empty() && self.inner.1 == 1
    }
}

/// Keeps about `most` of the elements; dimensions are innermost first.
fn thin(dimensions: &mut Vec<(u64, u64)>, most: u64) {
    let total = dimensions.iter().map(|(length, _)| *length).fold(1, u64::saturating_mul);
    if total <= most {
        return;
    }
    if let [(length, step)] = dimensions.as_mut_slice() {
        // Two packed elements share a byte: pieces begin with a whole one.
        let piece = PIECE.min(most.saturating_add(most & 1));
        let pieces = length.checked_div(piece).unwrap_or(0);
        let distance = piece.saturating_mul(*step);
        *length = piece;
        dimensions.push((pieces, distance));
    }
    let inside = dimensions.iter().rev().skip(1).map(|(length, _)| *length).fold(1, u64::saturating_mul);
    if let Some((length, step)) = dimensions.last_mut() {
        let kept = most.checked_div(inside).unwrap_or(0).clamp(1, (*length).max(1));
        *step = step.saturating_mul(length.checked_div(kept).unwrap_or(1));
        *length = kept;
    }
}

impl Iterator for Runs {
    type Item = Run;

    fn next(&mut self) -> Option<Run> {
        if self.is_done {
            return None;
        }
        let first = self.outer.iter().map(|(_, step, at)| at.saturating_mul(*step)).fold(0, u64::saturating_add);
        self.is_done = true;
        for (length, _, at) in self.outer.iter_mut().rev() {
            *at = at.saturating_add(1);
            if *at < *length {
                self.is_done = false;
                break;
            }
            *at = 0;
        }
        Some(Run { first, count: self.inner.0, step: self.inner.1 })
    }
}
