//! Opening headers of very many tensors, and scrolling through the list.

use super::{Bench, Row, warm};
use crate::browser::{Ours, Theirs, elements, scroll_through};
use crate::data::{EXPERTS, MORE_EXPERTS};
use crate::result::{Measure, Samples, Target, Unit};
use crate::rival::python;
use std::path::Path;
use std::time::Duration;
use xtask::process::Result;

/// The row.
pub const ROW: Row = Row {
    id: "many-tensors",
    about: "safetensors headers of 49,152 and 100,000 tensors, to the list on screen, and through it",
    measure,
};

// Netron is given twice the time it takes on a slow machine.
const PATIENCE: Duration = Duration::from_secs(90);

#[derive(Default)]
struct Here {
    seconds: Samples,
    elements: Samples,
    longest_task: Samples,
    longest_frame: Samples,
}

#[derive(Default)]
struct There {
    seconds: Samples,
    elements: Samples,
    warned: Samples,
}

fn measure(bench: &Bench) -> Result<Vec<Measure>> {
    let (file, longer) = (EXPERTS.path()?, MORE_EXPERTS.path()?);
    warm(&file)?;
    warm(&longer)?;
    let (mut here, mut more) = (Here::default(), Here::default());
    let (mut netron, mut python) = (There::default(), Samples::default());
    bench.each_run(|| {
        open_here(bench, &file, &mut here)?;
        open_here(bench, &longer, &mut more)?;
        python.add(python::seconds("safetensors_names.py", &file.to_string_lossy(), 49_152)?);
        open_there(bench, &file, &mut netron)?;
        Ok(format!("{} against {}", here.seconds.last(Unit::Seconds), netron.seconds.last(Unit::Seconds)))
    })?;
    let rival = netron.about();
    let mut lines = vec![
        line("49,152 listed", Unit::Seconds, here.seconds.clone(), Target::AtMost(0.3)).against(rival, netron.seconds),
        line("49,152 listed", Unit::Seconds, here.seconds.clone(), Target::None).against("safe_open + keys()", python),
        line("49,152, elements", Unit::Count, here.elements.clone(), Target::AtMost(2000.0))
            .against("Netron", netron.elements),
    ];
    lines.extend(here.scrolled("49,152"));
    lines.push(line("100,000 listed", Unit::Seconds, more.seconds.clone(), Target::None));
    lines.push(line("100,000, elements", Unit::Count, more.elements.clone(), Target::AtMost(2000.0)));
    lines.extend(more.scrolled("100,000"));
    Ok(lines)
}

fn line(what: &str, unit: Unit, samples: Samples, target: Target) -> Measure {
    Measure::alone(ROW.id, what, unit, samples, target)
}

impl Here {
    fn scrolled(self, count: &str) -> [Measure; 2] {
        let line = |what: &str, samples, target| line(&format!("{count}, {what}"), Unit::Seconds, samples, target);
        [
            // Browsers report tasks of 50 ms and more: 0 is "none".
            line("longest task in scrolling", self.longest_task, Target::AtMost(0.05)),
            line("longest frame in scrolling", self.longest_frame, Target::None),
        ]
    }
}

impl There {
    fn about(&self) -> String {
        match self.warned.median() {
            Some(seconds) => format!("Netron, with a warning after {seconds:.1} s"),
            None => "Netron".to_owned(),
        }
    }
}

fn open_here(bench: &Bench, file: &Path, side: &mut Here) -> Result {
    let page = Ours::start(&bench.url())?;
    side.seconds.add(page.open(file, PATIENCE)?.rows.shown);
    side.elements.add(elements(page.driver())?);
    let scroll = scroll_through(page.driver())?;
    side.longest_task.add(scroll.longest_task);
    side.longest_frame.add(scroll.longest_frame);
    Ok(())
}

fn open_there(bench: &Bench, file: &Path, side: &mut There) -> Result {
    let page = Theirs::start(bench.netron()?)?;
    let outcome = page.open(file, PATIENCE)?;
    // What never comes counts as what was waited for it.
    side.seconds.add(outcome.graph.map_or(PATIENCE.as_secs_f64(), |times| times.shown));
    side.elements.add(elements(page.driver())?);
    if let Some(times) = outcome.warning {
        side.warned.add(times.shown);
    }
    Ok(())
}
