//! Opening an npz of 100,000 arrays: their names on screen, then every header read.

use super::{Bench, Row, warm};
use crate::browser::Ours;
use crate::data::ARCHIVE;
use crate::result::{Measure, Samples, Target, Unit};
use crate::rival::python;
use std::time::Duration;
use xtask::process::Result;

/// The row.
pub const ROW: Row =
    Row { id: "many-arrays", about: "an npz of 100,000 arrays, to the list on screen, to every header", measure };

const ARRAYS: u64 = 100_000;
const PATIENCE: Duration = Duration::from_secs(60);

fn measure(bench: &Bench) -> Result<Vec<Measure>> {
    let file = ARCHIVE.path()?;
    warm(&file)?;
    let path = file.to_string_lossy();
    let (mut rows, mut headers) = (Samples::default(), Samples::default());
    let (mut their_names, mut their_headers) = (Samples::default(), Samples::default());
    bench.each_run(|| {
        let page = Ours::start(&bench.url())?;
        let opened = page.open(&file, PATIENCE)?;
        check(&page)?;
        rows.add(opened.rows.shown);
        headers.add(opened.ready.seen);
        their_names.add(python::seconds("npz_names.py", &path, ARRAYS)?);
        their_headers.add(python::seconds("npz_headers.py", &path, ARRAYS)?);
        Ok(format!("names {}, headers {}", rows.last(Unit::Seconds), headers.last(Unit::Seconds)))
    })?;
    Ok(vec![
        Measure::alone(ROW.id, "names on screen", Unit::Seconds, rows, Target::Share(1.0))
            .against("np.load(…).files", their_names),
        Measure::alone(ROW.id, "every header read", Unit::Seconds, headers, Target::Share(0.3))
            .against("Python zipfile + numpy.lib.format", their_headers),
    ])
}

/// Every array is there with its type: the headers have been read.
fn check(page: &Ours) -> Result {
    let report = page.report()?;
    let tensors = report["tensors"].as_array().map(Vec::as_slice).unwrap_or_default();
    let read = tensors.iter().filter(|tensor| tensor["dtype"] == "F32" && tensor["shape"][0] == 256).count();
    if read as u64 == ARRAYS { Ok(()) } else { Err(format!("the report knows {read} of {ARRAYS} arrays")) }
}
