//! Our page: what is done to it, with the clock running.

use super::stopwatch::{Event, Stopwatch, Times};
use super::usable::usable;
use e2e::driver::Driver;
use e2e::page::{Page, id};
use serde_json::Value;
use std::path::Path;
use std::time::Duration;
use xtask::process::Result;

/// The selector of a row in the list of tensors.
pub const ROW: &str = "[data-testid=\"tensor-row\"]";

const BEFORE: &str = "
const byId = (name) => document.querySelector(`[data-testid=\"${name}\"]`);
const jobs = () => Number(byId('ready')?.dataset.jobs ?? -1);
const jobsBefore = jobs();
let asked = false;
const rows = () => {
  if (byId('tensor-row')) return true;
  // The way to the list is part of the time.
  if (!asked && byId('nav-tensors')) { asked = true; byId('nav-tensors').click(); }
  return false;
};";
const ROWS: (&str, &str) = ("rows", "rows()");
// A job may be running when this starts; then any `ready` is its end.
const READY: (&str, &str) = ("ready", "jobs() > jobsBefore");
const GO: Event = Event { name: "click", on: "[data-testid=\"open-url-go\"]" };
const STATISTICS: (&str, &str) = ("statistics", "byId('tensor-stat') !== null");
const HISTOGRAM: (&str, &str) = ("histogram", "document.querySelector('[data-testid=tensor-view] .segments') !== null");
const STATISTICS_START: Event = Event { name: "click", on: "[data-testid=\"tensor-statistics-start\"]" };
const EVERYTHING: &str = "document, { subtree: true, childList: true, attributes: true, characterData: true }";
const STRUCTURE: (&str, &str) = ("structure", "byId('structure-row') !== null");
const COMPARE: Event = Event { name: "click", on: "[data-testid=\"compare-start\"]" };
const VERIFY: Event = Event { name: "click", on: "[data-testid=\"verify-start\"]" };
const CANCEL: Event = Event { name: "click", on: "[data-testid=\"job-cancel\"]" };
const INPUT_IS_THERE: &str = "document.querySelector('[data-testid=\"open-files\"]') !== null";
const CHANGE: Event = Event { name: "change", on: "input[type=file]" };

/// Nobody chooses a file, or asks for more, sooner; meanwhile a page fetches and starts what it did not need to be usable.
pub const HESITATION: Duration = Duration::from_secs(1);

/// The loaded page in a browser of its own.
pub struct Ours {
    driver: Driver,
    site: String,
    /// Seconds from the address to the page that waits for a file.
    pub usable: f64,
}

/// What looking at all elements of a tensor took.
pub struct Examined {
    /// From the click to the statistics.
    pub numbers: Times,
    /// From the click to the histogram.
    pub histogram: Times,
}

/// What comparing took.
pub struct Compared {
    /// From the click to what differs in names, shapes and types.
    pub structure: Times,
    /// From the click to the end of all work.
    pub all: Times,
}

/// What opening took.
pub struct Opened {
    /// From choosing the file to the first rows of the list.
    pub rows: Times,
    /// From choosing the file to the end of all work.
    pub ready: Times,
}

impl Ours {
    /// Starts a browser and waits until the page is idle.
    pub fn start(site: &str) -> Result<Ours> {
        let driver = super::start()?;
        let usable = usable(&driver, site, INPUT_IS_THERE)?;
        let ours = Ours { driver, site: site.to_owned(), usable };
        ours.page().jobs()?;
        std::thread::sleep(HESITATION);
        Ok(ours)
    }

    /// The browser.
    pub fn driver(&self) -> &Driver {
        &self.driver
    }

