//! `cargo xtask setup`, and the set-up that the other commands do first.
//!
//! Each tool is looked for, used if it is there, installed if not; if that fails, one sentence says what is missing.

use crate::process::{Result, say};
use crate::tool::{self, Look, Tool};

/// What building the site needs, in the order of installation.
pub const SITE: &[&Tool] = &[&tool::WASM_TARGET, &tool::NODE, &tool::PACKAGES, &tool::BINDGEN, &tool::TRUNK];

/// What the checks need that run without a browser.
pub const CHECKS: &[&Tool] = &[&tool::LINTS];

/// What the browser tests need on top.
pub const BROWSER: &[&Tool] = &[&tool::CHROMIUM, &tool::CHROMEDRIVER];

/// What they need for a second browser; without it they run in the first one only.
pub const SECOND_BROWSER: &[&Tool] = &[&tool::FIREFOX, &tool::GECKODRIVER];

/// What fuzzing needs.
pub const FUZZING: &[&Tool] = &[&tool::NIGHTLY, &tool::CARGO_FUZZ];

/// The command: everything but the fuzzers, which ask for a compiler of their own.
pub fn command(args: &[String]) -> Result {
    if let Some(word) = args.first() {
        return Err(format!("setup takes no arguments, and was given {word}"));
    }
    for tools in [CHECKS, SITE, BROWSER] {
        ensure(tools)?;
    }
    match ensure(SECOND_BROWSER) {
        Ok(()) => say("setup", "everything is there"),
        Err(why) => say("setup", &format!("everything is there but a second browser: {why}")),
    }
    Ok(())
}

/// Makes sure that the tools are there. Says nothing about those that are.
pub fn ensure(tools: &[&Tool]) -> Result {
    tools.iter().try_for_each(|tool| ensure_one(tool))
}

fn ensure_one(tool: &Tool) -> Result {
    let Look::Missing(reason) = (tool.look)() else { return Ok(()) };
    say(tool.name, &format!("{reason}; installing it"));
    let sentence = |why: &str| format!("{} is missing ({why}). To get it: {}", tool.name, tool.how);
    (tool.get)().map_err(|why| sentence(&why))?;
    match (tool.look)() {
        Look::Found(what) => {
            say(tool.name, &what);
            Ok(())
        }
        Look::Missing(reason) => Err(sentence(&format!("even after installing it: {reason}"))),
    }
}
