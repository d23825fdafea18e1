//! The SHA-256 of one file of 3 GB.

use super::{Bench, Row, warm};
use crate::browser::Ours;
use crate::data::LARGE;
use crate::result::{Measure, Samples, Target, Unit};
use crate::rival::digest;
use serde_json::Value;
use std::time::Duration;
use xtask::process::Result;

/// The row.
pub const ROW: Row = Row { id: "hash-one", about: "the SHA-256 of one file of 3 GB", measure };

const PATIENCE: Duration = Duration::from_secs(300);

fn measure(bench: &Bench) -> Result<Vec<Measure>> {
    let file = LARGE.path()?;
    warm(&file)?;
    let (mut ours, mut theirs) = (Samples::default(), Samples::default());
    bench.each_run(|| {
        let page = Ours::start(&bench.url())?;
        page.open(&file, PATIENCE)?;
        let here = page.verify(PATIENCE)?.shown;
        let report = page.report()?;
        let (there, digest) = digest::sum(&file)?;
        if !mentions(&report, &digest) {
            return Err(format!("the report does not have the digest {digest}"));
        }
        ours.add(here);
        theirs.add(there);
        Ok(format!("{here:.2} s against {there:.2} s"))
    })?;
    Ok(vec![Measure::alone(ROW.id, "3 GB", Unit::Seconds, ours, Target::Speed(0.85)).against("sha256sum", theirs)])
}

/// Whether a digest is anywhere in the part of the report that is about integrity, or beside the file.
fn mentions(report: &Value, digest: &str) -> bool {
    match report {
        Value::String(text) => text.ends_with(digest),
        Value::Array(items) => items.iter().any(|item| mentions(item, digest)),
        Value::Object(items) => items.values().any(|item| mentions(item, digest)),
        _ => false,
    }
}
