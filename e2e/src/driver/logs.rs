//! What the browser noted: the console.

use super::{Browser, Driver};
use crate::Result;
use serde_json::{Value, json};

/// A line of the console.
#[derive(Clone, Debug)]
pub struct LogEntry {
    /// `SEVERE`, `WARNING`, `INFO` …
    pub level: String,
    /// `console-api`, `javascript`, `network`, `security` …
    pub source: String,
    /// What it says.
    pub message: String,
}

impl Driver {
    /// What has been written to the console since this was asked last.
    pub fn console(&self) -> Result<Vec<LogEntry>> {
        if self.browser == Browser::Firefox {
            return self.firefox_console();
        }
        let word = |entry: &Value, key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let entries = self.post("/se/log", &json!({ "type": "browser" }))?;
        let entry = |entry: &Value| LogEntry {
            level: word(entry, "level"),
            source: word(entry, "source"),
            message: word(entry, "message"),
        };
        Ok(entries.as_array().into_iter().flatten().map(entry).collect())
    }
}
