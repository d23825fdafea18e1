//! Numbers of any type as 64-bit floats, a chunk at a time.

use super::CHUNK;
use crate::model::Endian;
use crate::tensor::Code;
use crate::tensor::decode::{Extremes, decode};

/// Decodes the numbers of one type, little-endian.
#[derive(Debug)]
pub(in crate::tensor) struct Decoder {
    pub(in crate::tensor) code: Code,
    /// Each number of eight bits or less.
    table: Vec<f64>,
}

impl Decoder {
    pub(in crate::tensor) fn new(code: Code) -> Self {
        let bytes = 0..if code.stored <= 8 { 256_u64 } else { 0 };
        Self { code, table: bytes.map(|raw| code.number(raw).to_f64()).collect() }
    }

    /// Bytes of so many numbers.
    pub(in crate::tensor) fn bytes(&self, numbers: usize) -> usize {
        let stored = usize::try_from(self.code.stored).unwrap_or(8);
        numbers.saturating_mul(stored).div_ceil(8)
    }

    /// Decodes to the front of `out` and says how many; the last half of a byte may be one too many.
    pub(in crate::tensor) fn decode(&self, bytes: &[u8], out: &mut [f64; CHUNK]) -> usize {
        match self.code.stored {
            4 => {
                let halves = bytes.iter().flat_map(|byte| [byte & 15, byte.wrapping_shr(4)]);
                self.look_up(halves, out)
            }
            8 => self.look_up(bytes.iter().copied(), out),
            16 => self.sixteens(bytes, out),
            _ => decode(self.code, Endian::Little, bytes, out, &mut Extremes::NONE.clone()),
        }
    }

    fn look_up(&self, bytes: impl Iterator<Item = u8>, out: &mut [f64; CHUNK]) -> usize {
        let pairs = out.iter_mut().zip(bytes);
        pairs.map(|(to, byte)| *to = self.table.get(usize::from(byte)).copied().unwrap_or(f64::NAN)).count()
    }

    fn sixteens(&self, bytes: &[u8], out: &mut [f64; CHUNK]) -> usize {
        let pairs = out.iter_mut().zip(bytes.as_chunks::<2>().0);
        let raw = |pair: &[u8; 2]| u16::from_le_bytes(*pair);
        let brain = |raw: u16| f64::from(f32::from_bits(u32::from(raw).wrapping_shl(16)));
        match self.code {
            code if code.is_brain() => pairs.map(|(to, pair)| *to = brain(raw(pair))).count(),
            code if code.is_half() => pairs.map(|(to, pair)| *to = half::f16::from_bits(raw(pair)).to_f64()).count(),
            code => pairs.map(|(to, pair)| *to = code.number(raw(pair).into()).to_f64()).count(),
        }
    }
}
