//! Counts tests from what the runners print.

/// Tests that ran.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Those that passed.
    pub passed: u64,
    /// Those that failed.
    pub failed: u64,
}

impl Tally {
    /// Adds another count.
    pub fn add(&mut self, other: &Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
    }

    /// Counts a runner's summary line: `test result: ok. 3 passed; 0 failed; …`. Other lines count nothing.
    pub fn read(&mut self, line: &str) {
        let Some((_, counts)) = line.split_once("test result: ") else { return };
        let mut before = "";
        for word in counts.split_whitespace() {
            let count = || before.parse().unwrap_or(0);
            match word.trim_end_matches(';') {
                "passed" => self.passed += count(),
                "failed" => self.failed += count(),
                _ => {}
            }
            before = word;
        }
    }

    /// The count for a summary line; empty for a step without tests.
    pub fn shown(&self) -> String {
        if *self == Tally::default() {
            return String::new();
        }
        format!("  {} passed, {} failed", self.passed, self.failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summary_lines_are_counted_and_others_are_not() {
        let mut tally = Tally::default();
        tally.read("test result: ok. 13 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s");
        tally.read("test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured");
        tally.read("test names::tests::nine_passed ... ok");
        assert_eq!(tally, Tally { passed: 15, failed: 3 });
    }
}
