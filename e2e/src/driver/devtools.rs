//! DevTools commands, through chromedriver; Firefox has none of them.

use super::{Browser, Driver};
use crate::Result;
use serde_json::{Value, json};
use std::path::Path;

impl Driver {
    /// Sends a command of the DevTools protocol to the window.
    pub fn devtools(&self, command: &str, parameters: &Value) -> Result<Value> {
        if self.browser != Browser::Chromium {
            return Err(format!("{} has no DevTools for {command}", self.browser.name()));
        }
        self.post("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// The address at which the window's DevTools answer directly, without chromedriver between.
    pub fn devtools_address(&self) -> Result<String> {
        let window = self.get("/window")?;
        let window = window.as_str().ok_or("the window has no handle")?;
        Ok(format!("ws://{}/devtools/page/{window}", self.debugger))
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
