//! Four 16-bit floats as 32-bit ones, exactly. As in [`quad`](crate::quad), wasm's instructions are named.

pub use lanes::{brains, halves};

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod lanes {
    use core::arch::wasm32::{
        f32x4_mul, f32x4_splat, i16x8_shuffle, i32x4_ge, u32x4_extend_low_u16x8, u32x4_shl, u32x4_splat, u64x2, v128,
        v128_and, v128_or,
    };

    use crate::quad::Quad;

    /// 2^112: from the exponents of 16 bits to those of 32.
    const REBIAS: f32 = f32::from_bits(239 << 23);

    /// bfloat16: the upper half of the 32-bit float.
    #[inline(always)]
    pub fn brains(bytes: &[u8; 8]) -> Quad {
        Quad::of(i16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(u32x4_splat(0), four(bytes)))
    }

    /// IEEE's 16-bit float: moved to its place, multiplied to its size; the highest exponent stays the highest.
    #[inline(always)]
    pub fn halves(bytes: &[u8; 8]) -> Quad {
        let wide = u32x4_extend_low_u16x8(four(bytes));
        let sign = u32x4_shl(v128_and(wide, u32x4_splat(0x8000)), 16);
        let magnitude = u32x4_shl(v128_and(wide, u32x4_splat(0x7fff)), 13);
        let special = v128_and(i32x4_ge(magnitude, u32x4_splat(0x0f80_0000)), u32x4_splat(0x7f80_0000));
        let sized = f32x4_mul(magnitude, f32x4_splat(REBIAS));
        Quad::of(v128_or(v128_or(sized, special), sign))
    }

    #[inline(always)]
    fn four(bytes: &[u8; 8]) -> v128 {
        u64x2(u64::from_le_bytes(*bytes), 0)
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod lanes {
    use crate::quad::Quad;

    /// bfloat16: the upper half of the 32-bit float.
    #[inline(always)]
    pub fn brains(bytes: &[u8; 8]) -> Quad {
        Quad::new(four(bytes).map(|raw| f32::from_bits(u32::from(raw).wrapping_shl(16))))
    }

    /// IEEE's 16-bit float.
    #[inline(always)]
    pub fn halves(bytes: &[u8; 8]) -> Quad {
        Quad::new(four(bytes).map(|raw| half::f16::from_bits(raw).to_f32()))
    }

    #[inline(always)]
    fn four(bytes: &[u8; 8]) -> [u16; 4] {
        let [a, b, c, d, e, f, g, h] = *bytes;
        [[a, b], [c, d], [e, f], [g, h]].map(u16::from_le_bytes)
    }
}
