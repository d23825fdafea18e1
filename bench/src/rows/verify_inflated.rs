//! The digests of what a deflated npz of 1 GiB holds: inflated, its checksums compared, hashed.

use super::{Bench, Row, warm};
use crate::browser::Ours;
use crate::data::DEFLATED;
use crate::result::{Measure, Samples, Target, Unit};
use crate::rival::digest;
use std::path::Path;
use std::time::Duration;
use xtask::process::Result;

/// The row.
pub const ROW: Row =
    Row { id: "verify-inflated", about: "inflate, CRC and SHA-256 of a deflated npz of 1 GiB", measure };

const PATIENCE: Duration = Duration::from_secs(300);

fn measure(bench: &Bench) -> Result<Vec<Measure>> {
    let file = DEFLATED.path()?;
    warm(&file)?;
    let (mut ours, mut theirs) = (Samples::default(), Samples::default());
    bench.each_run(|| {
        let page = Ours::start(&bench.url())?;
        page.open(&file, PATIENCE)?;
        let here = page.verify(PATIENCE)?.shown;
        check(&page, &file)?;
        let there = digest::inflated(&file)?;
        ours.add(here);
        theirs.add(there);
        Ok(format!("{here:.2} s against {there:.2} s"))
    })?;
    let line = Measure::alone(ROW.id, "8 arrays of 128 MiB", Unit::Seconds, ours, Target::Speed(0.8));
    Ok(vec![line.against("unzip -p | sha256sum", theirs)])
}

/// The digest is right, and nothing is wrong with a member.
fn check(page: &Ours, file: &Path) -> Result {
    let report = page.report()?;
    let (_, digest) = digest::sum(file)?;
    let entries = report["integrity"]["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    if !entries.iter().any(|entry| entry["actual"] == digest.as_str()) {
        return Err(format!("the report has not the digest {digest}: {entries:?}"));
    }
    match report["findings"].as_array().map(Vec::as_slice) {
        Some([]) => Ok(()),
        findings => Err(format!("there are findings: {findings:?}")),
    }
}
