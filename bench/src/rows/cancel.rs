//! Stopping a long job.

use super::{Bench, Row};
use crate::browser::Ours;
use crate::data::LARGE;
use crate::result::{Measure, Samples, Target, Unit};
use std::thread;
use std::time::Duration;
use xtask::process::Result;

/// The row.
pub const ROW: Row = Row { id: "cancel", about: "a click that stops the hashing of 3 GB, to an idle page", measure };

const PATIENCE: Duration = Duration::from_secs(30);
// The job is to be well under way.
const UNDER_WAY: Duration = Duration::from_secs(1);

fn measure(bench: &Bench) -> Result<Vec<Measure>> {
    let file = LARGE.path()?;
    let mut ours = Samples::default();
    bench.each_run(|| {
        let page = Ours::start(&bench.url())?;
        page.open(&file, PATIENCE)?;
        page.page().go("integrity")?;
        page.page().click("verify-start")?;
        thread::sleep(UNDER_WAY);
        if page.page().jobs_now()?.is_some() {
            return Err("the job ended before it could be stopped".into());
        }
        let seconds = page.cancel(PATIENCE)?.seen;
        ours.add(seconds);
        Ok(format!("{:.0} ms", seconds * 1e3))
    })?;
    Ok(vec![Measure::alone(ROW.id, "click to idle", Unit::Seconds, ours, Target::AtMost(0.1))])
}
