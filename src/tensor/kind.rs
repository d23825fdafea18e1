//! What the bits of an element mean.
//!
//! Floats: IEEE 754; bfloat16; "8-bit floating point" of the Open Compute Project (OFP8: E4M3 has no infinities, E5M2
//! is like IEEE), its microscaling formats (E8M0 is a bare power of two, E2M1 has finite values only), and the FNUZ
//! variants of Noune et al. 2022 (one zero, and the pattern of the negative zero is the only NaN).

use super::Number;
use crate::model::DType;

/// How the numbers of an element type are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    pub(super) kind: Kind,
    /// Bits of a number that mean something.
    pub(super) used: u32,
    /// Bits that a number takes.
    pub(super) stored: u32,
    /// Numbers of an element: two for a complex one, real part first.
    pub(super) parts: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    Signed,
    Unsigned,
    Float(Float),
}

/// A binary float: a sign, `exponent` bits, `mantissa` bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Float {
    exponent: u32,
    mantissa: u32,
    bias: i32,
    special: Special,
}

/// Which patterns are no finite numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Special {
    /// The highest exponent: infinities and NaN.
    Ieee,
    /// The highest pattern of each sign: NaN.
    Highest,
    /// The negative zero: NaN.
    NegativeZero,
    /// None.
    Nothing,
    /// All ones, and there is neither sign nor zero.
    Scale,
}

const fn float(exponent: u32, mantissa: u32, bias: i32, special: Special) -> Kind {
    Kind::Float(Float { exponent, mantissa, bias, special })
}

const F64: Kind = float(11, 52, 1023, Special::Ieee);
const F32: Kind = float(8, 23, 127, Special::Ieee);
const F16: Kind = float(5, 10, 15, Special::Ieee);
const BF16: Kind = float(8, 7, 127, Special::Ieee);
const E2M1: Kind = float(2, 1, 1, Special::Nothing);

impl Code {
    /// How `dtype` keeps its numbers; `None` for text, objects, records, blocks of quantised numbers, and for six-bit
    /// floats, for whose packing no writer sets an order.
    pub fn of(dtype: &DType) -> Option<Self> {
        let one = |kind, bits| Some(Self { kind, used: bits, stored: bits, parts: 1 });
        let complex = |kind, bits| Some(Self { kind, used: bits, stored: bits, parts: 2 });
        let byte = |kind, used| Some(Self { kind, used, stored: 8, parts: 1 });
        match dtype {
            DType::Bool => one(Kind::Bool, 8),
            DType::I8 => one(Kind::Signed, 8),
            DType::I16 => one(Kind::Signed, 16),
            DType::I32 => one(Kind::Signed, 32),
            DType::I64 => one(Kind::Signed, 64),
            DType::U8 => one(Kind::Unsigned, 8),
            DType::U16 => one(Kind::Unsigned, 16),
            DType::U32 => one(Kind::Unsigned, 32),
            DType::U64 => one(Kind::Unsigned, 64),
            DType::F64 => one(F64, 64),
            DType::F32 => one(F32, 32),
            DType::F16 => one(F16, 16),
            DType::BF16 => one(BF16, 16),
            DType::F8E4M3 => one(float(4, 3, 7, Special::Highest), 8),
            DType::F8E5M2 => one(float(5, 2, 15, Special::Ieee), 8),
            DType::F8E4M3Fnuz => one(float(4, 3, 8, Special::NegativeZero), 8),
            DType::F8E5M2Fnuz => one(float(5, 2, 16, Special::NegativeZero), 8),
            DType::F8E8M0 => one(float(8, 0, 127, Special::Scale), 8),
            DType::F4 => one(E2M1, 4),
            DType::C32 => complex(F16, 16),
            DType::C64 => complex(F32, 32),
            DType::C128 => complex(F64, 64),
            DType::F6E2M3 | DType::F6E3M2 => None,
            DType::Other(name, _) => match &**name {
                "int4" => byte(Kind::Signed, 4),
                "uint4" => byte(Kind::Unsigned, 4),
                "int2" => byte(Kind::Signed, 2),
                "uint2" => byte(Kind::Unsigned, 2),
                "float4_e2m1fn" => byte(E2M1, 4),
                "qint8" => byte(Kind::Signed, 8),
                "quint8" => byte(Kind::Unsigned, 8),
                "qint32" => one(Kind::Signed, 32),
                _ => None,
            },
        }
    }

    /// Bytes of an element; `None` when two share a byte.
    pub fn width(self) -> Option<usize> {
        let bits = usize::try_from(self.stored).ok()?;
        (bits >= 8).then(|| bits.wrapping_shr(3).saturating_mul(self.parts))
    }

