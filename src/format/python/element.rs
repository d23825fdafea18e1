//! Elements of small arrays as values.

use half::{bf16, f16};

use crate::model::{DType, Endian, Value};

/// The elements of `bytes`, `step` elements apart; `None` when the type is not one of numbers.
pub(super) fn values(dtype: &DType, endian: Endian, step: u64, bytes: &[u8]) -> Option<Vec<Value>> {
    let width = usize::try_from(dtype.bits()).ok()?.checked_div(8)?;
    let step = usize::try_from(step.max(1)).ok()?;
    let chunks = bytes.chunks_exact(width.max(1)).step_by(step);
    chunks.map(|bytes| value(dtype, endian, bytes)).collect()
}

/// One element.
pub(super) fn value(dtype: &DType, endian: Endian, bytes: &[u8]) -> Option<Value> {
    let mut wide = [0_u8; 8];
    let width = bytes.len();
    let little: &mut dyn Iterator<Item = &u8> = match endian {
        Endian::Little => &mut bytes.iter(),
        Endian::Big => &mut bytes.iter().rev(),
    };
    for (to, from) in wide.iter_mut().zip(little) {
        *to = *from;
    }
    let raw = u64::from_le_bytes(wide);
    let [a, b, c, d, ..] = wide;
    let float = |value: f64| Some(Value::Float(value));
    match dtype {
        DType::Bool => Some(Value::Bool(raw != 0)),
        DType::U8 | DType::U16 | DType::U32 | DType::U64 => {
            Some(i64::try_from(raw).map_or_else(|_| Value::Big(raw.to_string()), Value::Int))
        }
        DType::I8 | DType::I16 | DType::I32 | DType::I64 => {
            let unused = u32::try_from(8_usize.saturating_sub(width)).ok()?.saturating_mul(8);
            Some(Value::Int(raw.cast_signed().checked_shl(unused)?.checked_shr(unused)?))
        }
        DType::F64 => float(f64::from_bits(raw)),
        DType::F32 => float(f64::from(f32::from_le_bytes([a, b, c, d]))),
        DType::F16 => float(f16::from_le_bytes([a, b]).to_f64()),
        DType::BF16 => float(bf16::from_le_bytes([a, b]).to_f64()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_both_byte_orders_and_signs() {
        let one = |dtype, endian, bytes: &[u8]| value(&dtype, endian, bytes).unwrap();
        assert_eq!(one(DType::I16, Endian::Little, &[0xfe, 0xff]), Value::Int(-2));
        assert_eq!(one(DType::I16, Endian::Big, &[0xff, 0xfe]), Value::Int(-2));
        assert_eq!(one(DType::F32, Endian::Big, &1.5_f32.to_be_bytes()), Value::Float(1.5));
        assert_eq!(one(DType::BF16, Endian::Little, &[0x80, 0x3f]), Value::Float(1.0));
        assert_eq!(one(DType::U64, Endian::Little, &[0xff; 8]), Value::Big(u64::MAX.to_string()));
        assert_eq!(value(&DType::C64, Endian::Little, &[0; 8]), None);
        let halves: Vec<u8> = [1_i32, 2, 3, 4].iter().flat_map(|number| number.to_le_bytes()).collect();
        assert_eq!(values(&DType::I32, Endian::Little, 2, &halves).unwrap(), [Value::Int(1), Value::Int(3)]);
    }
}
