//! How Firefox is started, and what is done in its own context, where scripts may do what its window may.
//!
//! There is no DevTools protocol between: settings are preferences, requests are observed as the browser makes them,
//! and the console is that of the browser itself.

use super::{Driver, Key, LogEntry};
use crate::traffic::Request;
use crate::{Result, wait};
use serde_json::{Value, json};
use std::path::Path;
use xtask::tool;

// 0 is dark, 1 light.
const SCHEME: &str = "layout.css.prefers-color-scheme.content-override";

/// The body of the request for a session.
pub(super) fn capabilities() -> Value {
    let mut options = json!({ "args": ["-headless", "--width=1440", "--height=900"], "prefs": preferences() });
    if let Some(path) = tool::firefox() {
        options["binary"] = path.to_string_lossy().into();
    }
    json!({ "capabilities": { "alwaysMatch": {
        "browserName": "firefox",
        "moz:firefoxOptions": options,
        "unhandledPromptBehavior": "ignore",
    } } })
}

fn preferences() -> Value {
    json!({
        "ui.prefersReducedMotion": 1,
        "intl.accept_languages": "en-GB",
        // A question can be answered at once; a driver that presses a button before it can be pressed waits for ever.
        "security.dialog_enable_delay": 0,
        // Into a folder, without asking, without a panel over the page.
        "browser.download.folderList": 2,
        "browser.download.useDownloadDir": true,
        "browser.download.alwaysOpenPanel": false,
        "browser.helperApps.neverAsk.saveToDisk": "application/json,text/markdown,text/csv,text/html,application/octet-stream",
        // Nothing of the browser's own.
        "network.captive-portal-service.enabled": false,
        "network.connectivity-service.enabled": false,
        "browser.safebrowsing.downloads.enabled": false,
        "datareporting.policy.dataSubmissionEnabled": false,
        "extensions.getAddons.cache.enabled": false,
        "app.normandy.enabled": false,
    })
}

// Requests of pages and workers, as the browser's parent process sends them; those of the browser itself have no origin.
// And what they write to the console, which only their own process hears.
const WATCH: &str = "
    window.weighbridgeRequests = [];
    window.weighbridgeSaid = [];
    window.weighbridgeObserver = { observe(subject) {
        const channel = subject.QueryInterface(Ci.nsIHttpChannel);
        const from = channel.loadInfo?.triggeringPrincipal;
        const isTyped = channel.loadInfo?.externalContentPolicyType === Ci.nsIContentPolicy.TYPE_DOCUMENT;
        if (from?.isContentPrincipal && !isTyped) {
            window.weighbridgeRequests.push({ from: from.originNoSuffix, url: channel.URI.spec });
        }
    } };
    Services.obs.addObserver(window.weighbridgeObserver, 'http-on-modify-request');
    const inPage = `
        const observer = { observe(subject) {
            const said = subject.wrappedJSObject;
            const level = { error: 'SEVERE', assert: 'SEVERE', warn: 'WARNING' }[said.level];
            const words = Array.from(said.arguments, String).join(' ');
            if (level && said.filename.startsWith('http')) {
                sendAsyncMessage('weighbridge', [level, 'console-api', said.filename + ' ' + words]);
            }
        } };
        Services.obs.addObserver(observer, 'console-api-log-event');
        addEventListener('unload', () => Services.obs.removeObserver(observer, 'console-api-log-event'));`;
    window.messageManager.addMessageListener('weighbridge', (message) => window.weighbridgeSaid.push(message.data));
    window.messageManager.loadFrameScript('data:application/javascript,' + encodeURIComponent(inPage), true);";
const SEEN: &str = "return (window.weighbridgeRequests ?? []).splice(0)";
// Flag 1 is a warning. What the browser's own scripts say is not the page's.
const CONSOLE: &str = "
    const found = window.weighbridgeSaid.splice(0);
    for (const line of Services.console.getMessageArray()) {
        if (!(line instanceof Ci.nsIScriptError)) continue;
        const isOfPage = /^(blob:)?http/.test(line.sourceName) || (line.innerWindowID && /content|CSP|Mixed|CORS/i.test(line.category));
        if (isOfPage) found.push([line.flags & 1 ? 'WARNING' : 'SEVERE', line.category, `${line.sourceName} ${line.errorMessage}`]);
    }
    Services.console.reset();
    return found;";
const FORGET: &str = "
    const [origin, done] = arguments;
    const principal = Services.scriptSecurityManager.createContentPrincipalFromOrigin(origin);
    Services.clearData.deleteDataFromPrincipal(principal, true, Ci.nsIClearDataService.CLEAR_ALL_CACHES
        | Ci.nsIClearDataService.CLEAR_DOM_STORAGES, () => done(true));";
