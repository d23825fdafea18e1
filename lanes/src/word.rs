//! Four 32-bit words side by side: one 128-bit register in the browser, an array elsewhere.
//!
//! The array form is written so that a compiler could make vector instructions of it, and it is what native tests run;
//! for wasm LLVM did not (164 MB/s instead of 800), so there each operation names its instruction.

pub use lanes::Word;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod lanes {
    use core::arch::wasm32::{
        i8x16_shuffle, i32x4_add, u32x4, u32x4_extract_lane, u32x4_shl, u32x4_shr, u32x4_splat, v128, v128_and,
        v128_or, v128_xor,
    };

    /// One word of each of four lanes.
    #[derive(Debug, Clone, Copy)]
    pub struct Word(v128);

    impl Word {
        /// One word for each lane.
        #[inline(always)]
        pub fn new([a, b, c, d]: [u32; 4]) -> Self {
            Self(u32x4(a, b, c, d))
        }

        /// The same word in every lane.
        #[inline(always)]
        pub fn splat(word: u32) -> Self {
            Self(u32x4_splat(word))
        }

        /// The word of each lane.
        #[inline(always)]
        pub fn lanes(self) -> [u32; 4] {
            [
                u32x4_extract_lane::<0>(self.0),
                u32x4_extract_lane::<1>(self.0),
                u32x4_extract_lane::<2>(self.0),
                u32x4_extract_lane::<3>(self.0),
            ]
        }

        /// Sum modulo 2^32.
        #[inline(always)]
        pub fn plus(self, other: Self) -> Self {
            Self(i32x4_add(self.0, other.0))
        }

        /// Bits set in both.
        #[inline(always)]
        pub fn and(self, other: Self) -> Self {
            Self(v128_and(self.0, other.0))
        }

        /// Bits set in one of the two.
        #[inline(always)]
        pub fn xor(self, other: Self) -> Self {
            Self(v128_xor(self.0, other.0))
        }

        /// Rotated towards the low bit, by 1 to 31.
        #[inline(always)]
        pub fn rotated<const BITS: u32>(self) -> Self {
            Self(v128_or(u32x4_shr(self.0, BITS), u32x4_shl(self.0, 32_u32.wrapping_sub(BITS))))
        }

        /// Shifted towards the low bit.
        #[inline(always)]
        pub fn shifted<const BITS: u32>(self) -> Self {
            Self(u32x4_shr(self.0, BITS))
        }

        /// The bytes of every lane in reverse order.
        #[inline(always)]
        pub fn swapped(self) -> Self {
            Self(i8x16_shuffle::<3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12>(self.0, self.0))
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod lanes {
    /// One word of each of four lanes.
    #[derive(Debug, Clone, Copy)]
    pub struct Word([u32; 4]);

    impl Word {
        /// One word for each lane.
        #[inline(always)]
        pub fn new(lanes: [u32; 4]) -> Self {
            Self(lanes)
        }

        /// The same word in every lane.
        #[inline(always)]
        pub fn splat(word: u32) -> Self {
            Self([word; 4])
        }

        /// The word of each lane.
        #[inline(always)]
        pub fn lanes(self) -> [u32; 4] {
            self.0
        }

        #[inline(always)]
        fn zip(self, other: Self, op: impl Fn(u32, u32) -> u32) -> Self {
            let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
            Self([op(a, e), op(b, f), op(c, g), op(d, h)])
        }

        /// Sum modulo 2^32.
        #[inline(always)]
        pub fn plus(self, other: Self) -> Self {
            self.zip(other, u32::wrapping_add)
        }

        /// Bits set in both.
        #[inline(always)]
        pub fn and(self, other: Self) -> Self {
            self.zip(other, |a, b| a & b)
        }

        /// Bits set in one of the two.
        #[inline(always)]
        pub fn xor(self, other: Self) -> Self {
            self.zip(other, |a, b| a ^ b)
        }

        /// Rotated towards the low bit.
        #[inline(always)]
        pub fn rotated<const BITS: u32>(self) -> Self {
            Self(self.0.map(|word| word.rotate_right(BITS)))
        }

        /// Shifted towards the low bit.
        #[inline(always)]
        pub fn shifted<const BITS: u32>(self) -> Self {
            Self(self.0.map(|word| word >> BITS))
        }

        /// The bytes of every lane in reverse order.
        #[inline(always)]
        pub fn swapped(self) -> Self {
            Self(self.0.map(u32::swap_bytes))
        }
    }
}
