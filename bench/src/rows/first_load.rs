//! What a first visit downloads.

use super::{Bench, Row};
use crate::browser::Theirs;
use crate::result::{Measure, Samples, Target, Unit};
use crate::rival::netron::Netron;
use serde_json::Value;
use xtask::process::Result;
use xtask::{dist, sizes};

/// The row.
pub const ROW: Row = Row { id: "first-load", about: "what a first visit downloads, as brotli", measure };

fn measure(bench: &Bench) -> Result<Vec<Measure>> {
    let theirs = start_bytes(bench)?;
    let parts = sizes::measure(&dist::read(&bench.site)?, &bench.site)?;
    let lines = parts.into_iter().map(|part| {
        let target = Target::AtMost(part.budget as f64);
        let samples = Samples(vec![part.packed as f64]);
        let line = Measure::alone(ROW.id, format!("{}, brotli", part.name), Unit::Bytes, samples, target);
        if part.name == "page" { line.against("Netron's start page", Samples(vec![theirs])) } else { line }
    });
    Ok(lines.collect())
}

/// The files that Netron's start page asks for, as brotli.
fn start_bytes(bench: &Bench) -> Result<f64> {
    // It also calls an analytics host.
    const PATHS: &str = "return performance.getEntriesByType('resource').map((entry) => new URL(entry.name)) \
                         .filter((url) => url.origin === location.origin).map((url) => url.pathname)";
    let page = Theirs::start(bench.netron()?)?;
    let paths = page.driver().run(PATHS, &[])?;
    let paths = paths.as_array().map(Vec::as_slice).unwrap_or_default().iter().filter_map(Value::as_str);
    let mut files: Vec<String> = paths.map(|path| path.trim_start_matches('/').to_owned()).collect();
    files.push("index.html".into());
    files.sort();
    files.dedup();
    let bytes = sizes::brotli(&Netron::folder()?, &files)?;
    Ok(bytes as f64)
}
