//! Statistics and histogram of one tensor of 1 GiB.

use super::{Bench, Row, warm};
use crate::browser::Ours;
use crate::data::{Input, ONE_BF16, ONE_F32};
use crate::result::{Measure, Samples, Target, Unit};
use crate::rival::python;
use std::time::Duration;
use xtask::process::Result;

/// The row.
pub const ROW: Row = Row { id: "statistics", about: "statistics and histogram of one tensor of 1 GiB", measure };

const PATIENCE: Duration = Duration::from_secs(120);
/// The two add up in different orders.
const TOLERANCE: f64 = 1e-6;

/// One element type, and what its tensor took.
struct Side {
    input: &'static Input,
    what: [&'static str; 2],
    elements: u64,
    ours: [Samples; 2],
    theirs: [Samples; 2],
}

impl Side {
    fn new(input: &'static Input, what: [&'static str; 2], elements: u64) -> Side {
        Side { input, what, elements, ours: Default::default(), theirs: Default::default() }
    }

    fn take(&mut self, bench: &Bench) -> Result<String> {
        let file = self.input.path()?;
        let page = Ours::start(&bench.url())?;
        page.open(&file, PATIENCE)?;
        let here = page.statistics(PATIENCE)?;
        let there = python::run("statistics.py", &[&file.to_string_lossy()])?;
        let number = |key: &str| there[key].as_f64().ok_or_else(|| format!("statistics.py said {there}"));
        if there["count"].as_u64() != Some(self.elements) {
            return Err(format!("statistics.py counted {}", there["count"]));
        }
        for name in ["mean", "std", "min", "max"] {
            let (ours, theirs) = (page.statistic(name)?, number(name)?);
            if (ours - theirs).abs() > TOLERANCE * theirs.abs().max(TOLERANCE) {
                return Err(format!("{name} is {ours} here and {theirs} there"));
            }
        }
        self.ours[0].add(here.numbers.shown);
        self.ours[1].add(here.histogram.shown);
        self.theirs[0].add(number("seconds")?);
        self.theirs[1].add(number("both")?);
        let [_, all] = &self.what;
        let shown = |samples: &Samples| samples.last(Unit::Seconds);
        Ok(format!("{all}: {} against {}", shown(&self.ours[1]), shown(&self.theirs[1])))
    }

    fn measures(self) -> impl Iterator<Item = Measure> {
        let pairs = self.ours.into_iter().zip(self.theirs).zip(self.what);
        pairs.map(|((ours, theirs), what)| {
            Measure::alone(ROW.id, what, Unit::Seconds, ours, Target::Speed(1.0)).against("NumPy, ml_dtypes", theirs)
        })
    }
}

fn measure(bench: &Bench) -> Result<Vec<Measure>> {
    let mut sides = [
        Side::new(&ONE_BF16, ["BF16, statistics", "BF16, with the histogram"], 1 << 29),
        Side::new(&ONE_F32, ["F32, statistics", "F32, with the histogram"], 1 << 28),
    ];
    for side in &sides {
        warm(&side.input.path()?)?;
    }
    bench.each_run(|| {
        let told: Vec<String> = sides.iter_mut().map(|side| side.take(bench)).collect::<Result<_>>()?;
        Ok(told.join("; "))
    })?;
    Ok(sides.into_iter().flat_map(Side::measures).collect())
}
