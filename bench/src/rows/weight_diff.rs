//! The values of two files of 1 GiB: all different, and most of them the same, which a user who identified both files before
//! knows without reading them.
//!
//! A page may not map a file: every byte that it compares is copied out of the browser, and that alone takes two thirds of
//! NumPy's time over memory maps in which nothing is copied. Whether the bytes are the same or not makes no difference to it.
//! So when most tensors are the same, only not reading them is faster by more: their digests must be known.

use super::{Bench, Row, warm};
use crate::browser::{Ours, worker_bytes};
use crate::data::{AFTER, AFTER_LITTLE, BEFORE, Input};
use crate::result::{Measure, Samples, Target, Unit};
use crate::rival::python;
use serde_json::Value;
use std::time::Duration;
use xtask::process::Result;

/// The row.
pub const ROW: Row = Row { id: "weight-diff", about: "the values of two files of 1 GiB of F32 in 50 tensors", measure };

const PATIENCE: Duration = Duration::from_secs(180);
/// The two add up in different orders.
const TOLERANCE: f64 = 1e-6;
const NUMBERS: [&str; 5] = ["max_abs", "l2", "relative_l2", "cosine", "changed_fraction"];

/// One pair of files, and what comparing them took.
struct Side {
    after: &'static Input,
    what: &'static str,
    target: Target,
    /// Whether what both files hold is found out before, off the clock.
    are_identified: bool,
    ours: Samples,
    theirs: Samples,
    memory: Samples,
}

impl Side {
    fn new(after: &'static Input, what: &'static str, target: Target) -> Side {
        let (ours, theirs, memory) = Default::default();
        Side { after, what, target, are_identified: false, ours, theirs, memory }
    }

    fn identified(self) -> Side {
        Side { are_identified: true, ..self }
    }

    fn take(&mut self, bench: &Bench) -> Result<String> {
        let (before, after) = (BEFORE.path()?, self.after.path()?);
        let page = Ours::start(&bench.url())?;
        page.page().open(&[&before, &after])?;
        if self.are_identified {
            page.identify(BEFORE.name, PATIENCE)?;
            page.identify(self.after.name, PATIENCE)?;
        }
        let here = page.compare(BEFORE.name, self.after.name, PATIENCE)?;
        self.memory.add(worker_bytes(page.driver())?);
        let there = python::run("weight_diff.py", &[&before.to_string_lossy(), &after.to_string_lossy()])?;
        check(&page.report()?["comparison"]["weights"], &there["tensors"])?;
        self.ours.add(here.shown);
        self.theirs.add(there["seconds"].as_f64().ok_or_else(|| format!("weight_diff.py said {there}"))?);
        let shown = |samples: &Samples| samples.last(Unit::Seconds);
        Ok(format!("{}: {} against {}", self.what, shown(&self.ours), shown(&self.theirs)))
    }

    fn measures(self) -> [Measure; 2] {
        let memory = format!("{}, worker memory", self.what);
        [
            Measure::alone(ROW.id, self.what, Unit::Seconds, self.ours, self.target)
                .against("NumPy, memory-mapped", self.theirs),
            Measure::alone(ROW.id, memory, Unit::Bytes, self.memory, Target::AtMost(300e6)),
        ]
    }
}

/// Every number of every tensor.
fn check(ours: &Value, theirs: &Value) -> Result {
    let (ours, theirs) = (ours.as_array(), theirs.as_object());
    let (Some(ours), Some(theirs)) = (ours, theirs) else { return Err("no weights were compared".into()) };
    if ours.len() != theirs.len() {
        return Err(format!("{} tensors here and {} there", ours.len(), theirs.len()));
    }
    for row in ours {
        let name = row["name"].as_str().unwrap_or_default();
        for key in NUMBERS {
            let (here, there) = (row[key].as_f64(), theirs.get(name).and_then(|told| told[key].as_f64()));
            let is_same = here.zip(there).is_some_and(|(x, y)| (x - y).abs() <= TOLERANCE * y.abs());
            if !is_same {
                return Err(format!("{key} of {name} is {here:?} here and {there:?} there"));
            }
        }
    }
    Ok(())
}

fn measure(bench: &Bench) -> Result<Vec<Measure>> {
    let mut sides = [
        Side::new(&AFTER, "all tensors differ", Target::Speed(0.7)),
        Side::new(&AFTER_LITTLE, "one in ten differs", Target::Speed(0.7)),
        Side::new(&AFTER_LITTLE, "one in ten differs, contents identified before", Target::Speed(5.0)).identified(),
    ];
    warm(&BEFORE.path()?)?;
    for side in &sides {
        warm(&side.after.path()?)?;
    }
    bench.each_run(|| {
        let told: Vec<String> = sides.iter_mut().map(|side| side.take(bench)).collect::<Result<_>>()?;
        Ok(told.join("; "))
    })?;
    Ok(sides.into_iter().flat_map(Side::measures).collect())
}
