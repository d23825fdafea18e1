//! Reading forwards through a file: numbers and short byte strings, with whole blocks fetched behind them.
//!
//! Skipping costs nothing. The block is short after a jump and grows while the reading goes on without one, so that
//! a list of tensors costs little whether their data lies between them (MessagePack) or behind them (GGUF).

use crate::error::{Error, Result};
use crate::limits;
use crate::model::{DType, Endian, Value};
use crate::source::Source;

/// First block after a jump.
const FEW: u64 = 512;
/// Longest block.
const MANY: u64 = 64 << 10;

/// A position in a file of one format.
pub(super) struct Forward {
    file: Source,
    format: &'static str,
    endian: Endian,
    at: u64,
    start: u64,
    block: Vec<u8>,
    fetch: u64,
}

impl Forward {
    /// At byte `at` of `file`; errors name `format`.
    pub(super) fn new(file: Source, format: &'static str, at: u64, endian: Endian) -> Self {
        Self { file, format, endian, at, start: at, block: Vec::new(), fetch: FEW }
    }

    /// Bytes from the start of the file.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Bytes left in the file.
    pub(super) fn left(&self) -> u64 {
        self.file.len().saturating_sub(self.at)
    }

    /// A fault of the file at the current byte.
    pub(super) fn wrong(&self, what: impl Into<String>) -> Error {
        Error::malformed(self.format, self.at, what)
    }

    /// The next `len` bytes, which `what` names. `len` may be a claim: what the file does not have is not allocated.
    pub(super) fn take(&mut self, len: u64, what: &str) -> Result<&[u8]> {
        limits::check("text in a header", limits::HEADER_TEXT, len)?;
        if len > self.left() {
            return Err(self.wrong(format!("{what} takes {len} bytes, {} are there", self.left())));
        }
        let end = self.at.saturating_add(len);
        if self.at < self.start || end > self.start.saturating_add(self.block.len() as u64) {
            let follows = self.at >= self.start && self.at <= self.start.saturating_add(self.block.len() as u64);
            self.fetch = if follows { self.fetch.saturating_mul(2).min(MANY) } else { FEW };
            self.block = self.file.bytes_at(self.at, len.max(self.fetch))?;
            self.start = self.at;
        }
        let from = usize::try_from(self.at.saturating_sub(self.start)).unwrap_or(usize::MAX);
        let to = usize::try_from(end.saturating_sub(self.start)).unwrap_or(usize::MAX);
        self.at = end;
        let short = || Error::malformed(self.format, self.start, format!("{what} ends early"));
        self.block.get(from..to).ok_or_else(short)
    }

    /// Goes past `len` bytes, which `what` names.
    pub(super) fn skip(&mut self, len: u64, what: &str) -> Result<()> {
        if len > self.left() {
            return Err(self.wrong(format!("{what} takes {len} bytes, {} are there", self.left())));
        }
        self.at = self.at.saturating_add(len);
        Ok(())
    }

    /// Goes to byte `at`, back or ahead.
    pub(super) fn go_to(&mut self, at: u64) {
        self.at = at;
    }

    /// An unsigned number of `width` bytes, at most eight.
    pub(super) fn uint(&mut self, width: u64, what: &str) -> Result<u64> {
        let endian = self.endian;
        let bytes = self.take(width, what)?;
        let push = |value: u64, byte: &u8| value.wrapping_shl(8) | u64::from(*byte);
        Ok(match endian {
            Endian::Big => bytes.iter().fold(0, push),
            Endian::Little => bytes.iter().rev().fold(0, push),
        })
    }
}

/// The number that the low `width` bytes of `bits` are when they carry a sign.
pub(super) fn signed(bits: u64, width: u64) -> i64 {
    let unused = 64_u64.saturating_sub(width.saturating_mul(8)).min(63);
    let unused = u32::try_from(unused).unwrap_or(0);
    bits.wrapping_shl(unused).cast_signed().wrapping_shr(unused)
}

/// The number of type `dtype` that the low bits of `bits` are; `None` for a type that is no number.
pub(super) fn number(dtype: &DType, bits: u64) -> Option<Value> {
    let half = u16::try_from(bits & 0xffff).unwrap_or(0);
    Some(match dtype {
        DType::Bool => Value::Bool(bits != 0),
        DType::F16 => Value::Float(half::f16::from_bits(half).into()),
        DType::BF16 => Value::Float(half::bf16::from_bits(half).into()),
        DType::F32 => Value::Float(single(bits)),
        DType::F64 => Value::Float(f64::from_bits(bits)),
        DType::I8 | DType::I16 | DType::I32 | DType::I64 => {
            Value::Int(signed(bits, u64::from(dtype.bits()).wrapping_shr(3)))
        }
        DType::U8 | DType::U16 | DType::U32 | DType::U64 => {
            i64::try_from(bits).map_or_else(|_| Value::Big(bits.to_string()), Value::Int)
        }
        _ => return None,
    })
}

/// The number that four bytes are, as the shortest decimal that means the same four bytes: 0.1, not
/// 0.10000000149011612.
pub(super) fn single(bits: u64) -> f64 {
    let value = f32::from_bits(u32::try_from(bits & 0xffff_ffff).unwrap_or(0));
    value.to_string().parse().unwrap_or_else(|_| f64::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_both_orders_and_signs() {
        let bytes = [0x01, 0x02, 0xff, 0xfe];
        let read = |endian| Forward::new(Source::memory("x", bytes), "x", 0, endian).uint(2, "it").unwrap();
        assert_eq!((read(Endian::Little), read(Endian::Big)), (0x0201, 0x0102));
        assert_eq!((signed(0xfe, 1), signed(0x7f, 1), signed(u64::MAX, 8)), (-2, 127, -1));
        assert_eq!(single(u64::from(0.1_f32.to_bits())), 0.1);
        assert!(single(u64::from(f32::NAN.to_bits())).is_nan());
    }

    #[test]
    fn blocks_grow_and_jumps_are_free() {
        let bytes: Vec<u8> = (0..200_000_u32).map(|at| (at % 251) as u8).collect();
        let mut forward = Forward::new(Source::memory("x", bytes), "x", 0, Endian::Little);
        for at in 0..150_000_u64 {
            assert_eq!(forward.uint(1, "it").unwrap(), at % 251);
        }
        forward.skip(40_000, "them").unwrap();
        assert_eq!(forward.uint(1, "it").unwrap(), 190_000 % 251);
        let error = forward.take(20_000, "the rest").unwrap_err();
        assert_eq!(error.to_string(), "x: the rest takes 20000 bytes, 9999 are there (at byte 190001)");
    }
}
