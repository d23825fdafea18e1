//! Opening a file of 3 GB: from choosing it to its tensors on screen.

use super::{Bench, Row, warm};
use crate::browser::{Ours, Theirs, heap_bytes};
use crate::data::LARGE;
use crate::result::{Measure, Samples, Target, Unit};
use std::path::Path;
use std::time::Duration;
use xtask::process::Result;

/// The row.
pub const ROW: Row =
    Row { id: "open-large", about: "a safetensors file of 3 GB and 291 tensors, to the list on screen", measure };

const TENSORS: u64 = 291;
const PATIENCE: Duration = Duration::from_secs(180);

#[derive(Default)]
struct Side {
    seconds: Samples,
    heap: Samples,
    bytes_read: Samples,
}

fn measure(bench: &Bench) -> Result<Vec<Measure>> {
    let file = LARGE.path()?;
    warm(&file)?;
    let (mut ours, mut theirs) = (Side::default(), Side::default());
    bench.each_run(|| {
        open_here(bench, &file, &mut ours)?;
        open_there(bench, &file, &mut theirs)?;
        Ok(format!("{} against {}", ours.seconds.last(Unit::Seconds), theirs.seconds.last(Unit::Seconds)))
    })?;
    let line = |what: &str, unit, samples, target| Measure::alone(ROW.id, what, unit, samples, target);
    Ok(vec![
        line("tensors on screen", Unit::Seconds, ours.seconds, Target::Speed(50.0)).against("Netron", theirs.seconds),
        line("heap, buffers, wasm", Unit::Bytes, ours.heap, Target::AtMost(60e6)).against("Netron", theirs.heap),
        line("bytes read", Unit::Bytes, ours.bytes_read, Target::AtMost(1e6))
            .against("Netron reads all of it", Samples::default()),
    ])
}

fn open_here(bench: &Bench, file: &Path, side: &mut Side) -> Result {
    let page = Ours::start(&bench.url())?;
    side.seconds.add(page.open(file, PATIENCE)?.rows.shown);
    side.heap.add(heap_bytes(page.driver())?);
    let report = page.report()?;
    let listed = report["tensors"].as_array().map_or(0, Vec::len);
    if listed as u64 != TENSORS {
        return Err(format!("the report lists {listed} tensors of {TENSORS}"));
    }
    let read = report["sources"][0]["bytes_read"].as_f64().ok_or("the report does not say how much was read")?;
    side.bytes_read.add(read);
    Ok(())
}

fn open_there(bench: &Bench, file: &Path, side: &mut Side) -> Result {
    let page = Theirs::start(bench.netron()?)?;
    let opened = page.open(file, PATIENCE)?;
    side.seconds.add(opened.graph.ok_or("Netron showed no graph")?.shown);
    side.heap.add(heap_bytes(page.driver())?);
    Ok(())
}
