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

/// Which passes over the elements are made. Several workers can share a tensor: each makes the first pass over its share,
/// and the second when the statistics of the whole are known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Passes {
    /// All that are needed.
    Both,
    /// The first: statistics, and histograms only where they need no second.
    First,
    /// The second, where these are the statistics of the whole: histograms.
    Second(Vec<Statistics>),
}

impl Examined {
    /// These elements and `other` ones of the same tensor. What histograms both have are of the same range.
    #[must_use]
    pub fn joined(mut self, other: &Self) -> Self {
        self.elements = self.elements.saturating_add(other.elements);
        self.counted = self.counted.saturating_add(other.counted);
        for (own, other) in self.statistics.iter_mut().zip(&other.statistics) {
            *own = own.joined(other);
        }
        for (own, other) in self.histograms.iter_mut().zip(&other.histograms) {
            if let (Some(own), Some(other)) = (own, other) {
                own.join(other);
            }
        }
        self
    }
}

impl Finite {
    /// Of all of them: as in Chan, Golub and LeVeque 1983.
    #[expect(clippy::cast_precision_loss, reason = "counts of numbers that were read")]
    fn joined(self, other: Self) -> Self {
        let (here, there) = (self.count as f64, other.count as f64);
        let all = here + there;
        let distance = other.mean - self.mean;
        let squares =
            self.std * self.std * here + other.std * other.std * there + distance * distance * (here / all * there);
        Self {
            count: self.count.saturating_add(other.count),
            min: if other.min.is_below(self.min) { other.min } else { self.min },
            max: if self.max.is_below(other.max) { other.max } else { self.max },
            mean: self.mean + distance * (there / all),
            std: (squares / all).sqrt(),
            l2: self.l2.hypot(other.l2),
        }
    }
}

impl Statistics {
    /// Of all of them.
    #[must_use]
    pub fn joined(&self, other: &Self) -> Self {
        let sum = u64::saturating_add;
        let finite = match (self.finite, other.finite) {
            (Some(own), Some(other)) => Some(own.joined(other)),
            (own, other) => own.or(other),
        };
        Self {
            count: sum(self.count, other.count),
            nan: sum(self.nan, other.nan),
            positive_infinite: sum(self.positive_infinite, other.positive_infinite),
            negative_infinite: sum(self.negative_infinite, other.negative_infinite),
            zeros: sum(self.zeros, other.zeros),
            subnormal: sum(self.subnormal, other.subnormal),
            positive: sum(self.positive, other.positive),
            negative: sum(self.negative, other.negative),
            finite,
        }
    }

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
