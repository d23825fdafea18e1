//! The browsers of the tests, and their drivers.

use super::debian::apt_get;
use super::{Look, Tool};
use crate::process::{capture, find, with_args};
use std::env;
use std::path::PathBuf;

/// The first browser.
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

/// The second browser.
pub const FIREFOX: Tool = Tool {
    name: "firefox",
    purpose: "browser tests in a second browser",
    look: || describe(firefox(), "not on PATH, nor in FIREFOX"),
    get: || apt_get(&["firefox-esr"]),
    how: "apt-get install firefox-esr, or install Firefox and set FIREFOX to its program",
};

/// Firefox's program: the one in `FIREFOX`, or the first found.
pub fn firefox() -> Option<PathBuf> {
    named("FIREFOX").or_else(|| ["firefox-esr", "firefox"].into_iter().find_map(find))
}

/// Its driver's program: the one in `GECKODRIVER`, or the one found.
pub fn geckodriver() -> Option<PathBuf> {
    named("GECKODRIVER").or_else(|| find("geckodriver"))
}

/// Chromium's program: the one in `CHROME`, or the first found.
pub fn chromium() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
    named("CHROME").or_else(|| names.into_iter().find_map(find))
}

/// Chromium's driver's program: the one in `CHROMEDRIVER`, or the first found.
pub fn chromedriver() -> Option<PathBuf> {
    named("CHROMEDRIVER").or_else(|| find("chromedriver"))
}

fn named(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).map(PathBuf::from).filter(|path| path.is_file())
}

pub(super) fn describe(program: Option<PathBuf>, reason: &str) -> Look {
    let Some(path) = program else { return Look::missing(reason) };
    match capture(&mut with_args(&path.to_string_lossy(), ["--version"])) {
        Some(version) => Look::Found(format!("{}, {}", first_words(&version), path.display())),
        None => Look::Missing(format!("{} does not run", path.display())),
    }
}

fn first_words(version: &str) -> String {
    version.lines().next().unwrap_or_default().split_whitespace().take(3).collect::<Vec<_>>().join(" ")
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
