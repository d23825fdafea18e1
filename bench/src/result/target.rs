//! What a figure has to reach.

/// A target.
#[derive(Clone, Copy, Debug)]
pub enum Target {
    /// So many times as fast as the rival, at least.
    Speed(f64),
    /// This share of the rival's time, at most.
    Share(f64),
    /// This value, at most, in the unit of the line.
    AtMost(f64),
    /// No target, only for information.
    None,
}

impl Target {
    /// Whether the numbers reach it.
    pub fn met(self, ours: f64, theirs: Option<f64>) -> Option<bool> {
        match self {
            Target::Speed(least) => Some(theirs? / ours >= least),
            Target::Share(most) => Some(ours / theirs? <= most),
            Target::AtMost(most) => Some(ours <= most),
            Target::None => None,
        }
    }

    /// The ratio the target speaks of: theirs to ours if that is a speed, else ours to theirs.
    pub fn ratio(self, ours: f64, theirs: f64) -> f64 {
        match self {
            Target::Share(_) => ours / theirs,
            _ => theirs / ours,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speed_and_share_are_opposite() {
        assert_eq!(Target::Speed(50.0).met(0.3, Some(17.1)), Some(true));
        assert_eq!(Target::Speed(0.85).met(11.7, Some(8.6)), Some(false));
        assert_eq!(Target::Share(0.3).met(1.0, Some(6.0)), Some(true));
        assert_eq!(Target::Share(0.3).met(1.0, None), None);
    }
}