    /// The page for acts whose time is not taken.
    pub fn page(&self) -> Page<'_> {
        Page { driver: &self.driver, site: self.site.clone() }
    }

    /// Opens a file and goes to its tensors.
    pub fn open(&self, file: &Path, patience: Duration) -> Result<Opened> {
        let watch = Stopwatch::arm(&self.driver, CHANGE, BEFORE, &[ROWS, READY], EVERYTHING)?;
        self.driver.find(&id("open-files"))?.choose(&[file])?;
        let rows = watch.until("rows", patience)?;
        let ready = watch.until("ready", patience)?;
        Ok(Opened { rows, ready })
    }

    /// Opens an address and goes to its tensors.
    pub fn open_address(&self, address: &str, patience: Duration) -> Result<Opened> {
        self.page().fill("open-url", address)?;
        let watch = Stopwatch::arm(&self.driver, GO, BEFORE, &[ROWS, READY], EVERYTHING)?;
        self.page().click("open-url-go")?;
        let rows = watch.until("rows", patience)?;
        let ready = watch.until("ready", patience)?;
        Ok(Opened { rows, ready })
    }

    /// Verifies what is open, from the click to the verdict.
    pub fn verify(&self, patience: Duration) -> Result<Times> {
        self.page().go("integrity")?;
        let watch = self.watch_idle(VERIFY)?;
        self.page().click("verify-start")?;
        watch.until("ready", patience)
    }

    /// Stops what is being worked on, from the click to the end of it.
    pub fn cancel(&self, patience: Duration) -> Result<Times> {
        let watch = self.watch_idle(CANCEL)?;
        self.page().click("job-cancel")?;
        watch.until("ready", patience)
    }

    /// Opens the one tensor that is listed and computes its statistics.
    pub fn statistics(&self, patience: Duration) -> Result<Examined> {
        self.driver.run("document.querySelector(arguments[0]).click()", &[ROW.into()])?;
        self.driver.find(&id("tensor-statistics-start"))?;
        // As NumPy's time is that of an interpreter that runs.
        std::thread::sleep(HESITATION);
        let conditions = [STATISTICS, HISTOGRAM];
        let watch = Stopwatch::arm(&self.driver, STATISTICS_START, BEFORE, &conditions, EVERYTHING)?;
        self.page().click("tensor-statistics-start")?;
        let numbers = watch.until("statistics", patience)?;
        let histogram = watch.until("histogram", patience)?;
        Ok(Examined { numbers, histogram })
    }

    /// Finds out what a checkpoint that is open holds; the time is not taken.
    pub fn identify(&self, name: &str, patience: Duration) -> Result {
        let page = self.page();
        page.select(name)?;
        page.go("integrity")?;
        page.work_within(patience, || page.click("identity-start"))
    }

    /// Compares two checkpoints that are open, from the click to the end of all work.
    pub fn compare(&self, a: &str, b: &str, patience: Duration) -> Result<Times> {
        self.start_comparing(a, b, &[READY])?.until("ready", patience)
    }

    /// From the click to the first tensors that differ in name, shape or type, and to the end of all work.
    pub fn compare_both(&self, a: &str, b: &str, patience: Duration) -> Result<Compared> {
        let watch = self.start_comparing(a, b, &[STRUCTURE, READY])?;
        let structure = watch.until("structure", patience)?;
        Ok(Compared { structure, all: watch.until("ready", patience)? })
    }

    fn start_comparing(&self, a: &str, b: &str, what: &[(&'static str, &'static str)]) -> Result<Stopwatch<'_>> {
        let page = self.page();
        page.go("compare")?;
        page.choose("compare-a", a)?;
        page.choose("compare-b", b)?;
        std::thread::sleep(HESITATION);
        let watch = Stopwatch::arm(&self.driver, COMPARE, BEFORE, what, EVERYTHING)?;
        page.click("compare-start")?;
        Ok(watch)
    }

    /// A number among the statistics on screen, in full.
    pub fn statistic(&self, name: &str) -> Result<f64> {
        const READ: &str =
            "return Number(document.querySelector(`[data-testid=tensor-stat][data-name='${arguments[0]}']`).title)";
        let number = self.driver.run(READ, &[name.into()])?;
        number.as_f64().ok_or_else(|| format!("{name} is {number}"))
    }

    fn watch_idle(&self, event: Event) -> Result<Stopwatch<'_>> {
        Stopwatch::arm(&self.driver, event, BEFORE, &[READY], EVERYTHING)
    }

    /// The exported report.
    pub fn report(&self) -> Result<Value> {
        self.page().report()
    }
}
