//! Comparing two files of very many tiny tensors: from the click to what differs of their headers on screen, and to the end of
//! all work, when the values of every pair are compared.

use super::{Bench, Row, warm};
use crate::browser::Ours;
use crate::data::{EXPERTS, EXPERTS_CHANGED};
use crate::result::{Measure, Samples, Target, Unit};
use std::time::Duration;
use xtask::process::Result;

/// The row.
pub const ROW: Row = Row {
    id: "compare-structure",
    about: "two safetensors of 49,152 tensors: what differs in names, shapes and types on screen, and all values",
    measure,
};

const PATIENCE: Duration = Duration::from_secs(60);
/// Of every forty tensors one is gone and one is new, one has another shape and one another type.
const DIFFERENCES: usize =
    2 * 49_152_usize.div_ceil(40) + (49_152_usize - 10).div_ceil(40) + (49_152_usize - 20).div_ceil(40);

/// Tensors that are on both sides, also those of another shape, of which it is said that their values are not compared.
const PAIRS: usize = 49_152 - 49_152_usize.div_ceil(40);

fn measure(bench: &Bench) -> Result<Vec<Measure>> {
    let (before, after) = (EXPERTS.path()?, EXPERTS_CHANGED.path()?);
    warm(&before)?;
    warm(&after)?;
    let (mut listed, mut compared) = (Samples::default(), Samples::default());
    bench.each_run(|| {
        let page = Ours::start(&bench.url())?;
        page.page().open(&[&before, &after])?;
        let both = page.compare_both(EXPERTS.name, EXPERTS_CHANGED.name, PATIENCE)?;
        listed.add(both.structure.shown);
        compared.add(both.all.shown);
        let comparison = &page.report()?["comparison"];
        let rows = |part: &str| comparison[part].as_array().map_or(0, Vec::len);
        if (rows("structure"), rows("weights")) != (DIFFERENCES, PAIRS) {
            let (structure, weights) = (rows("structure"), rows("weights"));
            return Err(format!(
                "{structure} tensors differ and {weights} were compared, not {DIFFERENCES} and {PAIRS}"
            ));
        }
        Ok(format!("{}, all values {}", listed.last(Unit::Seconds), compared.last(Unit::Seconds)))
    })?;
    Ok(vec![
        Measure::alone(ROW.id, "49,152 against 49,152", Unit::Seconds, listed, Target::AtMost(1.0)),
        Measure::alone(ROW.id, "and all their values", Unit::Seconds, compared, Target::AtMost(10.0)),
    ])
}
