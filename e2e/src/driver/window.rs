//! The window: its address and how it looks.

use super::Driver;
use crate::Result;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::fs;
use std::path::Path;

impl Driver {
    /// The address of the document.
    pub fn address(&self) -> Result<String> {
        Ok(self.get("/url")?.as_str().unwrap_or_default().to_owned())
    }

    /// Loads the document again.
    pub fn reload(&self) -> Result {
        self.post("/refresh", &serde_json::json!({})).map(drop)
    }

    /// Writes a picture of the window as PNG.
    pub fn picture(&self, path: &Path) -> Result {
        let encoded = self.get("/screenshot")?;
        let bytes =
            STANDARD.decode(encoded.as_str().unwrap_or_default()).map_err(|cause| format!("a picture: {cause}"))?;
        let failed = |cause: std::io::Error| format!("{}: {cause}", path.display());
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        fs::write(path, bytes).map_err(failed)
    }
}
