//! Where the figures were taken: they mean little without it.

use crate::rival::python;
use std::{fs, thread};
use xtask::process::{capture, with_args};
use xtask::tool;

/// Known before the first measurement.
pub fn before() -> Vec<(&'static str, String)> {
    let cores = thread::available_parallelism().map_or(0, std::num::NonZero::get);
    let browser = tool::chromium().and_then(|path| capture(&mut with_args(&path.to_string_lossy(), ["--version"])));
    vec![
        ("machine", format!("{cores} cores, {}", processor())),
        ("load before", load()),
        ("browser", browser.unwrap_or_default()),
        ("rivals", python::versions().join(", ")),
    ]
}

/// Known after the last.
pub fn after() -> Vec<(&'static str, String)> {
    vec![("load after", load())]
}

/// The load averages; a figure above the measurement's own work says that others were at work too.
fn load() -> String {
    let text = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}

fn processor() -> String {
    let text = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    name.map_or_else(|| "unknown processor".to_owned(), |(_, name)| name.to_owned())
}
