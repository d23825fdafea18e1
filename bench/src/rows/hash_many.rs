//! Checking eight files of 256 MiB against a SHA256SUMS.

use super::{Bench, Row, warm};
use crate::browser::Ours;
use crate::data::SHARDS;
use crate::result::{Measure, Samples, Target, Unit};
use crate::rival::digest;
use std::fs;
use std::time::Duration;
use xtask::process::Result;

/// The row.
pub const ROW: Row = Row { id: "hash-many", about: "eight files of 256 MiB against a SHA256SUMS", measure };

const PATIENCE: Duration = Duration::from_secs(300);

fn measure(bench: &Bench) -> Result<Vec<Measure>> {
    let folder = SHARDS.path()?;
    for entry in fs::read_dir(&folder).map_err(|cause| format!("{}: {cause}", folder.display()))? {
        warm(&entry.map_err(|cause| format!("{}: {cause}", folder.display()))?.path())?;
    }
    let (mut ours, mut theirs) = (Samples::default(), Samples::default());
    bench.each_run(|| {
        let page = Ours::start(&bench.url())?;
        page.page().open_folder(&folder)?;
        let here = page.verify(PATIENCE)?.shown;
        let integrity = &page.report()?["integrity"];
        let entries = integrity["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
        let good = entries.iter().filter(|entry| entry["status"] == "ok").count();
        if integrity["verdict"] != "verified" || good != 8 {
            return Err(format!("the verdict is {} with {good} good files", integrity["verdict"]));
        }
        let there = digest::check(&folder)?;
        ours.add(here);
        theirs.add(there);
        Ok(format!("{here:.2} s against {there:.2} s"))
    })?;
    let line = Measure::alone(ROW.id, "8 × 256 MiB", Unit::Seconds, ours, Target::Speed(1.6));
    Ok(vec![line.against("sha256sum -c", theirs)])
}
