//! The browsers that journeys run in.

use std::path::PathBuf;
use xtask::tool;

/// A browser, and the program that drives it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Browser {
    /// Chromium or Chrome, by chromedriver.
    #[default]
    Chromium,
    /// Firefox, by geckodriver.
    Firefox,
}

impl Browser {
    /// Its name in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Browser::Chromium => "chromium",
            Browser::Firefox => "firefox",
        }
    }

    /// Why it cannot be used on this machine, in words; nothing if it can.
    pub fn lacks(self) -> Option<String> {
        let missing = |what: &str| Some(format!("no {what} on PATH"));
        match self {
            Browser::Chromium if tool::chromedriver().is_none() => missing("chromedriver"),
            Browser::Firefox if tool::firefox().is_none() => missing("firefox"),
            Browser::Firefox if tool::geckodriver().is_none() => missing("geckodriver"),
            _ => None,
        }
    }

    /// The program that drives it, and what it is to be told.
    pub(super) fn driver(self) -> (Option<PathBuf>, &'static [&'static str]) {
        match self {
            Browser::Chromium => (tool::chromedriver(), &["--port=0"]),
            // What WebDriver itself cannot do is done in the browser's own context, which has to be allowed.
            Browser::Firefox => {
                (tool::geckodriver(), &["--port=0", "--websocket-port=0", "--allow-system-access", "--log=info"])
            }
        }
    }
}
