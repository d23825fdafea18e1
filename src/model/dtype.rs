//! Element types, spelled as safetensors spells them.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! dtypes {
    ($($variant:ident $name:literal $bits:literal),+ $(,)?) => {
        /// An element type. One without a safetensors name keeps its format's own string.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum DType {
            $(#[doc = $name] $variant,)+
            /// A type safetensors has no name for, as its format spells it (`<U8`, `O`, `V2`).
            Other(Box<str>, u32),
        }

        impl DType {
            /// The report's spelling.
            pub fn name(&self) -> &str {
                match self { $(Self::$variant => $name,)+ Self::Other(name, _) => name }
            }

            /// Bits of one element; 0 when it is not known (objects, unknown names).
            pub fn bits(&self) -> u32 {
                match self { $(Self::$variant => $bits,)+ Self::Other(_, bits) => *bits }
            }

            /// The type with this safetensors name; an unknown name is kept, with no known width.
            pub fn from_name(name: &str) -> Self {
                match name { $($name => Self::$variant,)+ other => Self::Other(other.into(), 0) }
            }
        }
    };
}

dtypes! {
    Bool "BOOL" 8, F4 "F4" 4, F6E2M3 "F6_E2M3" 6, F6E3M2 "F6_E3M2" 6, U8 "U8" 8, I8 "I8" 8,
    F8E5M2 "F8_E5M2" 8, F8E4M3 "F8_E4M3" 8, F8E8M0 "F8_E8M0" 8, F8E4M3Fnuz "F8_E4M3FNUZ" 8,
    F8E5M2Fnuz "F8_E5M2FNUZ" 8, I16 "I16" 16, U16 "U16" 16, F16 "F16" 16, BF16 "BF16" 16, I32 "I32" 32, U32 "U32" 32,
    F32 "F32" 32, C32 "C32" 32, C64 "C64" 64, F64 "F64" 64, I64 "I64" 64, U64 "U64" 64, C128 "C128" 128,
}

impl DType {
    /// The type that NumPy, ml_dtypes and JAX call `name`: `float32`, `bfloat16`. An unknown name is kept, with no known
    /// width. Types of less than a byte take one there and keep their names.
    pub fn from_numpy(name: &str) -> Self {
        match name {
            "bool" => Self::Bool,
            "uint8" => Self::U8,
            "int8" => Self::I8,
            "uint16" => Self::U16,
            "int16" => Self::I16,
            "uint32" => Self::U32,
            "int32" => Self::I32,
            "uint64" => Self::U64,
            "int64" => Self::I64,
            "float16" => Self::F16,
            "bfloat16" => Self::BF16,
            "float32" => Self::F32,
            "float64" => Self::F64,
            "complex64" => Self::C64,
            "complex128" => Self::C128,
            "float8_e4m3fn" => Self::F8E4M3,
            "float8_e5m2" => Self::F8E5M2,
            "float8_e4m3fnuz" => Self::F8E4M3Fnuz,
            "float8_e5m2fnuz" => Self::F8E5M2Fnuz,
            "float8_e8m0fnu" => Self::F8E8M0,
            "int4" | "uint4" | "int2" | "uint2" | "float4_e2m1fn" => Self::Other(name.into(), 8),
            other => Self::Other(other.into(), 0),
        }
    }

    /// True for a type no table of ours knows.
    pub fn is_unknown(&self) -> bool {
        self.bits() == 0
    }

    /// Bytes that `elements` of this type take, rounded up; `None` on overflow or an unknown width.
    pub fn bytes_for(&self, elements: u64) -> Option<u64> {
        if self.is_unknown() {
            return None;
        }
        let bits = u128::from(elements).checked_mul(u128::from(self.bits()))?;
        u64::try_from(bits.div_ceil(8)).ok()
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_types_round_up_to_whole_bytes() {
        assert_eq!(DType::F4.bytes_for(3), Some(2));
        assert_eq!(DType::F6E2M3.bytes_for(4), Some(3));
        assert_eq!(DType::F64.bytes_for(u64::MAX), None);
    }

    #[test]
    fn an_unknown_name_is_kept() {
        assert_eq!(DType::from_name("F3_NEW").name(), "F3_NEW");
        assert!(DType::from_name("F3_NEW").is_unknown());
    }
}
