//! How far two products of narrow matrices are from each other, without making the products: the updates `s·B·A` that two
//! adapters of low rank add to a weight.
//!
//! With QᵤRᵤ the columns of both B beside each other, and QᵥRᵥ those of both Aᵀ, the update of a side is
//! Qᵤ·(s·Rᵤ[own]·Rᵥ[own]ᵀ)·Qᵥᵀ; the Q turn and change no length, so that the small matrices between them have the norms, the
//! difference and the angle of the large ones. Everything is in 64-bit floats.

mod triangle;

use serde::{Deserialize, Serialize};

use super::{Elements, Specials};
use crate::error::{Error, Result};
use crate::tensor::difference::Decoder;
use crate::tensor::moments::{CHUNK, Sum};
use triangle::Triangle;

/// What two updates have between them. A side that is not there counts as nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct UpdateDifference {
    /// ‖ΔW‖ of each side; `None` for a side that is not there, or not finite.
    pub l2_a: Option<f64>,
    /// See [`UpdateDifference::l2_a`].
    pub l2_b: Option<f64>,
    /// ‖ΔW_b − ΔW_a‖; `None` unless both are there and finite.
    pub l2: Option<f64>,
    /// Cosine of the angle between both; `None` when either is all zero.
    pub cosine: Option<f64>,
    /// The same rank, the same scale, and every number of the factors the same.
    pub is_equal: bool,
    /// Numbers of the factors of each side that are not finite.
    pub a: Specials,
    /// See [`UpdateDifference::a`].
    pub b: Specials,
}

/// Which matrix the rows are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Factor {
    /// B: a row an output.
    Outputs,
    /// Aᵀ: a row an input.
    Inputs,
}

/// One side: its rank, its scale, and how the numbers of its matrices are kept.
#[derive(Debug)]
pub struct Narrow {
    rank: usize,
    scale: f64,
    outputs: Decoder,
    inputs: Decoder,
}

impl Narrow {
    /// Of `rank` columns.
    ///
    /// # Errors
    /// When a type is not read as real numbers of whole bytes.
    pub fn new(rank: usize, scale: f64, outputs: &Elements, inputs: &Elements) -> Result<Self> {
        Ok(Self { rank, scale, outputs: decoder(outputs)?, inputs: decoder(inputs)? })
    }

    fn decoder(&self, factor: Factor) -> &Decoder {
        if factor == Factor::Outputs { &self.outputs } else { &self.inputs }
    }
}

fn decoder(elements: &Elements) -> Result<Decoder> {
    let code = elements.code()?;
    if code.parts() == 1 && code.width().is_some() {
        return Ok(Decoder::new(code));
    }
    let feature = format!("a factor of the type {}", elements.dtype.name());
    Err(Error::Unsupported { format: "adapter", feature })
}

/// Takes in the rows of both sides' matrices: first those of B, then those of Aᵀ.
#[derive(Debug)]
pub struct Products {
    sides: [Option<Narrow>; 2],
    outputs: Triangle,
    inputs: Triangle,
    is_equal: bool,
    specials: [Specials; 2],
    /// The next row of the small matrices, and what those before came to.
    row: usize,
    sums: Sums,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    squares_a: Sum,
    squares_b: Sum,
    squares: Sum,
    products: Sum,
}

impl Products {
    /// Of these sides.
    pub fn new(a: Option<Narrow>, b: Option<Narrow>) -> Self {
        let is_equal =
            matches!((&a, &b), (Some(a), Some(b)) if a.rank == b.rank && a.scale.to_bits() == b.scale.to_bits());
        let rank = |side: &Option<Narrow>| side.as_ref().map_or(0, |side| side.rank);
        let columns = rank(&a).saturating_add(rank(&b));
        let (outputs, inputs) = (Triangle::new(columns), Triangle::new(columns));
        let (specials, sums) = ([Specials::default(); 2], Sums::default());
        Self { sides: [a, b], outputs, inputs, is_equal, specials, row: 0, sums }
    }

    /// Rows that [`Products::add`] takes at once.
    pub fn room(&self, factor: Factor) -> usize {
        if factor == Factor::Outputs { self.outputs.room() } else { self.inputs.room() }
    }

    /// Takes in the next `rows` rows of a matrix of both sides, little-endian, of a side that is not there nothing.
    pub fn add(&mut self, factor: Factor, a: &[u8], b: &[u8], rows: usize) {
        let mut first = 0_usize;
        for (at, bytes) in [a, b].into_iter().enumerate() {
            let Some(Some(side)) = self.sides.get(at) else { continue };
            let triangle = if factor == Factor::Outputs { &mut self.outputs } else { &mut self.inputs };
            let specials = self.specials.get_mut(at);
            let found = put(side.decoder(factor), bytes, (first, side.rank), triangle);
            if let Some(specials) = specials {
                specials.nan = specials.nan.saturating_add(found.nan);
                specials.infinite = specials.infinite.saturating_add(found.infinite);
            }
            first = first.saturating_add(side.rank);
        }
        let [Some(left), Some(right)] = &self.sides else { return self.end(factor, rows) };
        let is_same_type = left.decoder(factor).code == right.decoder(factor).code;
        self.is_equal = self.is_equal && is_same_type && lanes::same::are_same(a, b);
        self.end(factor, rows);
    }

