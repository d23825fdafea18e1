//! The tools the project needs: how each is found, and how it is got.
//!
//! One constant a tool, one file a source of tools. To add one, write the constant and name it in the list of the
//! command that needs it, in `setup.rs`.

use crate::process::Result;

mod browser;
mod crates;
mod debian;
mod npm;
mod registry;
mod rust;

pub use browser::{CHROMEDRIVER, CHROMIUM, FIREFOX, chromedriver, chromium, firefox, geckodriver};
pub use crates::{BINDGEN, CARGO_FUZZ, GECKODRIVER, TRUNK};
pub use npm::{NODE, PACKAGES};
pub use registry::REGISTRY;
pub use rust::{LINTS, NIGHTLY, WASM_TARGET};

/// One thing that has to be on the machine.
pub struct Tool {
    /// What it is called in the output.
    pub name: &'static str,
    /// What it is needed for.
    pub purpose: &'static str,
    /// Looks for it.
    pub look: fn() -> Look,
    /// Installs it.
    pub get: fn() -> Result,
    /// How to install it by hand.
    pub how: &'static str,
}

/// What looking for a tool found.
pub enum Look {
    /// It is there: version and place.
    Found(String),
    /// It is not usable: what is wrong.
    Missing(String),
}

impl Look {
    fn missing(reason: impl Into<String>) -> Look {
        Look::Missing(reason.into())
    }
}

/// Python is only looked for: it makes fixtures and runs rival tools, nothing else depends on it.
pub const PYTHON: Tool = Tool {
    name: "python3",
    purpose: "remaking fixtures and running rivals in the benchmark",
    look: || match crate::process::capture(&mut crate::process::with_args("python3", ["--version"])) {
        Some(version) => Look::Found(version),
        None => Look::missing("not on PATH"),
    },
    get: || Err("python3 is not installed by this command".into()),
    how: "apt-get install python3",
};
