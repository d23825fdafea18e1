//! The updates of two adapters: their narrow matrices row by row, both sides in lock-step.

use std::task::Poll;

use serde::{Deserialize, Serialize};

use super::open::Advance;
use super::side::Side;
use super::{Found, bytes_of};
use crate::error::{Error, Result};
use crate::limits;
use crate::model::Layer;
use crate::source::Roots;
use crate::tensor::{Factor, NamedTensor, Narrow, Products, UpdateDifference};

/// What an adapter of low rank adds to a weight: `scale`·B·A.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Update {
    /// What the product is multiplied with.
    pub scale: f64,
    /// Columns of both matrices.
    pub rank: u64,
    /// B: its last dimension is the rank.
    pub outputs: NamedTensor,
    /// A, turned so that its last dimension is the rank.
    pub inputs: NamedTensor,
    /// Products that lie behind each other along the first dimension of both, 1 for one product.
    pub parts: u64,
}

/// The updates of one weight. At least one side is there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UpdatePair {
    /// The reference.
    pub a: Option<Update>,
    /// The other.
    pub b: Option<Update>,
}

impl UpdatePair {
    /// Bytes of both.
    pub(super) fn bytes(&self) -> u64 {
        let of = |update: &Update| bytes_of(&update.outputs).saturating_add(bytes_of(&update.inputs));
        self.sides().map(of).fold(0, u64::saturating_add)
    }

    fn sides(&self) -> impl Iterator<Item = &Update> {
        [&self.a, &self.b].into_iter().flatten()
    }
}

/// The pair that is being compared.
pub(super) struct OpenUpdates {
    pair: UpdatePair,
    part: u64,
    factor: Factor,
    sides: [Option<Side>; 2],
    products: Products,
    /// Rows of the matrix in turn that are left.
    left: u64,
    /// What the parts before came to.
    found: Option<UpdateDifference>,
    taken: u64,
}

impl OpenUpdates {
    /// # Errors
    /// When the two are no updates of one weight, or a locator leads nowhere.
    pub(super) fn new(roots: &Roots, pair: &UpdatePair) -> Result<Self> {
        let rank = pair.sides().map(|update| update.rank).fold(0, u64::saturating_add);
        limits::check("rank of both adapters together", limits::LORA_RANKS, rank)?;
        let factor = Factor::Outputs;
        let products = products(pair)?;
        let (pair, sides) = (pair.clone(), [None, None]);
        let mut open = Self { pair, part: 0, factor, sides, products, left: 0, found: None, taken: 0 };
        open.turn_to(roots, factor)?;
        Ok(open)
    }

    /// Opens the matrices of both sides.
    fn turn_to(&mut self, roots: &Roots, factor: Factor) -> Result<()> {
        self.factor = factor;
        let mut rows = None;
        for (side, update) in self.sides.iter_mut().zip([&self.pair.a, &self.pair.b]) {
            let Some(update) = update else { continue };
            let named = if factor == Factor::Outputs { &update.outputs } else { &update.inputs };
            let own = part(named, self.part, update.parts)?;
            let count = own.elements.count()?.checked_div(update.rank).unwrap_or(0);
            if let Some(other) = rows.filter(|other| *other != count) {
                let what = format!("{other} and {count} rows of {} are not of one weight", named.name);
                return Err(Error::Refused { what });
            }
            rows = Some(count);
            *side = Some(Side::open(roots, &own, false, true)?);
        }
        self.left = rows.unwrap_or(0);
        Ok(())
    }

    /// Takes in what is there of both.
    ///
    /// # Errors
    /// When the bytes cannot be read, or end too early.
    pub(super) fn advance(&mut self, roots: &Roots) -> Result<Advance> {
        if self.left > 0 {
            return self.take_rows();
        }
        if self.factor == Factor::Outputs {
            self.turn_to(roots, Factor::Inputs)?;
            return Ok(Advance::More);
        }
        let Some(found) = self.products.finish() else { return Ok(Advance::More) };
        let found = self.found.map_or(found, |before| before.joined(found));
        self.found = Some(found);
        self.part = self.part.saturating_add(1);
        if self.part >= self.pair.sides().map(|update| update.parts).min().unwrap_or(1) {
            return Ok(Advance::Done(Box::new(Found::Update(found))));
        }
        self.products = products(&self.pair)?;
        self.turn_to(roots, Factor::Outputs)?;
        Ok(Advance::More)
    }

    fn take_rows(&mut self) -> Result<Advance> {
        let mut now = self.left.min(self.products.room(self.factor) as u64);
        let mut is_there = true;
        for (side, update) in self.sides.iter_mut().zip([&self.pair.a, &self.pair.b]) {
            let (Some(side), Some(update)) = (side, update) else { continue };
            match side.fill(update.rank)? {
                Poll::Pending => is_there = false,
                Poll::Ready(there) => now = now.min(there.checked_div(update.rank).unwrap_or(0)),
            }
        }
        if !is_there {
            return Ok(Advance::Wait);
        }
        let [a, b] = &mut self.sides;
        let take = |side: &mut Option<Side>, update: &Option<Update>| {
            let (Some(side), Some(update)) = (side, update) else { return Vec::new() };
            side.take(now.saturating_mul(update.rank)).to_vec()
        };
        let (a, b) = (take(a, &self.pair.a), take(b, &self.pair.b));
        self.taken = self.taken.saturating_add((a.len() as u64).saturating_add(b.len() as u64));
        self.products.add(self.factor, &a, &b, usize::try_from(now).unwrap_or(usize::MAX));
        self.left = self.left.saturating_sub(now);
        Ok(Advance::More)
    }

    /// Bytes taken in.
    pub(super) fn done(&self) -> u64 {
        self.taken
    }
}

fn products(pair: &UpdatePair) -> Result<Products> {
    let narrow = |update: &Option<Update>| {
        let of = |update: &Update| {
            let rank = usize::try_from(update.rank).unwrap_or(usize::MAX);
            Narrow::new(rank, update.scale, &update.outputs.elements, &update.inputs.elements)
        };
        update.as_ref().map(of).transpose()
    };
    Ok(Products::new(narrow(&pair.a)?, narrow(&pair.b)?))
}

/// One of the `parts` along the first dimension.
fn part(named: &NamedTensor, at: u64, parts: u64) -> Result<NamedTensor> {
    if parts <= 1 {
        return Ok(named.clone());
    }
    let none = || Error::Refused { what: format!("{} has no {parts} parts", named.name) };
    let (offset, elements) = named.elements.rows(at, 1).ok_or_else(none)?;
    let locator = named.locator.clone().then(&[Layer::Window { offset, len: elements.span_bytes()? }]);
    Ok(NamedTensor { name: named.name.clone(), locator, elements })
}
