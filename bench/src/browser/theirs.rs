//! Netron's page, timed as ours is: from its own file input to its graph.

use super::stopwatch::{Event, Stopwatch, Times};
use super::usable::usable;
use crate::rival::netron::Netron;
use e2e::driver::Driver;
use std::path::Path;
use std::time::Duration;
use xtask::process::Result;

const INPUT: &str = "#open-file-dialog";
const CHANGE: Event = Event { name: "change", on: INPUT };
// It says everything with the class of the body; watching a million new elements would only slow it down.
const BODY: &str = "document.body, { attributes: true }";
const SAYS: &str = "const says = () => document.getElementById('message-text').textContent !== '';";
const GRAPH: (&str, &str) = ("graph", "document.body.classList.contains('default')");
const WARNING: (&str, &str) = ("warning", "document.body.classList.contains('notification') && says()");
const ALERT: (&str, &str) = ("alert", "document.body.classList.contains('alert')");
const IDLE: &str =
    "document.body?.classList.contains('welcome') === true && !document.body.classList.contains('spinner')";

const MESSAGE: &str = "return document.getElementById('message-text').textContent";

/// The loaded page in a browser of its own.
pub struct Theirs {
    driver: Driver,
    /// Seconds from the address to the page that waits for a file.
    pub usable: f64,
}

/// What opening led to.
pub struct Outcome {
    /// From choosing the file to its graph, if that came in time.
    pub graph: Option<Times>,
    /// From choosing the file to the warning that it may take very long, if there was one.
    pub warning: Option<Times>,
}

impl Theirs {
    /// Starts a browser and waits until the page is idle.
    pub fn start(netron: &Netron) -> Result<Theirs> {
        let driver = super::start()?;
        // Its question about cookies would stand before the page.
        driver.go(&format!("{}favicon.ico", netron.url()))?;
        driver.run("document.cookie = 'consent=1;path=/'", &[])?;
        let usable = usable(&driver, &netron.url(), IDLE)?;
        std::thread::sleep(super::ours::HESITATION);
        Ok(Theirs { driver, usable })
    }

    /// The browser.
    pub fn driver(&self) -> &Driver {
        &self.driver
    }

    /// Opens a file, and gives up after a while.
    pub fn open(&self, file: &Path, patience: Duration) -> Result<Outcome> {
        let watch = Stopwatch::arm(&self.driver, CHANGE, SAYS, &[GRAPH, WARNING, ALERT], BODY)?;
        self.driver.find(INPUT)?.choose(&[file])?;
        let end = watch.first(&["graph", "alert"], patience);
        match end {
            Ok(("alert", _)) => Err(format!("Netron says {}", self.driver.run(MESSAGE, &[])?)),
            Ok((_, times)) => Ok(Outcome { graph: Some(times), warning: watch.now("warning")? }),
            Err(_) => Ok(Outcome { graph: None, warning: watch.now("warning")? }),
        }
    }
}
