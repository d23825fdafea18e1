//! What is told of all the elements of a tensor.

use serde::{Deserialize, Serialize};

use super::{Histogram, Number};

/// Counts of every kind of number, and the moments of the finite ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    /// Numbers looked at.
    pub count: u64,
    /// Not a number.
    pub nan: u64,
    /// Infinite, above zero.
    pub positive_infinite: u64,
    /// Infinite, below zero.
    pub negative_infinite: u64,
    /// Zeros of both signs.
    pub zeros: u64,
    /// Numbers nearer to zero than the type's normal ones, zero excluded.
    pub subnormal: u64,
    /// Above zero, infinity included.
    pub positive: u64,
    /// Below zero, infinity included.
    pub negative: u64,
    /// The finite numbers; `None` when there is none.
    pub finite: Option<Finite>,
}

/// Moments of the finite numbers, in 64-bit floats: they overflow where the square of a number does.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Finite {
    /// How many.
    pub count: u64,
    /// The smallest.
    pub min: Number,
    /// The largest.
    pub max: Number,
    /// Sum divided by count.
    pub mean: f64,
    /// Standard deviation: the root of the mean square distance from the mean (divided by the count, as NumPy does).
    pub std: f64,
    /// Root of the sum of squares.
    pub l2: f64,
}

/// Everything found out about a tensor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Examined {
    /// Elements the tensor has.
    pub elements: u64,
    /// Elements that were looked at: fewer only when a sample was asked for.
    pub counted: u64,
    /// Statistics of its numbers; of a complex tensor two, the real parts first.
    pub statistics: Vec<Statistics>,
    /// A histogram for each of the statistics that has finite numbers.
    pub histograms: Vec<Option<Histogram>>,
}

impl Statistics {
    /// As if every number had been there `times` times.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a factor of a float")]
    pub(super) fn repeated(self, times: u64) -> Self {
        let many = |count: u64| count.saturating_mul(times);
        let finite = self.finite.map(|finite| Finite {
            count: many(finite.count),
            l2: finite.l2 * (times as f64).sqrt(),
            ..finite
        });
        Self {
            count: many(self.count),
            nan: many(self.nan),
            positive_infinite: many(self.positive_infinite),
            negative_infinite: many(self.negative_infinite),
            zeros: many(self.zeros),
            subnormal: many(self.subnormal),
            positive: many(self.positive),
            negative: many(self.negative),
            finite,
        }
    }
}
