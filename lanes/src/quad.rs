//! Four 32-bit floats side by side: one 128-bit register in the browser, an array elsewhere.
//!
//! As in [`pair`](super::pair), each operation names its instruction for wasm.

pub use lanes::{Count, Quad};

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod lanes {
    use core::arch::wasm32::{
        f32x4_abs, f32x4_add, f32x4_eq, f32x4_extract_lane, f32x4_gt, f32x4_lt, f32x4_mul, f32x4_pmax, f32x4_pmin,
        f32x4_splat, f32x4_sub, f64x2_promote_low_f32x4, i32x4_ne, i32x4_sub, i64x2_shuffle, u32x4_extract_lane,
        u32x4_shl, u32x4_shr, u32x4_splat, v128, v128_and, v128_any_true, v128_or,
    };

    use crate::pair::Pair;

    /// Four floats.
    #[derive(Debug, Clone, Copy)]
    pub struct Quad(v128);

    /// Four counts.
    #[derive(Debug, Clone, Copy)]
    pub struct Count(v128);

    impl Quad {
        /// The floats that these little-endian bytes are.
        #[inline(always)]
        pub fn read(bytes: &[u8; 16]) -> Self {
            Self(bytemuck::pod_read_unaligned(bytes))
        }

        /// The four in a register.
        #[inline(always)]
        pub fn of(register: v128) -> Self {
            Self(register)
        }

        /// The same four times.
        #[inline(always)]
        pub fn splat(value: f32) -> Self {
            Self(f32x4_splat(value))
        }

        /// All.
        #[inline(always)]
        pub fn values(self) -> [f32; 4] {
            [
                f32x4_extract_lane::<0>(self.0),
                f32x4_extract_lane::<1>(self.0),
                f32x4_extract_lane::<2>(self.0),
                f32x4_extract_lane::<3>(self.0),
            ]
        }

        /// In 64 bits: the first two, and the others.
        #[inline(always)]
        pub fn widened(self) -> [Pair; 2] {
            let others = i64x2_shuffle::<1, 1>(self.0, self.0);
            [Pair::of(f64x2_promote_low_f32x4(self.0)), Pair::of(f64x2_promote_low_f32x4(others))]
        }

        /// The lower ones; `self` where one is NaN.
        #[inline(always)]
        pub fn lower(self, other: Self) -> Self {
            Self(f32x4_pmin(self.0, other.0))
        }

        /// The higher ones; `self` where one is NaN.
        #[inline(always)]
        pub fn higher(self, other: Self) -> Self {
            Self(f32x4_pmax(self.0, other.0))
        }

        /// Differences.
        #[inline(always)]
        pub fn minus(self, other: Self) -> Self {
            Self(f32x4_sub(self.0, other.0))
        }

        /// Products.
        #[inline(always)]
        pub fn times(self, other: Self) -> Self {
            Self(f32x4_mul(self.0, other.0))
        }

        /// Magnitudes.
        #[inline(always)]
        pub fn magnitude(self) -> Self {
            Self(f32x4_abs(self.0))
        }

        /// Sums.
        #[inline(always)]
        pub fn plus(self, other: Self) -> Self {
            Self(f32x4_add(self.0, other.0))
        }

        /// Whether one is above.
        #[inline(always)]
        pub fn is_one_above(self, limit: Self) -> bool {
            v128_any_true(f32x4_gt(self.0, limit.0))
        }

        /// The six lowest bits of each, and behind them sign and exponent of `other`, as they are kept.
        #[inline(always)]
        pub fn low_bits_and_exponents(self, other: Self) -> [u32; 4] {
            let bits = v128_and(u32x4_shl(self.0, 9), u32x4_splat(63 << 9));
            four(v128_or(bits, u32x4_shr(other.0, 23)))
        }
    }

    impl Count {
        /// Nothing yet.
        #[inline(always)]
        pub fn zero() -> Self {
            Self(u32x4_splat(0))
        }

        /// One more where both are equal.
        #[inline(always)]
        pub fn equal(self, a: Quad, b: Quad) -> Self {
            Self(i32x4_sub(self.0, f32x4_eq(a.0, b.0)))
        }

        /// One more where the first is below the other.
        #[inline(always)]
        pub fn below(self, a: Quad, b: Quad) -> Self {
            Self(i32x4_sub(self.0, f32x4_lt(a.0, b.0)))
        }

        /// One more where their bits differ.
        #[inline(always)]
        pub fn unlike(self, a: Quad, b: Quad) -> Self {
            Self(i32x4_sub(self.0, i32x4_ne(a.0, b.0)))
        }

        /// All.
        #[inline(always)]
        pub fn values(self) -> [u32; 4] {
            four(self.0)
        }
    }

    #[inline(always)]
    fn four(words: v128) -> [u32; 4] {
        [
            u32x4_extract_lane::<0>(words),
            u32x4_extract_lane::<1>(words),
            u32x4_extract_lane::<2>(words),
            u32x4_extract_lane::<3>(words),
        ]
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod lanes {
    use crate::pair::Pair;

    /// Four floats.
    #[derive(Debug, Clone, Copy)]
    pub struct Quad([f32; 4]);

    /// Four counts.
    #[derive(Debug, Clone, Copy)]
    pub struct Count([u32; 4]);

    impl Quad {
        /// The floats that these little-endian bytes are.
        #[inline(always)]
        pub fn read(bytes: &[u8; 16]) -> Self {
            let (words, _) = bytes.as_chunks::<4>();
            let word = |at: usize| words.get(at).copied().map_or(0.0, f32::from_le_bytes);
            Self([word(0), word(1), word(2), word(3)])
        }

        /// These four.
        #[inline(always)]
        pub fn new(values: [f32; 4]) -> Self {
            Self(values)
        }

        /// The same four times.
        #[inline(always)]
        pub fn splat(value: f32) -> Self {
            Self([value; 4])
        }

        /// All.
        #[inline(always)]
        pub fn values(self) -> [f32; 4] {
            self.0
        }

        /// In 64 bits: the first two, and the others.
        #[inline(always)]
        pub fn widened(self) -> [Pair; 2] {
            let [a, b, c, d] = self.0.map(f64::from);
            [Pair::new([a, b]), Pair::new([c, d])]
        }

        #[inline(always)]
        fn zip(self, other: Self, op: impl Fn(f32, f32) -> f32) -> Self {
            let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
            Self([op(a, e), op(b, f), op(c, g), op(d, h)])
        }

        /// The lower ones; `self` where one is NaN.
        #[inline(always)]
        pub fn lower(self, other: Self) -> Self {
            self.zip(other, |a, b| if b < a { b } else { a })
        }

        /// The higher ones; `self` where one is NaN.
        #[inline(always)]
        pub fn higher(self, other: Self) -> Self {
            self.zip(other, |a, b| if a < b { b } else { a })
        }

        /// Differences.
        #[inline(always)]
        pub fn minus(self, other: Self) -> Self {
            self.zip(other, |a, b| a - b)
        }

        /// Products.
        #[inline(always)]
        pub fn times(self, other: Self) -> Self {
            self.zip(other, |a, b| a * b)
        }

        /// Magnitudes.
        #[inline(always)]
        pub fn magnitude(self) -> Self {
            Self(self.0.map(f32::abs))
        }

        /// Sums.
        #[inline(always)]
        pub fn plus(self, other: Self) -> Self {
            self.zip(other, |a, b| a + b)
        }

        /// Whether one is above.
        #[inline(always)]
        pub fn is_one_above(self, limit: Self) -> bool {
            self.0.into_iter().zip(limit.0).any(|(value, limit)| value > limit)
        }

        /// The six lowest bits of each, and behind them sign and exponent of `other`, as they are kept.
        #[inline(always)]
        pub fn low_bits_and_exponents(self, other: Self) -> [u32; 4] {
            let cell = |low: f32, other: f32| (low.to_bits() & 63).wrapping_shl(9) | other.to_bits().wrapping_shr(23);
            let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
            [cell(a, e), cell(b, f), cell(c, g), cell(d, h)]
        }
    }

    impl Count {
        /// Nothing yet.
        #[inline(always)]
        pub fn zero() -> Self {
            Self([0; 4])
        }

        #[inline(always)]
        fn add(self, a: Quad, b: Quad, holds: impl Fn(f32, f32) -> bool) -> Self {
            let ([a, b, c, d], [e, f, g, h]) = (a.0, b.0);
            let [i, j, k, l] = [holds(a, e), holds(b, f), holds(c, g), holds(d, h)].map(u32::from);
            let [m, n, o, p] = self.0;
            Self([m.wrapping_add(i), n.wrapping_add(j), o.wrapping_add(k), p.wrapping_add(l)])
        }

        /// One more where both are equal.
        #[inline(always)]
        pub fn equal(self, a: Quad, b: Quad) -> Self {
            self.add(a, b, |a, b| a == b)
        }

        /// One more where the first is below the other.
        #[inline(always)]
        pub fn below(self, a: Quad, b: Quad) -> Self {
            self.add(a, b, |a, b| a < b)
        }

        /// One more where their bits differ.
        #[inline(always)]
        pub fn unlike(self, a: Quad, b: Quad) -> Self {
            self.add(a, b, |a, b| a.to_bits() != b.to_bits())
        }

        /// All.
        #[inline(always)]
        pub fn values(self) -> [u32; 4] {
            self.0
        }
    }
}
