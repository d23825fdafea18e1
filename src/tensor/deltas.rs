//! What every element changed by: statistics and histograms of b − a, in 64-bit floats, in two passes over both.

use super::difference::Decoder;
use super::histogram::{Filling, Histogram};
use super::moments::{CHUNK, Moments};
use super::statistics::Statistics;
use super::{Code, Elements, Number};
use crate::error::{Error, Result};
use crate::model::DType;

/// Takes in two tensors of one shape twice. Of complex numbers the real and the imaginary parts are told apart.
#[derive(Debug)]
pub struct Deltas {
    a: Decoder,
    b: Decoder,
    parts: usize,
    pass: Pass,
}

#[derive(Debug)]
enum Pass {
    First(Vec<Moments>),
    Second(Vec<Option<Filling>>),
}

impl Deltas {
    /// Of tensors of these types.
    ///
    /// # Errors
    /// When a type is not one of numbers.
    pub fn new(a: &Elements, b: &Elements) -> Result<Self> {
        let (a, b) = (a.code()?, b.code()?);
        let parts = a.parts().max(b.parts());
        let double = Code::of(&DType::F64);
        let double = double.ok_or_else(|| Error::Unsupported { format: "tensor", feature: "64-bit floats".into() })?;
        let pass = Pass::First(vec![Moments::new(double); parts]);
        Ok(Self { a: Decoder::new(a), b: Decoder::new(b), parts, pass })
    }

    /// Takes in the next `count` elements of both, little-endian; pieces of packed ones end with a whole byte.
    pub fn add(&mut self, a: &[u8], b: &[u8], count: u64) {
        let elements = CHUNK.checked_div(self.parts).unwrap_or(CHUNK);
        let bytes = |decoder: &Decoder| decoder.bytes(elements.saturating_mul(decoder.code.parts())).max(1);
        let (mut of_a, mut of_b) = ([0.0; CHUNK], [0.0; CHUNK]);
        let mut left = usize::try_from(count).unwrap_or(usize::MAX);
        for (a_chunk, b_chunk) in a.chunks(bytes(&self.a)).zip(b.chunks(bytes(&self.b))) {
            let now = left.min(elements);
            left = left.saturating_sub(now);
            self.a.decode(a_chunk, &mut of_a);
            self.b.decode(b_chunk, &mut of_b);
            for part in 0..self.parts {
                let number = |numbers: &[f64; CHUNK], own: usize, at: usize| {
                    // A real number has no imaginary part.
                    let found =
                        (part < own).then(|| numbers.get(at.saturating_mul(own).saturating_add(part))).flatten();
                    found.copied().unwrap_or(0.0)
                };
                let (own_a, own_b) = (self.a.code.parts(), self.b.code.parts());
                let delta = |at: usize| number(&of_b, own_b, at) - number(&of_a, own_a, at);
                let mut deltas: Vec<f64> = (0..now).map(delta).collect();
                match &mut self.pass {
                    Pass::First(parts) => parts.get_mut(part).into_iter().for_each(|moments| moments.add(&mut deltas)),
                    Pass::Second(parts) => {
                        if let Some(Some(filling)) = parts.get_mut(part) {
                            deltas.iter().for_each(|value| filling.add(*value, 1));
                        }
                    }
                }
            }
        }
    }

    /// Ends the first pass: the statistics, after which the same elements are taken in once more.
    pub fn turn(&mut self) -> Vec<Statistics> {
        let Pass::First(parts) = &self.pass else { return Vec::new() };
        let found: Vec<Statistics> = parts.iter().map(|part| part.finish(&Number::Double, None)).collect();
        self.pass = Pass::Second(found.iter().map(|part| part.finite.as_ref().map(Filling::new)).collect());
        found
    }

    /// Ends the second pass: the histogram of each part that has finite numbers.
    pub fn finish(&self) -> Vec<Option<Histogram>> {
        match &self.pass {
            Pass::First(_) => Vec::new(),
            Pass::Second(parts) => parts.iter().map(|part| part.as_ref().map(|filling| filling.finish(1))).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Endian, Order};

    fn elements(dtype: DType, count: u64) -> Elements {
        Elements { dtype, shape: vec![count], order: Order::C, endian: Endian::Little }
    }

    #[test]
    fn real_against_complex_has_two_parts() {
        let (a, b) = (elements(DType::F32, 3), elements(DType::C64, 3));
        let bytes = |numbers: &[f32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
        let (of_a, of_b) = (bytes(&[1.0, 2.0, 3.0]), bytes(&[1.5, 1.0, 2.0, -1.0, f32::NAN, 0.0]));
        let mut deltas = Deltas::new(&a, &b).unwrap();
        deltas.add(&of_a, &of_b, 3);
        let found = deltas.turn();
        assert_eq!((found[0].finite.unwrap().mean, found[0].nan, found[0].zeros), (0.25, 1, 1));
        assert_eq!((found[1].finite.unwrap().mean, found[1].nan), (0.0, 0));
        deltas.add(&of_a, &of_b, 3);
        let histograms = deltas.finish();
        let sum = |at: usize| histograms[at].as_ref().unwrap().linear.iter().sum::<u64>();
        assert_eq!((sum(0), sum(1)), (2, 3));
    }
}