    /// Numbers of an element: two for a complex one, real part first.
    pub fn parts(self) -> usize {
        self.parts
    }

    /// Whether its numbers are truth values.
    pub(super) fn is_bool(self) -> bool {
        self.kind == Kind::Bool
    }

    /// Whether all different numbers can be counted one by one.
    pub fn is_narrow(self) -> bool {
        self.stored <= 16
    }

    /// The number whose bits are `raw`; bits above the type's own are ignored.
    pub fn number(self, raw: u64) -> Number {
        let unused = 64_u32.saturating_sub(self.used);
        let top = raw.wrapping_shl(unused);
        match self.kind {
            Kind::Bool => Number::Uint(u64::from(top != 0)),
            Kind::Signed => Number::Int(top.cast_signed().wrapping_shr(unused)),
            Kind::Unsigned => Number::Uint(top.wrapping_shr(unused)),
            Kind::Float(float) => float.number(top.wrapping_shr(unused)),
        }
    }

    /// Half of the distance between two neighbours: relative to a normal number, and absolute near zero. `None` for what is
    /// no float of a sign, an exponent and a mantissa.
    pub(super) fn rounding(self) -> Option<(f64, f64)> {
        match self.kind {
            Kind::Float(Float { special: Special::Scale, .. }) => None,
            Kind::Float(Float { mantissa, bias, .. }) => {
                let half = 0_i32.saturating_sub_unsigned(mantissa).saturating_sub(1);
                let lowest = 1_i32.saturating_sub(bias).saturating_add(half);
                Some((power_of_two(half), power_of_two(lowest)))
            }
            _ => None,
        }
    }

    /// Whether its numbers are bfloat16.
    pub(super) fn is_brain(self) -> bool {
        self.kind == BF16
    }

    /// Whether its numbers are IEEE's 16-bit floats.
    pub(super) fn is_half(self) -> bool {
        self.kind == F16
    }

    /// Whether its numbers are 32-bit floats.
    pub(super) fn is_single(self) -> bool {
        self.kind == F32
    }

    /// The smallest magnitude that is not subnormal; 0 for a type without subnormal numbers.
    pub(super) fn smallest_normal(self) -> f64 {
        match self.kind {
            Kind::Float(Float { special: Special::Scale, .. }) => 0.0,
            Kind::Float(Float { bias, .. }) => power_of_two(1_i32.saturating_sub(bias)),
            _ => 0.0,
        }
    }
}

impl Float {
    #[expect(clippy::cast_possible_truncation, reason = "what is 32 bits or less is exact in 32 bits")]
    fn number(self, raw: u64) -> Number {
        if self.exponent == 11 {
            return Number::Double(f64::from_bits(raw));
        }
        if self.mantissa == 23 {
            return Number::Single(f32::from_bits(raw as u32));
        }
        Number::Single(self.narrow(raw) as f32)
    }

    /// A number of 16 bits or less: its significand times a power of two.
    #[expect(clippy::cast_precision_loss, reason = "a significand has at most 11 bits")]
    fn narrow(self, raw: u64) -> f64 {
        let ones = |bits: u32| 1_u64.wrapping_shl(bits).wrapping_sub(1);
        let (mantissa, exponent) = (raw & ones(self.mantissa), raw.wrapping_shr(self.mantissa) & ones(self.exponent));
        let sign = raw.wrapping_shr(self.mantissa.saturating_add(self.exponent));
        let is_top = exponent == ones(self.exponent);
        let of_power = |exponent: u64| power_of_two(i32::try_from(exponent).unwrap_or(0).saturating_sub(self.bias));
        match self.special {
            Special::Scale if is_top => return f64::NAN,
            Special::Scale => return of_power(exponent),
            Special::Ieee if is_top && mantissa != 0 => return f64::NAN,
            Special::Ieee if is_top => return if sign == 0 { f64::INFINITY } else { f64::NEG_INFINITY },
            Special::Highest if is_top && mantissa == ones(self.mantissa) => return f64::NAN,
            Special::NegativeZero if exponent == 0 && mantissa == 0 && sign == 1 => return f64::NAN,
            _ => {}
        }
        let hidden = u64::from(exponent != 0).wrapping_shl(self.mantissa);
        let unit = power_of_two(0_i32.saturating_sub_unsigned(self.mantissa));
        let magnitude = (mantissa | hidden) as f64 * unit * of_power(exponent.max(1));
        if sign == 0 { magnitude } else { -magnitude }
    }
}

/// 2 to the power of `exponent`, which is that of a normal 64-bit float.
fn power_of_two(exponent: i32) -> f64 {
    let biased = u64::try_from(exponent.saturating_add(1023)).unwrap_or(0);
    f64::from_bits(biased.wrapping_shl(52))
}
