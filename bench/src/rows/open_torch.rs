//! Opening PyTorch files: what a large one costs beside a small one, and very many tensors.

use super::{Bench, Row, warm};
use crate::browser::Ours;
use crate::data::{Input, MANY_TORCH, SMALL_TORCH, TORCH};
use crate::result::{Measure, Samples, Target, Unit};
use std::time::Duration;
use xtask::process::Result;

/// The row.
pub const ROW: Row = Row {
    id: "open-torch",
    about: "a .pt of 3 GB beside one of 3 MB, and one of 49,152 tensors, to the list on screen",
    measure,
};

const PATIENCE: Duration = Duration::from_secs(60);

/// One of the files, and what opening it took.
struct Side {
    input: &'static Input,
    tensors: usize,
    seconds: Samples,
    bytes_read: Samples,
}

impl Side {
    fn new(input: &'static Input, tensors: usize) -> Side {
        Side { input, tensors, seconds: Samples::default(), bytes_read: Samples::default() }
    }

    fn open(&mut self, bench: &Bench) -> Result {
        let page = Ours::start(&bench.url())?;
        self.seconds.add(page.open(&self.input.path()?, PATIENCE)?.rows.shown);
        let report = page.report()?;
        let listed = report["tensors"].as_array().map_or(0, Vec::len);
        if listed != self.tensors {
            return Err(format!("the report lists {listed} tensors of {}", self.tensors));
        }
        let read = report["sources"][0]["bytes_read"].as_f64();
        self.bytes_read.add(read.ok_or("the report does not say how much was read")?);
        Ok(())
    }
}

fn measure(bench: &Bench) -> Result<Vec<Measure>> {
    let mut sides = [Side::new(&TORCH, 291), Side::new(&SMALL_TORCH, 291), Side::new(&MANY_TORCH, 49_152)];
    for side in &sides {
        warm(&side.input.path()?)?;
    }
    bench.each_run(|| {
        sides.iter_mut().try_for_each(|side| side.open(bench))?;
        let [large, small, _] = &sides;
        Ok(format!("{} against {}", large.seconds.last(Unit::Seconds), small.seconds.last(Unit::Seconds)))
    })?;
    let [large, small, many] = sides;
    let line = |what: &str, unit, samples, target| Measure::alone(ROW.id, what, unit, samples, target);
    Ok(vec![
        line("3 GB on screen", Unit::Seconds, large.seconds, Target::Share(1.25)).against("3 MB", small.seconds),
        line("3 GB, bytes read", Unit::Bytes, large.bytes_read, Target::AtMost(1e6)).against("3 MB", small.bytes_read),
        line("49,152 listed", Unit::Seconds, many.seconds, Target::AtMost(1.0)),
        line("49,152, bytes read", Unit::Bytes, many.bytes_read, Target::None),
    ])
}