// Firefox makes no window as narrow as a telephone; the page's part of it can be.
const NARROW: &str = "
    const [width, height] = arguments;
    const view = gBrowser.selectedBrowser;
    view.style.flex = 'none';
    view.style.minWidth = view.style.maxWidth = view.style.width = `${width}px`;
    view.style.minHeight = view.style.maxHeight = view.style.height = `${height}px`;";

// Stands in for the window that asks for a folder.
const PICKER: &str = "
    window.weighbridgeFolder = arguments[0];
    if (window.weighbridgePicker) return;
    class Picker {
        QueryInterface = ChromeUtils.generateQI(['nsIFilePicker']);
        init() {}
        appendFilter() {}
        appendFilters() {}
        appendRawFilter() {}
        isModeSupported() { return Promise.resolve(true); }
        get file() {
            const file = Cc['@mozilla.org/file/local;1'].createInstance(Ci.nsIFile);
            file.initWithPath(window.weighbridgeFolder);
            return file;
        }
        open(callback) { Services.tm.dispatchToMainThread(() => callback.done(Ci.nsIFilePicker.returnOK)); }
    }
    window.weighbridgePicker = {
        QueryInterface: ChromeUtils.generateQI(['nsIFactory']),
        createInstance: (what) => new Picker().QueryInterface(what),
    };
    const own = Components.ID('{7e5b4bb4-6c1c-4d0f-9b0a-0f5a5a0c1d2e}');
    Components.manager.QueryInterface(Ci.nsIComponentRegistrar)
        .registerFactory(own, '', '@mozilla.org/filepicker;1', window.weighbridgePicker);";

impl Driver {
    /// Runs the body of a function in the browser's window.
    fn privileged(&self, what: &str, body: &str, arguments: &[Value]) -> Result<Value> {
        self.post("/moz/context", &json!({ "context": "chrome" }))?;
        let answer = self.post(&format!("/execute/{what}"), &json!({ "script": body, "args": arguments }));
        self.post("/moz/context", &json!({ "context": "content" }))?;
        answer
    }

    fn set_preference(&self, kind: &str, name: &str, value: &Value) -> Result {
        let set = format!("Services.prefs.set{kind}Pref(arguments[0], arguments[1])");
        self.privileged("sync", &set, &[json!(name), value.clone()]).map(drop)
    }

    /// Notes every request from now on.
    pub(super) fn firefox_watches(&self) -> Result {
        self.privileged("sync", WATCH, &[]).map(drop)
    }

    /// The requests since this was asked last.
    pub(super) fn firefox_requests(&self) -> Result<Vec<Request>> {
        let word = |seen: &Value, key: &str| seen[key].as_str().unwrap_or_default().to_owned();
        let seen = self.privileged("sync", SEEN, &[])?;
        let request = |seen: &Value| Request { from: word(seen, "from"), url: word(seen, "url") };
        Ok(seen.as_array().into_iter().flatten().map(request).collect())
    }

    pub(super) fn firefox_prefers(&self, scheme: &str) -> Result {
        self.set_preference("Int", SCHEME, &json!(i32::from(scheme != "dark")))?;
        wait::until(&format!("the page to be {scheme}"), || {
            let is_so = "return matchMedia(`(prefers-color-scheme: ${arguments[0]})`).matches";
            Ok((self.run(is_so, &[json!(scheme)])? == json!(true)).then_some(()))
        })
    }

    /// Chooses a folder in an input for folders, and answers the browser's question whether it may be uploaded.
    pub(super) fn firefox_chooses_folder(&self, css: &str, folder: &Path) -> Result {
        self.privileged("sync", PICKER, &[json!(folder.to_string_lossy())])?;
        // Only after something that a user did may a page ask for files.
        self.run("document.activeElement?.blur()", &[])?;
        self.press(&[Key::Character('`')])?;
        self.run("document.querySelector(arguments[0]).click()", &[json!(css)])?;
        wait::until("the browser to ask about the folder", || Ok(self.post("/alert/accept", &json!({})).ok()))?;
        Ok(())
    }

    pub(super) fn firefox_downloads_into(&self, folder: &Path) -> Result {
        self.set_preference("String", "browser.download.dir", &json!(folder.to_string_lossy()))
    }

    pub(super) fn firefox_forgets(&self, origin: &str) -> Result {
        self.privileged("async", FORGET, &[json!(origin)]).map(drop)
    }

    pub(super) fn firefox_is_sized(&self, width: u32, height: u32) -> Result {
        self.privileged("sync", NARROW, &[json!(width), json!(height)]).map(drop)
    }

    pub(super) fn firefox_console(&self) -> Result<Vec<LogEntry>> {
        let errors = self.privileged("sync", CONSOLE, &[])?;
        let entry = |entry: &Value| {
            let word = |at: usize| entry[at].as_str().unwrap_or_default().to_owned();
            LogEntry { level: word(0), source: word(1), message: word(2) }
        };
        Ok(errors.as_array().into_iter().flatten().map(entry).collect())
    }
}
