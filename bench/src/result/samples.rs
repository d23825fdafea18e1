//! Repeated measurements of one thing.

use super::Unit;

/// The samples, in the order in which they were taken.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Samples(pub Vec<f64>);

impl Samples {
    /// The middle value, or the mean of the two middle ones.
    pub fn median(&self) -> Option<f64> {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let upper = *sorted.get(sorted.len() / 2)?;
        let lower = *sorted.get(sorted.len().saturating_sub(1) / 2)?;
        Some(f64::midpoint(lower, upper))
    }

    /// The latest sample as a person reads it.
    pub fn last(&self, unit: Unit) -> String {
        self.0.last().map_or_else(|| "nothing".to_owned(), |sample| unit.text(*sample))
    }

    /// One more.
    pub fn add(&mut self, sample: f64) {
        self.0.push(sample);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(Samples(vec![9.0, 1.0, 2.0]).median(), Some(2.0));
        assert_eq!(Samples(vec![9.0, 1.0, 2.0, 3.0]).median(), Some(2.5));
        assert_eq!(Samples::default().median(), None);
    }
}
