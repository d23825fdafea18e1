//! The browser of the tests, and its driver.

use super::debian::apt_get;
use super::{Look, Tool};
use crate::process::{capture, find, with_args};
use std::env;
use std::path::PathBuf;

/// The browser.
pub const CHROMIUM: Tool = Tool {
    name: "chromium",
    purpose: "browser tests",
    look: || describe(chromium(), "no Chromium or Chrome on PATH, nor in CHROME"),
    get: || apt_get(&["chromium", "chromium-driver", "fonts-liberation"]),
    how: "apt-get install chromium chromium-driver, or install Chrome and set CHROME to its program",
};

/// The driver, of the same major version as the browser.
pub const CHROMEDRIVER: Tool = Tool {
    name: "chromedriver",
    purpose: "browser tests",
    look: || match describe(chromedriver(), "not on PATH, nor in CHROMEDRIVER") {
        Look::Found(driver) => compare(driver),
        missing => missing,
    },
    get: || apt_get(&["chromium", "chromium-driver"]),
    how: "apt-get install chromium-driver, or set CHROMEDRIVER to the driver of the installed browser's version",
};

/// The browser's program: the one in `CHROME`, or the first found.
pub fn chromium() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
    named("CHROME").or_else(|| names.into_iter().find_map(find))
}

/// The driver's program: the one in `CHROMEDRIVER`, or the first found.
pub fn chromedriver() -> Option<PathBuf> {
    named("CHROMEDRIVER").or_else(|| find("chromedriver"))
}

fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|path| path.is_file())
}

fn describe(program: Option<PathBuf>, reason: &str) -> Look {
    let Some(path) = program else { return Look::missing(reason) };
    match capture(&mut with_args(&path.to_string_lossy(), ["--version"])) {
        Some(version) => Look::Found(format!("{}, {}", first_words(&version), path.display())),
        None => Look::Missing(format!("{} does not run", path.display())),
    }
}

fn first_words(version: &str) -> String {
    version.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}

fn compare(driver: String) -> Look {
    let Look::Found(browser) = (CHROMIUM.look)() else { return Look::Found(driver) };
    if major(&browser) == major(&driver) {
        Look::Found(driver)
    } else {
        Look::Missing(format!("{driver} does not fit {browser}"))
    }
}

fn major(version: &str) -> Option<u32> {
    let digits: String = version.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_the_first_number() {
        assert_eq!(major("Chromium 140.0.7339.185"), Some(140));
        assert_eq!(major("Google Chrome 141.0"), Some(141));
        assert_eq!(major("none"), None);
    }
}
