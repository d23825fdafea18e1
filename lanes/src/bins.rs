//! Bins of 32-bit floats as they lie in a file, four numbers at a time.
//!
//! The bin is guessed in 32 bits. That is off by one at most, and only near an edge: there it is put right by comparing
//! with the edges of the guessed bin, rounded up to 32 bits, so that the bins are those of 64 bits. A number is counted
//! once, by its bin together with its sign and exponent; neighbours are counted apart, for weights are often alike and an
//! addition to the same count would wait for the one before.

use crate::quad::Quad;

/// Bins of equal width.
pub const BINS: usize = 64;
/// Signs and exponents of a 32-bit float.
pub const EXPONENTS: usize = 1 << 9;
/// Pairs of both.
const CELLS: usize = BINS * EXPONENTS;
/// Numbers counted before 32 bits might overflow.
const FULL: u64 = 1 << 31;
/// Middle of a bin to the place from which a guess may be wrong: subtracting, scaling, the scale's own rounding and the
/// half bin each cost 2⁻²⁴ of at most 64 bins, together a quarter of 2⁻¹⁴.
const SURE: f32 = 0.5 - 1.0 / 16_384.0;
/// Added to a small number, it leaves the nearest whole one in the lowest bits.
const WHOLE: f32 = 12_582_912.0;

/// How to find the bin of a finite number.
#[derive(Debug, Clone)]
pub struct Edges {
    /// Lower edge of the first.
    pub low: f32,
    /// Bins a unit.
    pub scale: f32,
    /// The smallest number of each bin.
    pub lower: [f32; BINS],
    /// The smallest number of the next.
    pub upper: [f32; BINS],
}

/// Numbers counted by bin, sign and exponent.
#[derive(Debug, Clone)]
pub struct Bins {
    edges: Edges,
    /// Of numbers at even and odd places.
    evens: Vec<u32>,
    odds: Vec<u32>,
    since: u64,
}

impl Bins {
    /// Empty ones.
    pub fn new(edges: Edges) -> Self {
        Self { edges, evens: vec![0; CELLS], odds: vec![0; CELLS], since: 0 }
    }

    /// Whether the counts must be taken before more is added.
    pub fn is_full(&self) -> bool {
        self.since >= FULL
    }

    /// Counts the numbers of `bytes`, at most some megabytes of them.
    pub fn add(&mut self, bytes: &[u8]) {
        self.since = self.since.saturating_add(bytes.len() as u64);
        let edges = &self.edges;
        let (Some(evens), Some(odds)) = (self.evens.first_chunk_mut(), self.odds.first_chunk_mut()) else { return };
        let (rows, rest) = bytes.as_chunks::<16>();
        let (low, scale) = (Quad::splat(edges.low), Quad::splat(edges.scale));
        let (half, sure, whole) = (Quad::splat(0.5), Quad::splat(SURE), Quad::splat(WHOLE));
        for row in rows {
            let quad = Quad::read(row);
            let guess = quad.minus(low).times(scale).minus(half);
            let shifted = guess.plus(whole);
            let [a, b, c, d] = if guess.minus(shifted.minus(whole)).magnitude().is_one_above(sure) {
                quad.values().map(|value| edges.cell(value))
            } else {
                shifted.low_bits_and_exponents(quad)
            };
            bump(evens, a);
            bump(odds, b);
            bump(evens, c);
            bump(odds, d);
        }
        for word in rest.as_chunks::<4>().0 {
            bump(evens, edges.cell(f32::from_le_bytes(*word)));
        }
    }

    /// Tells every count that is not zero, with its bin and its sign and exponent, and starts again.
    pub fn take(&mut self, tell: &mut dyn FnMut(usize, usize, u32)) {
        self.since = 0;
        for counts in [&mut self.evens, &mut self.odds] {
            let (rows, _) = counts.as_chunks_mut::<EXPONENTS>();
            for (bin, row) in rows.iter_mut().enumerate() {
                for (exponent, count) in row.iter_mut().enumerate().filter(|(_, count)| **count > 0) {
                    tell(bin, exponent, std::mem::take(count));
                }
            }
        }
    }
}

impl Edges {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates, and the last is taken"
    )]
    fn cell(&self, number: f32) -> u32 {
        let guess = ((number - self.low) * self.scale) as u32;
        let guess = (guess as usize).min(BINS - 1);
        let lower = self.lower.get(guess).copied().unwrap_or(f32::NEG_INFINITY);
        let upper = self.upper.get(guess).copied().unwrap_or(f32::INFINITY);
        let (down, up) = (usize::from(number < lower), usize::from(number >= upper));
        let bin = (guess.wrapping_add(up).wrapping_sub(down) & (BINS - 1)) as u32;
        bin.wrapping_shl(9) | number.to_bits().wrapping_shr(23)
    }
}

#[inline(always)]
fn bump(counts: &mut [u32; CELLS], cell: u32) {
    if let Some(count) = counts.get_mut(cell as usize & (CELLS - 1)) {
        *count = count.wrapping_add(1);
    }
}
