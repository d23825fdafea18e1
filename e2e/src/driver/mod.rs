//! A small synchronous WebDriver client: one driver, one session, one window.
//!
//! Commands are those of the W3C recommendation (<https://www.w3.org/TR/webdriver2/>), named as there, plus
//! chromedriver's two extensions for DevTools commands and logs, and geckodriver's for scripts in Firefox's own context.

mod browser;
mod chrome;
mod devtools;
mod element;
mod firefox;
mod keys;
mod logs;
mod service;
mod settings;
mod window;
mod wire;

pub use browser::Browser;
pub use chrome::Options;
pub use element::Element;
pub use keys::Key;
pub use logs::LogEntry;

use crate::Result;
use serde_json::{Value, json};
use service::Service;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use wire::Wire;

/// A browser under control. It closes when dropped.
pub struct Driver {
    browser: Browser,
    session: String,
    // Host and port of Chromium's DevTools.
    debugger: String,
    wire: Wire,
    // Dropped in this order: the program first, then the folder it uses.
    _service: Service,
    folder: TempDir,
    named: RefCell<Vec<String>>,
}

impl Driver {
    /// Starts Chromium and its driver with a fresh profile.
    pub fn start() -> Result<Driver> {
        Driver::start_with(&Options::default())
    }

    /// As [`Driver::start`], with other options.
    pub fn start_with(options: &Options) -> Result<Driver> {
        let folder = tempfile::tempdir().map_err(|cause| format!("no temporary folder: {cause}"))?;
        let service = Service::start(options.browser)?;
        let wire = Wire::new(service.port());
        let capabilities = match options.browser {
            Browser::Chromium => chrome::capabilities(folder.path(), options),
            Browser::Firefox => firefox::capabilities(),
        };
        let answer = wire.post("/session", &capabilities)?;
        let id = answer.get("sessionId").and_then(Value::as_str).ok_or("the new session has no id")?;
        let session = format!("/session/{id}");
        let debugger = answer.pointer("/capabilities/goog:chromeOptions/debuggerAddress").and_then(Value::as_str);
        let debugger = debugger.unwrap_or_default().to_owned();
        wire.post(&format!("{session}/timeouts"), &json!({ "script": 60_000, "pageLoad": 60_000, "implicit": 0 }))?;
        let driver = Driver {
            browser: options.browser,
            session,
            debugger,
            wire,
            _service: service,
            folder,
            named: RefCell::default(),
        };
        if options.browser == Browser::Firefox {
            driver.firefox_watches()?;
        }
        Ok(driver)
    }

    /// Which browser it is.
    pub fn browser(&self) -> Browser {
        self.browser
    }

    /// Goes to an address and waits until the document has loaded.
    pub fn go(&self, url: &str) -> Result {
        self.post("/url", &json!({ "url": url })).map(drop)
    }

    /// Runs the body of a function; `arguments` holds what is given.
    pub fn run(&self, body: &str, arguments: &[Value]) -> Result<Value> {
        self.post("/execute/sync", &json!({ "script": body, "args": arguments }))
    }

    /// Runs the body of a function whose last argument is the function to call with the result.
    pub fn run_async(&self, body: &str, arguments: &[Value]) -> Result<Value> {
        self.post("/execute/async", &json!({ "script": body, "args": arguments }))
    }

    /// The folder of this browser's profile and downloads, gone with it.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where Chromium notes every request it makes, its own included; complete once the browser is closed.
    pub fn net_log(&self) -> PathBuf {
        chrome::net_log(self.folder.path())
    }

    /// Says that the user has named a server, so that requests to it are no surprise.
    pub fn names(&self, url: &str) {
        self.named.borrow_mut().push(url.to_owned());
    }

    /// Whether a request is to a server that the user has named.
    pub fn has_named(&self, url: &str) -> bool {
        self.named.borrow().iter().any(|named| url == named || url.starts_with(&format!("{named}/")))
    }

    /// Closes the browser; what it wrote stays until `self` is dropped.
    pub fn close(&self) -> Result {
        self.wire.delete(&self.session).map(drop)
    }

    fn get(&self, path: &str) -> Result<Value> {
        self.wire.get(&format!("{}{path}", self.session))
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value> {
        self.wire.post(&format!("{}{path}", self.session), body)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The browser may be closed, or its driver dead; there is no one to tell.
        let _ = self.close();
    }
}
