//! `cargo xtask test`: every check and every test, in order, each with a line in the summary.
//!
//! A failing step does not stop the others, so that one run tells everything; it fails the whole at the end. The
//! output of the test runners is shown as it comes, and the last line is the total over all of them.

mod steps;
mod tally;

use crate::process::{Result, say};
use crate::setup;
use std::time::{Duration, Instant};
use steps::{STEPS, Step};
use tally::Tally;

/// The command.
pub fn command(args: &[String]) -> Result {
    let chosen = choose(args)?;
    let mut total = Tally::default();
    let mut outcomes: Vec<Outcome> = Vec::new();
    for step in chosen {
        let unmet = step.after.filter(|name| outcomes.iter().any(|done| done.name == *name && done.verdict.is_err()));
        let outcome = match unmet {
            Some(name) => Outcome { verdict: Err(format!("not run, since {name} failed")), ..Outcome::of(step) },
            None => attempt(step),
        };
        total.add(&outcome.tally);
        outcomes.push(outcome);
    }
    summarise(&outcomes, &total)
}

fn choose(args: &[String]) -> Result<Vec<&'static Step>> {
    match args {
        [] => Ok(STEPS.iter().collect()),
        [flag] if flag == "--quick" => Ok(STEPS.iter().filter(|step| step.quick).collect()),
        [flag, names @ ..] if flag == "--only" && !names.is_empty() => names.iter().map(|name| named(name)).collect(),
        _ => Err("test takes nothing, --quick, or --only and the names of steps".into()),
    }
}

fn named(name: &str) -> Result<&'static Step> {
    let names = || STEPS.iter().map(|step| step.name).collect::<Vec<_>>().join(", ");
    STEPS
        .iter()
        .find(|step| step.name == name)
        .ok_or_else(|| format!("there is no step {name}; there are: {}", names()))
}

struct Outcome {
    name: &'static str,
    verdict: Result,
    tally: Tally,
    took: Duration,
}

impl Outcome {
    fn of(step: &Step) -> Outcome {
        Outcome { name: step.name, verdict: Ok(()), tally: Tally::default(), took: Duration::ZERO }
    }
}

fn attempt(step: &Step) -> Outcome {
    say(step.name, step.what);
    let mut outcome = Outcome::of(step);
    let start = Instant::now();
    let ready = step.needs.iter().try_for_each(|tools| setup::ensure(tools));
    outcome.verdict = ready.and_then(|()| (step.run)(&mut outcome.tally));
    outcome.took = start.elapsed();
    if let Err(sentence) = &outcome.verdict {
        say(step.name, &format!("FAILED: {sentence}"));
    }
    outcome
}

fn summarise(outcomes: &[Outcome], total: &Tally) -> Result {
    println!();
    let mut failed = total.failed;
    for outcome in outcomes {
        let seconds = outcome.took.as_secs();
        match &outcome.verdict {
            Ok(()) => say(outcome.name, &format!("ok      {seconds:>4} s{}", outcome.tally.shown())),
            Err(sentence) => {
                // A step can fail without a failing test, and the last line must not hide it.
                failed += u64::from(outcome.tally.failed == 0);
                let first = sentence.lines().next().unwrap_or_default();
                say(outcome.name, &format!("FAILED  {seconds:>4} s{}  {first}", outcome.tally.shown()));
            }
        }
    }
    println!("{} passed, {failed} failed", total.passed);
    if failed == 0 { Ok(()) } else { Err(String::new()) }
}
