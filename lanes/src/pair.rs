//! Two 64-bit floats side by side: one 128-bit register in the browser, an array elsewhere.
//!
//! As in `digest`, each operation names its instruction for wasm: the worker is built for size, where LLVM makes no
//! vector instructions of loops.

pub use lanes::Pair;

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod lanes {
    use core::arch::wasm32::{
        f64x2, f64x2_abs, f64x2_add, f64x2_eq, f64x2_extract_lane, f64x2_lt, f64x2_mul, f64x2_pmax, f64x2_pmin,
        f64x2_splat, f64x2_sub, v128, v128_and,
    };

    /// Two floats.
    #[derive(Debug, Clone, Copy)]
    pub struct Pair(v128);

    impl Pair {
        /// These two.
        #[inline(always)]
        pub fn new([a, b]: [f64; 2]) -> Self {
            Self(f64x2(a, b))
        }

        /// The two in a register.
        #[inline(always)]
        pub fn of(register: v128) -> Self {
            Self(register)
        }

        /// The same twice.
        #[inline(always)]
        pub fn splat(value: f64) -> Self {
            Self(f64x2_splat(value))
        }

        /// Both.
        #[inline(always)]
        pub fn values(self) -> [f64; 2] {
            [f64x2_extract_lane::<0>(self.0), f64x2_extract_lane::<1>(self.0)]
        }

        /// Sums.
        #[inline(always)]
        pub fn plus(self, other: Self) -> Self {
            Self(f64x2_add(self.0, other.0))
        }

        /// Differences.
        #[inline(always)]
        pub fn minus(self, other: Self) -> Self {
            Self(f64x2_sub(self.0, other.0))
        }

        /// Products.
        #[inline(always)]
        pub fn times(self, other: Self) -> Self {
            Self(f64x2_mul(self.0, other.0))
        }

        /// Magnitudes.
        #[inline(always)]
        pub fn magnitude(self) -> Self {
            Self(f64x2_abs(self.0))
        }

        /// The lower ones; `self` where one is NaN.
        #[inline(always)]
        pub fn lower(self, other: Self) -> Self {
            Self(f64x2_pmin(self.0, other.0))
        }

        /// The higher ones; `self` where one is NaN.
        #[inline(always)]
        pub fn higher(self, other: Self) -> Self {
            Self(f64x2_pmax(self.0, other.0))
        }

        /// 1 where both are equal, else 0.
        #[inline(always)]
        pub fn is(self, other: Self) -> Self {
            Self(v128_and(f64x2_eq(self.0, other.0), f64x2_splat(1.0)))
        }

        /// 1 where it is below the other, else 0.
        #[inline(always)]
        pub fn is_below(self, other: Self) -> Self {
            Self(v128_and(f64x2_lt(self.0, other.0), f64x2_splat(1.0)))
        }
    }
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
mod lanes {
    /// Two floats.
    #[derive(Debug, Clone, Copy)]
    pub struct Pair([f64; 2]);

    impl Pair {
        /// These two.
        #[inline(always)]
        pub fn new(values: [f64; 2]) -> Self {
            Self(values)
        }

        /// The same twice.
        #[inline(always)]
        pub fn splat(value: f64) -> Self {
            Self([value; 2])
        }

        /// Both.
        #[inline(always)]
        pub fn values(self) -> [f64; 2] {
            self.0
        }

        #[inline(always)]
        fn zip(self, other: Self, op: impl Fn(f64, f64) -> f64) -> Self {
            let ([a, b], [c, d]) = (self.0, other.0);
            Self([op(a, c), op(b, d)])
        }

        /// Sums.
        #[inline(always)]
        pub fn plus(self, other: Self) -> Self {
            self.zip(other, |a, b| a + b)
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
            Self(self.0.map(f64::abs))
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

        /// 1 where both are equal, else 0.
        #[inline(always)]
        pub fn is(self, other: Self) -> Self {
            self.zip(other, |a, b| if a == b { 1.0 } else { 0.0 })
        }

        /// 1 where it is below the other, else 0.
        #[inline(always)]
        pub fn is_below(self, other: Self) -> Self {
            self.zip(other, |a, b| if a < b { 1.0 } else { 0.0 })
        }
    }
}
