//! A stopwatch inside the page: from an event to what it leads to.

use e2e::driver::Driver;
use e2e::wait;
use serde_json::{Value, json};
use std::time::Duration;
use xtask::process::Result;

const SCRIPT: &str = include_str!("stopwatch.js");

/// What starts the clock.
#[derive(Clone, Copy)]
pub struct Event {
    /// The event's name.
    pub name: &'static str,
    /// A selector that the event's target, or an element around it, matches.
    pub on: &'static str,
}

/// Seconds since the event.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// When the document had it.
    pub seen: f64,
    /// When a frame had shown it.
    pub shown: f64,
}

/// An armed stopwatch.
pub struct Stopwatch<'a> {
    driver: &'a Driver,
}

impl<'a> Stopwatch<'a> {
    /// Puts the stopwatch into the page. A condition is a name and a JavaScript expression; `before` is JavaScript to run
    /// now, `observed` the arguments of `MutationObserver.observe`.
    pub fn arm(
        driver: &'a Driver,
        event: Event,
        before: &str,
        conditions: &[(&str, &str)],
        observed: &str,
    ) -> Result<Stopwatch<'a>> {
        let conditions: String = conditions.iter().map(|(name, holds)| format!("{name}: () => {holds},\n")).collect();
        let script =
            format!("{before}\nconst conditions = {{\n{conditions}}};\nconst observed = [{observed}];\n{SCRIPT}");
        driver.run(&script, &[json!(event.name), json!(event.on)])?;
        Ok(Stopwatch { driver })
    }

    /// Waits until one of the conditions has been shown; answers with its name and times.
    pub fn first(&self, names: &[&'static str], patience: Duration) -> Result<(&'static str, Times)> {
        wait::until_within(patience, &names.join(" or "), || {
            let now = self.driver.run("const { start, seen, shown } = benchWatch; return { seen, shown }", &[])?;
            Ok(names.iter().find_map(|&name| Some((name, times(&now, name)?))))
        })
    }

    /// Waits until a condition has been shown.
    pub fn until(&self, name: &'static str, patience: Duration) -> Result<Times> {
        self.first(&[name], patience).map(|(_, times)| times)
    }

    /// The times of a condition if it has held by now.
    pub fn now(&self, name: &str) -> Result<Option<Times>> {
        let now = self.driver.run("const { seen, shown } = benchWatch; return { seen, shown }", &[])?;
        Ok(times(&now, name))
    }
}

fn times(watch: &Value, name: &str) -> Option<Times> {
    let seconds = |key: &str| Some(watch.get(key)?.get(name)?.as_f64()? / 1e3);
    Some(Times { seen: seconds("seen")?, shown: seconds("shown")? })
}