    fn end(&mut self, factor: Factor, rows: usize) {
        let triangle = if factor == Factor::Outputs { &mut self.outputs } else { &mut self.inputs };
        triangle.add(rows);
        if triangle.room() == 0 {
            triangle.turn();
        }
    }

    /// Works out what the rows came to, some more of it at each call.
    pub fn finish(&mut self) -> Option<UpdateDifference> {
        if self.row == 0 {
            self.outputs.turn();
            self.inputs.turn();
        }
        let rank = |side: &Option<Narrow>| side.as_ref().map_or(0, |side| side.rank);
        let [a, b] = &self.sides;
        let (rank_a, rank_b) = (rank(a), rank(b));
        let columns = rank_a.saturating_add(rank_b);
        let scale = |side: &Option<Narrow>| side.as_ref().map_or(0.0, |side| side.scale);
        let (scale_a, scale_b) = (scale(a), scale(b));
        if self.row < columns {
            for column in 0..columns {
                let left = scale_a * self.number(column, 0..rank_a);
                let right = scale_b * self.number(column, rank_a..columns);
                self.sums.squares_a.add(left * left);
                self.sums.squares_b.add(right * right);
                self.sums.squares.add((right - left) * (right - left));
                self.sums.products.add(left * right);
            }
            self.row = self.row.saturating_add(1);
            return None;
        }
        Some(self.told())
    }

    /// A number of the small matrix that these columns make.
    fn number(&self, column: usize, range: std::ops::Range<usize>) -> f64 {
        range.map(|at| self.outputs.number(self.row, at) * self.inputs.number(column, at)).sum()
    }

    fn told(&self) -> UpdateDifference {
        let [a, b] = self.specials;
        let is_finite = |specials: Specials| specials == Specials::default();
        let root = |sum: Sum, is_there: bool| is_there.then(|| sum.value().max(0.0).sqrt());
        let there = |at: usize, specials| self.sides.get(at).is_some_and(Option::is_some) && is_finite(specials);
        let (has_a, has_b) = (there(0, a), there(1, b));
        let (l2_a, l2_b) = (root(self.sums.squares_a, has_a), root(self.sums.squares_b, has_b));
        let cosine = l2_a.zip(l2_b).filter(|(a, b)| *a > 0.0 && *b > 0.0);
        let cosine = cosine.map(|(a, b)| if self.is_equal { 1.0 } else { self.sums.products.value() / a / b });
        let l2 = root(self.sums.squares, has_a && has_b).map(|l2| if self.is_equal { 0.0 } else { l2 });
        let l2_b = if self.is_equal { l2_a } else { l2_b };
        UpdateDifference { l2_a, l2_b, l2, cosine, is_equal: self.is_equal, a, b }
    }
}

/// Puts the numbers of whole rows into the columns from `first` on, and counts what is not finite.
fn put(decoder: &Decoder, bytes: &[u8], (first, rank): (usize, usize), triangle: &mut Triangle) -> Specials {
    let mut numbers = [0.0; CHUNK];
    let (mut specials, mut row, mut column) = (Specials::default(), 0_usize, 0_usize);
    for chunk in bytes.chunks(decoder.bytes(CHUNK).max(1)) {
        let count = decoder.decode(chunk, &mut numbers);
        for &number in numbers.iter().take(count) {
            specials.nan = specials.nan.saturating_add(u64::from(number.is_nan()));
            specials.infinite = specials.infinite.saturating_add(u64::from(number.is_infinite()));
            let number = if number.is_finite() { number } else { 0.0 };
            triangle.put(row, first.saturating_add(column), number);
            column = column.saturating_add(1);
            if column >= rank {
                (row, column) = (row.saturating_add(1), 0);
            }
        }
    }
    specials
}

impl UpdateDifference {
    /// What two parts of one update come to: those of two experts.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        let root = |a: Option<f64>, b: Option<f64>| a.zip(b).map(|(a, b)| a.hypot(b));
        let dot = |of: Self| match (of.cosine, of.l2_a, of.l2_b) {
            (Some(cosine), Some(a), Some(b)) => cosine * a * b,
            _ => 0.0,
        };
        let (l2_a, l2_b) = (root(self.l2_a, other.l2_a), root(self.l2_b, other.l2_b));
        let lengths = l2_a.zip(l2_b).filter(|(a, b)| *a > 0.0 && *b > 0.0);
        let is_equal = self.is_equal && other.is_equal;
        let cosine = lengths.map(|(a, b)| if is_equal { 1.0 } else { (dot(self) + dot(other)) / a / b });
        let sum = |a: Specials, b: Specials| Specials {
            nan: a.nan.saturating_add(b.nan),
            infinite: a.infinite.saturating_add(b.infinite),
        };
        let l2 = root(self.l2, other.l2);
        Self { l2_a, l2_b, l2, cosine, is_equal, a: sum(self.a, other.a), b: sum(self.b, other.b) }
    }
}
