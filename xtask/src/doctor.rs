//! `cargo xtask doctor`: what is installed, what is missing, how to get it. Changes nothing.

use crate::process::Result;
use crate::setup::{BROWSER, CHECKS, FUZZING, SECOND_BROWSER, SITE};
use crate::tool::{Look, PYTHON, REGISTRY, Tool};

/// The command. Fails if anything is missing that `serve` or `test` needs.
pub fn command(args: &[String]) -> Result {
    if let Some(word) = args.first() {
        return Err(format!("doctor takes no arguments, and was given {word}"));
    }
    let needed: usize = [CHECKS, SITE, BROWSER].into_iter().flatten().map(|tool| usize::from(!examine(tool))).sum();
    for tool in SECOND_BROWSER.iter().chain(FUZZING).copied().chain([&PYTHON, &REGISTRY]) {
        examine(tool);
    }
    if needed == 0 { Ok(()) } else { Err(format!("{needed} missing; `cargo xtask setup` installs what it can")) }
}

fn examine(tool: &Tool) -> bool {
    match (tool.look)() {
        Look::Found(what) => {
            println!("     ok  {:<16} {what}", tool.name);
            true
        }
        Look::Missing(reason) => {
            println!("MISSING  {:<16} {reason}; for {}. To get it: {}", tool.name, tool.purpose, tool.how);
            false
        }
    }
}
