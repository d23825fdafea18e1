//! What was measured, against what, and whether that is enough.

mod json;
mod samples;
mod table;
mod target;
mod unit;

pub use json::json;
pub use samples::Samples;
pub use table::print;
pub use target::Target;
pub use unit::Unit;

/// One line of the table.
pub struct Measure {
    /// The id of the row it belongs to.
    pub row: &'static str,
    /// What was measured.
    pub what: String,
    /// The unit of both sides.
    pub unit: Unit,
    /// Our samples.
    pub ours: Samples,
    /// The rival's samples; empty if there is no rival.
    pub theirs: Samples,
    /// Who the rival is, or why it has no number.
    pub rival: String,
    /// What is to be reached.
    pub target: Target,
}

impl Measure {
    /// Our samples alone, against a limit.
    pub fn alone(row: &'static str, what: impl Into<String>, unit: Unit, ours: Samples, target: Target) -> Measure {
        Measure { row, what: what.into(), unit, ours, theirs: Samples::default(), rival: String::new(), target }
    }

    /// Adds the rival.
    pub fn against(mut self, rival: impl Into<String>, theirs: Samples) -> Measure {
        (self.rival, self.theirs) = (rival.into(), theirs);
        self
    }

    /// Whether the target was reached; nothing if there is none, or no number to judge by.
    pub fn met(&self) -> Option<bool> {
        self.target.met(self.ours.median()?, self.theirs.median())
    }
}

/// Everything one run of the command has to say.
pub struct Results {
    /// Where it was measured, as pairs of names and values.
    pub setting: Vec<(&'static str, String)>,
    /// The lines of the table.
    pub measures: Vec<Measure>,
    /// The rows that could not be measured, and why.
    pub failures: Vec<(&'static str, String)>,
}

impl Results {
    /// The number of targets that were not reached.
    pub fn missed(&self) -> usize {
        self.measures.iter().filter(|measure| measure.met() == Some(false)).count()
    }
}
