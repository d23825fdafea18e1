//! How Chromium is started.

use super::Browser;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use xtask::tool;

// No sandbox: tests run as root in containers. Nothing of the browser's own may use the network, since the tests look
// at every request. Background throttling would slow down a window that no one looks at.
const FLAGS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--disable-extensions",
    "--disable-default-apps",
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    "--disable-backgrounding-occluded-windows",
    "--disable-features=OptimizationHints,MediaRouter,Translate,AutofillServerCommunication",
    "--force-color-profile=srgb",
    "--hide-scrollbars=false",
    "--lang=en-GB",
    "--window-size=1440,900",
];

/// How the browser of the tests differs from another one.
#[derive(Clone, Debug)]
pub struct Options {
    /// Which it is.
    pub browser: Browser,
    /// More flags for Chromium.
    pub flags: Vec<String>,
    /// Whether console and requests are noted; that costs a little time.
    pub logs: bool,
}

impl Default for Options {
    fn default() -> Options {
        Options { browser: Browser::Chromium, flags: Vec::new(), logs: true }
    }
}

/// The body of the request for a session.
pub(super) fn capabilities(folder: &Path, more: &Options) -> Value {
    let mut flags: Vec<String> = FLAGS.iter().map(|&flag| flag.to_owned()).collect();
    flags.push(format!("--user-data-dir={}", folder.join("profile").display()));
    flags.extend(more.flags.iter().cloned());
    let mut logs = json!({});
    if more.logs {
        flags.push(format!("--log-net-log={}", net_log(folder).display()));
        logs = json!({ "browser": "ALL" });
    }
    let mut options = json!({ "args": flags });
    if let Some(path) = tool::chromium() {
        options["binary"] = path.to_string_lossy().into();
    }
    json!({ "capabilities": { "alwaysMatch": {
        "browserName": "chrome",
        "goog:chromeOptions": options,
        "goog:loggingPrefs": logs,
        // A dialog would be a fault of the page: do not click it away.
        "unhandledPromptBehavior": "ignore",
    } } })
}

pub(super) fn net_log(folder: &Path) -> PathBuf {
    folder.join("net-log.json")
}
