//! What a journey sets from outside the page: each browser has its own way.

use super::{Browser, Driver};
use crate::traffic::{self, Request};
use crate::{Result, wait};
use serde_json::json;
use std::path::Path;

impl Driver {
    /// Tells the page that the user prefers `light` or `dark`, and no motion: nothing is caught half-way.
    pub fn prefer_color_scheme(&self, scheme: &str) -> Result {
        if self.browser == Browser::Firefox {
            return self.firefox_prefers(scheme);
        }
        let feature = |name: &str, value: &str| json!({ "name": name, "value": value });
        let features = [feature("prefers-color-scheme", scheme), feature("prefers-reduced-motion", "reduce")];
        self.devtools("Emulation.setEmulatedMedia", &json!({ "features": features })).map(drop)
    }

    /// Chooses a folder in an input for folders.
    pub fn choose_folder(&self, css: &str, folder: &Path) -> Result {
        if self.browser == Browser::Firefox {
            return self.firefox_chooses_folder(css, folder);
        }
        self.find(css)?.choose(&[folder])
    }

    /// Puts what the page downloads into a folder, without asking.
    pub fn download_into(&self, folder: &Path) -> Result {
        if self.browser == Browser::Firefox {
            return self.firefox_downloads_into(folder);
        }
        let parameters = json!({ "behavior": "allow", "downloadPath": folder.to_string_lossy() });
        self.devtools("Browser.setDownloadBehavior", &parameters).map(drop)
    }

    /// Leaves downloads to Chromium's own ways, or has it refuse them.
    pub fn downloads_are(&self, behaviour: &str) -> Result {
        self.devtools("Browser.setDownloadBehavior", &json!({ "behavior": behaviour })).map(drop)
    }

    /// Forgets what pages of an origin stored: caches, service workers, settings.
    pub fn forget_origin(&self, origin: &str) -> Result {
        if self.browser == Browser::Firefox {
            return self.firefox_forgets(origin);
        }
        let parameters = json!({ "origin": origin, "storageTypes": "all" });
        self.devtools("Storage.clearDataForOrigin", &parameters).map(drop)
    }

    /// Lays the page out for a screen of this size, whatever the window's is.
    pub fn set_screen(&self, width: u32, height: u32) -> Result {
        match self.browser {
            Browser::Firefox => self.firefox_is_sized(width, height)?,
            Browser::Chromium => {
                let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
                self.devtools("Emulation.setDeviceMetricsOverride", &size)?;
            }
        }
        wait::until("the page to take its new width", || {
            Ok((self.run("return innerWidth", &[])? == json!(width)).then_some(()))
        })
    }

    /// The requests that pages made: of Firefox those since this was asked last, of Chromium all, once it is closed.
    pub fn requests(&self) -> Result<Vec<Request>> {
        match self.browser {
            Browser::Firefox => self.firefox_requests(),
            Browser::Chromium => traffic::requests(&self.net_log()),
        }
    }
}
