//! What a first visit downloads, and how soon the page can be used.

use super::{Bench, Row};
use crate::browser::{Ours, Theirs};
use crate::result::{Measure, Samples, Target, Unit};
use crate::rival::netron::Netron;
use serde_json::Value;
use xtask::process::Result;
use xtask::{dist, sizes};

/// The row.
pub const ROW: Row =
    Row { id: "first-load", about: "what a first visit downloads, and how soon the page can be used", measure };

fn measure(bench: &Bench) -> Result<Vec<Measure>> {
    let (mut ours, mut theirs, mut bytes) = (Samples::default(), Samples::default(), Samples::default());
    bench.each_run(|| {
        ours.add(Ours::start(&bench.url())?.usable);
        let page = Theirs::start(bench.netron()?)?;
        theirs.add(page.usable);
        bytes.add(start_bytes(&page)?);
        Ok(format!("usable after {} against {}", ours.last(Unit::Seconds), theirs.last(Unit::Seconds)))
    })?;
    let mut lines = vec![
        Measure::alone(ROW.id, "usable, from this machine", Unit::Seconds, ours, Target::None)
            .against("Netron", theirs),
    ];
    for part in sizes::measure(&dist::read(&bench.site)?, &bench.site)? {
        let target = Target::AtMost(part.budget as f64);
        let samples = Samples(vec![part.packed as f64]);
        let line = Measure::alone(ROW.id, format!("{}, brotli", part.name), Unit::Bytes, samples, target);
        let is_page = part.name == "page";
        lines.push(if is_page { line.against("Netron's start page", bytes.clone()) } else { line });
    }
    Ok(lines)
}

/// The files that Netron's start page asks for, as brotli.
fn start_bytes(page: &Theirs) -> Result<f64> {
    // It also calls an analytics host.
    const PATHS: &str = "return performance.getEntriesByType('resource').map((entry) => new URL(entry.name)) \
                         .filter((url) => url.origin === location.origin).map((url) => url.pathname)";
    let paths = page.driver().run(PATHS, &[])?;
    let paths = paths.as_array().map(Vec::as_slice).unwrap_or_default().iter().filter_map(Value::as_str);
    let mut files: Vec<String> = paths.map(|path| path.trim_start_matches('/').to_owned()).collect();
    files.push("index.html".into());
    files.sort();
    files.dedup();
    let bytes = sizes::brotli(&Netron::folder()?, &files)?;
    Ok(bytes as f64)
}
