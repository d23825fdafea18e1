//! `cargo xtask bench`: the built site in a real browser, beside other tools, on the same files, in the same run.
//!
//! Absolute times say little on a shared machine, so every figure stands beside a rival's, taken in turn with ours, and
//! each is the median of several runs. How the times are taken:
//!
//! - **Files** are real bytes on disk, read once before the clock starts: both sides read from the page cache.
//! - **A browser figure** gets a fresh browser with a fresh profile, the page loaded and idle. A script put into the page
//!   notes when the event arrives that starts the work (`change` of the page's own file input, or a click) and when a
//!   `MutationObserver` sees what is waited for; a time "on screen" ends with the frame that shows it. WebDriver's own
//!   time is in none of them. Netron is timed the same way, from its own file input to its graph.
//! - **A Python figure** is taken inside a running interpreter with everything imported, once a process.
//! - **A command's figure** is its wall time.
//! - **Memory** is V8's heap with the buffers and wasm memories outside it, of the page and all its workers, asked for
//!   over the DevTools protocol after the clock has stopped, without collecting garbage first.

mod args;
mod browser;
mod data;
mod result;
mod rival;
mod rows;
mod setting;

use result::Results;
use rows::{Bench, ROWS, Row};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};
use xtask::process::{Result, root, say};

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    match run(&words) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

/// A folder of ours beside the build's.
fn folder(name: &str) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    root().join(target).join(name)
}

fn run(words: &[String]) -> Result<bool> {
    let args = args::parse(words)?;
    if args.help {
        print!("{}", args::HELP);
        return Ok(true);
    }
    let rows = chosen(&args.only)?;
    let bench = Bench::start(args.runs, args.build)?;
    let results = measure(&rows, &bench);
    result::print(&results);
    if let Some(path) = &args.json {
        write(path, &results, args.runs)?;
    }
    if args.clean {
        clean()?;
    }
    let missed = results.missed();
    if args.check && missed > 0 {
        return Err(format!("{missed} targets were missed"));
    }
    Ok(results.failures.is_empty())
}

fn chosen(only: &[String]) -> Result<Vec<&'static Row>> {
    if let Some(unknown) = only.iter().find(|id| ROWS.iter().all(|row| row.id != id.as_str())) {
        let ids: Vec<&str> = ROWS.iter().map(|row| row.id).collect();
        return Err(format!("there is no row {unknown}; there are {}", ids.join(", ")));
    }
    Ok(ROWS.iter().filter(|row| only.is_empty() || only.iter().any(|id| id == row.id)).collect())
}

fn measure(rows: &[&'static Row], bench: &Bench) -> Results {
    let mut results = Results { setting: setting::before(), measures: Vec::new(), failures: Vec::new() };
    for row in rows {
        say(row.id, row.about);
        match (row.measure)(bench) {
            Ok(measures) => results.measures.extend(measures),
            Err(sentence) => {
                say(row.id, &sentence);
                results.failures.push((row.id, sentence));
            }
        }
    }
    results.setting.extend(setting::after());
    results
}

fn write(path: &Path, results: &Results, runs: usize) -> Result {
    let text = format!("{:#}\n", result::json(results, runs));
    fs::write(path, text).map_err(|cause| format!("{}: {cause}", path.display()))
}

fn clean() -> Result {
    for name in ["bench-data", "bench-venv"] {
        let folder = folder(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|cause| format!("{}: {cause}", folder.display()))?;
        }
    }
    Ok(())
}
