//! Comparing two headers of very many tensors: from the click to what differs on screen.

use super::{Bench, Row, warm};
use crate::browser::Ours;
use crate::data::{EXPERTS, EXPERTS_CHANGED};
use crate::result::{Measure, Samples, Target, Unit};
use std::time::Duration;
use xtask::process::Result;

/// The row.
pub const ROW: Row = Row {
    id: "compare-structure",
    about: "two safetensors of 49,152 tensors, to what differs in names, shapes and types on screen",
    measure,
};

const PATIENCE: Duration = Duration::from_secs(60);
/// Of every forty tensors one is gone and one is new, one has another shape and one another type.
const DIFFERENCES: usize =
    2 * 49_152_usize.div_ceil(40) + (49_152_usize - 10).div_ceil(40) + (49_152_usize - 20).div_ceil(40);

fn measure(bench: &Bench) -> Result<Vec<Measure>> {
    let (before, after) = (EXPERTS.path()?, EXPERTS_CHANGED.path()?);
    warm(&before)?;
    warm(&after)?;
    let mut listed = Samples::default();
    bench.each_run(|| {
        let page = Ours::start(&bench.url())?;
        page.page().open(&[&before, &after])?;
        listed.add(page.compare_structure(EXPERTS.name, EXPERTS_CHANGED.name, PATIENCE)?.shown);
        // The values are another row's.
        page.page().click("weights-stop")?;
        let rows = page.report()?["comparison"]["structure"].as_array().map_or(0, Vec::len);
        if rows != DIFFERENCES {
            return Err(format!("{rows} tensors differ, not {DIFFERENCES}"));
        }
        Ok(listed.last(Unit::Seconds))
    })?;
    Ok(vec![Measure::alone(ROW.id, "49,152 against 49,152", Unit::Seconds, listed, Target::AtMost(1.0))])
}
