//! Units, and how their values are written.

/// The unit of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Time; the samples are in seconds.
    Seconds,
    /// Storage or memory.
    Bytes,
    /// Things.
    Count,
}

impl Unit {
    /// The value as a person reads it.
    pub fn text(self, value: f64) -> String {
        match self {
            Unit::Seconds if value < 1.0 => format!("{:.0} ms", value * 1e3),
            Unit::Seconds => format!("{value:.2} s"),
            Unit::Bytes if value < 1e6 => format!("{:.1} kB", value / 1e3),
            Unit::Bytes if value < 1e9 => format!("{:.1} MB", value / 1e6),
            Unit::Bytes => format!("{:.2} GB", value / 1e9),
            Unit::Count => grouped(value),
        }
    }

    /// Its name in the JSON.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Seconds => "seconds",
            Unit::Bytes => "bytes",
            Unit::Count => "count",
        }
    }
}

fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_short() {
        assert_eq!(Unit::Seconds.text(0.0767), "77 ms");
        assert_eq!(Unit::Seconds.text(17.13), "17.13 s");
        assert_eq!(Unit::Bytes.text(35_000.0), "35.0 kB");
        assert_eq!(Unit::Bytes.text(3_354_000_000.0), "3.35 GB");
        assert_eq!(Unit::Count.text(983_631.0), "983,631");
        assert_eq!(Unit::Count.text(12.0), "12");
    }
}
