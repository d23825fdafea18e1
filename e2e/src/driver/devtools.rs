//! DevTools commands, through chromedriver.

use super::Driver;
use crate::{Result, wait};
use serde_json::{Value, json};
use std::path::Path;

impl Driver {
    /// Sends a command of the DevTools protocol to the window.
    pub fn devtools(&self, command: &str, parameters: &Value) -> Result<Value> {
        self.post("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// The address at which the window's DevTools answer directly, without chromedriver between.
    pub fn devtools_address(&self) -> Result<String> {
        let window = self.get("/window")?;
        let window = window.as_str().ok_or("the window has no handle")?;
        Ok(format!("ws://{}/devtools/page/{window}", self.debugger))
    }

    /// Tells the page that the user prefers `light` or `dark`, and no motion: nothing is caught half-way.
    pub fn prefer_color_scheme(&self, scheme: &str) -> Result {
        let feature = |name: &str, value: &str| json!({ "name": name, "value": value });
        let features = [feature("prefers-color-scheme", scheme), feature("prefers-reduced-motion", "reduce")];
        self.devtools("Emulation.setEmulatedMedia", &json!({ "features": features })).map(drop)
    }

    /// Puts what the page downloads into a folder, without asking.
    pub fn download_into(&self, folder: &Path) -> Result {
        let parameters = json!({ "behavior": "allow", "downloadPath": folder.to_string_lossy() });
        self.devtools("Browser.setDownloadBehavior", &parameters).map(drop)
    }

    /// Forgets what pages of an origin stored: caches, service workers, settings.
    pub fn forget_origin(&self, origin: &str) -> Result {
        let parameters = json!({ "origin": origin, "storageTypes": "all" });
        self.devtools("Storage.clearDataForOrigin", &parameters).map(drop)
    }

    /// Lays the page out for a screen of this size, whatever the window's is.
    pub fn set_screen(&self, width: u32, height: u32) -> Result {
        let parameters = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &parameters)?;
        wait::until("the page to take its new width", || {
            Ok((self.run("return innerWidth", &[])? == json!(width)).then_some(()))
        })
    }

    /// Drags files and folders from outside the browser onto the middle of an element, and lets them go.
    pub fn drop_files(&self, css: &str, paths: &[&Path]) -> Result {
        let target = self.find(css)?;
        let middle = "const box = arguments[0].getBoundingClientRect(); \
                      return [box.x + box.width / 2, Math.min(box.y + box.height / 2, innerHeight - 10)]";
        let middle = self.run(middle, &[target.reference()])?;
        let files: Vec<String> = paths.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        // 1 is "copy", as a file manager offers it.
        let data = json!({ "items": [], "files": files, "dragOperationsMask": 1 });
        for kind in ["dragEnter", "dragOver", "drop"] {
            let event = json!({ "type": kind, "x": middle[0], "y": middle[1], "data": data });
            self.devtools("Input.dispatchDragEvent", &event)?;
        }
        Ok(())
    }
}
