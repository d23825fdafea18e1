//! Opening what lies behind an address on this machine: from the address to the tensors on screen.

use super::{Bench, Row, warm};
use crate::browser::Ours;
use crate::data::{Input, LARGE, SHARDS_ZIP};
use crate::result::{Measure, Samples, Target, Unit};
use crate::rival::python;
use serde_json::Value;
use std::time::Duration;
use xtask::process::Result;
use xtask::serve::{Options, Server};

/// The row.
pub const ROW: Row = Row {
    id: "open-remote",
    about: "3 GB of safetensors and a zip of 2 GB behind HTTP, to the list on screen",
    measure,
};

const PATIENCE: Duration = Duration::from_secs(60);
/// Where the Hub's client looks for a file.
const FOLDER: &str = "/org/name/resolve/main";

/// One file, and what opening it took.
struct Side {
    input: &'static Input,
    tensors: u64,
    rival: &'static str,
    ask: fn(&Server, &str) -> Result<Value>,
    ours: Samples,
    read: Samples,
    theirs: Samples,
}

impl Side {
    fn new(input: &'static Input, tensors: u64, rival: &'static str, ask: fn(&Server, &str) -> Result<Value>) -> Side {
        Side {
            input,
            tensors,
            rival,
            ask,
            ours: Samples::default(),
            read: Samples::default(),
            theirs: Samples::default(),
        }
    }

    fn take(&mut self, bench: &Bench) -> Result<String> {
        let file = self.input.path()?;
        let folder = file.parent().ok_or("the input has no folder")?.to_owned();
        let options = Options { more: vec![(FOLDER.to_owned(), folder)], cors: true, ..Options::new(&bench.site) };
        let server = Server::start(options).map_err(|cause| format!("the files' server: {cause}"))?;
        let page = Ours::start(&bench.url())?;
        let address = format!("{}{}/{}", server.url().trim_end_matches('/'), FOLDER, self.input.name);
        let opened = page.open_address(&address, PATIENCE)?;
        let listed = page.report()?["tensors"].as_array().map_or(0, Vec::len);
        if listed as u64 != self.tensors {
            return Err(format!("the report lists {listed} tensors of {}", self.tensors));
        }
        let sent: u64 = server.seen().iter().map(|seen| seen.sent).sum();
        let said = (self.ask)(&server, &address)?;
        if said["count"].as_u64() != Some(self.tensors) {
            return Err(format!("{} counted {}", self.rival, said["count"]));
        }
        self.ours.add(opened.rows.shown);
        self.read.add(sent as f64);
        self.theirs.add(said["program"].as_f64().ok_or("the rival has no time")?);
        let shown = |samples: &Samples| samples.last(Unit::Seconds);
        Ok(format!("{} against {} ({} once it runs)", shown(&self.ours), shown(&self.theirs), said["seconds"]))
    }

    fn measures(self) -> [Measure; 2] {
        let line = |what: String, unit, samples, target| Measure::alone(ROW.id, what, unit, samples, target);
        [
            line(self.input.name.to_owned(), Unit::Seconds, self.ours, Target::Share(1.5))
                .against(self.rival, self.theirs),
            line(format!("{}, bytes read", self.input.name), Unit::Bytes, self.read, Target::AtMost(2e6)),
        ]
    }
}

fn measure(bench: &Bench) -> Result<Vec<Measure>> {
    let hub =
        |server: &Server, _: &str| python::run("hub_header.py", &[server.url().trim_end_matches('/'), LARGE.name]);
    let zip = |_: &Server, address: &str| python::run("remote_zip.py", &[address]);
    let mut sides = [
        Side::new(&LARGE, 291, "huggingface_hub, the program", hub),
        Side::new(&SHARDS_ZIP, 8, "zipfile (remotezip), the program", zip),
    ];
    for side in &sides {
        warm(&side.input.path()?)?;
    }
    bench.each_run(|| {
        let told: Vec<String> = sides.iter_mut().map(|side| side.take(bench)).collect::<Result<_>>()?;
        Ok(told.join("; "))
    })?;
    Ok(sides.into_iter().flat_map(Side::measures).collect())
}
