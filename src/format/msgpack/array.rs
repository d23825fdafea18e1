//! Flax's arrays: an extension that holds `(shape, name of the type, bytes)`, itself in MessagePack.

use super::super::forward::{Forward, number};
use super::{Token, token};
use crate::error::Result;
use crate::limits;
use crate::model::{DType, Place, Tensor, TensorRole, Value, elements};

/// An array as the file describes it.
pub(super) struct Array {
    pub(super) dtype: DType,
    pub(super) shape: Vec<u64>,
    /// Where its bytes are, and how many.
    pub(super) at: u64,
    pub(super) bytes: u64,
}

/// The array in the extension of `len` bytes that begins here; goes past it.
pub(super) fn read(reader: &mut Forward, len: u64) -> Result<Array> {
    let end = reader.at().saturating_add(len);
    if len > reader.left() {
        return Err(reader.wrong(format!("an array takes {len} bytes, {} are there", reader.left())));
    }
    let Token::List(3) = token(reader)? else {
        return Err(reader.wrong("expected shape, type and bytes of an array"));
    };
    let Token::List(dimensions) = token(reader)? else {
        return Err(reader.wrong("expected the shape of an array"));
    };
    limits::check("dimensions", limits::DIMENSIONS as u64, dimensions)?;
    let mut shape = Vec::new();
    for _ in 0..dimensions {
        match token(reader)? {
            Token::Plain(value) if value.count().is_some() => shape.extend(value.count()),
            other => return Err(reader.wrong(format!("expected a dimension, found {other:?}"))),
        }
    }
    let name = match token(reader)? {
        Token::Text(name) => name,
        Token::Bytes(len) => String::from_utf8_lossy(reader.take(len, "the name of a type")?).into_owned(),
        other => return Err(reader.wrong(format!("expected the name of a type, found {other:?}"))),
    };
    let Token::Bytes(bytes) = token(reader)? else { return Err(reader.wrong("expected the bytes of an array")) };
    let at = reader.at();
    reader.skip(bytes, "an array")?;
    if reader.at() != end {
        return Err(reader.wrong(format!("an array ends here, its extension at byte {end}")));
    }
    Ok(Array { dtype: DType::from_numpy(&name), shape, at, bytes })
}

impl Array {
    /// The tensor, and what is wrong with its size.
    pub(super) fn tensor(self, name: String) -> (Tensor, Option<String>) {
        let claimed = elements(&self.shape).and_then(|count| self.dtype.bytes_for(count));
        let fits = claimed == Some(self.bytes) || self.dtype.is_unknown();
        let wrong = (!fits).then(|| {
            let claimed = claimed.map_or_else(|| "more than can be counted".to_owned(), |bytes| bytes.to_string());
            format!("{name}: {} {:?} takes {claimed} bytes, {} are there", self.dtype, self.shape, self.bytes)
        });
        let role = role(&name, &self.shape);
        let place = fits.then(|| Place::plain(self.at, self.bytes));
        let size_bytes = claimed.unwrap_or(self.bytes);
        (Tensor { name, dtype: self.dtype, shape: self.shape, size_bytes, role, place }, wrong)
    }

    /// The number that a scalar is.
    pub(super) fn number(&self, reader: &mut Forward) -> Result<Option<Value>> {
        let width = u64::from(self.dtype.bits()).wrapping_shr(3);
        if !self.shape.is_empty() || width != self.bytes || !(1..=8).contains(&width) {
            return Ok(None);
        }
        let back = reader.at();
        reader.go_to(self.at);
        let bits = reader.uint(width, "a number")?.swap_bytes();
        reader.go_to(back);
        // The file's numbers are little-endian, its own lengths are not.
        let bits = bits.wrapping_shr(u32::try_from(64_u64.saturating_sub(width.saturating_mul(8))).unwrap_or(0));
        Ok(number(&self.dtype, bits))
    }
}

/// By the field of Flax's `TrainState` that the name begins with; single numbers are counters.
fn role(name: &str, shape: &[u64]) -> TensorRole {
    match name.split('.').next().unwrap_or_default() {
        "opt_state" | "optimizer" | "opt" => TensorRole::Optimizer,
        "rng" | "rngs" | "dropout_rng" | "prng_key" => TensorRole::Rng,
        "step" if shape.is_empty() => TensorRole::Other,
        _ => TensorRole::Model,
    }
}
