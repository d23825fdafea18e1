//! What the browser noted: the console, and the window's requests.

use super::Driver;
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
        let word = |entry: &Value, key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let entries = self.log("browser")?.into_iter().map(|entry| LogEntry {
            level: word(&entry, "level"),
            source: word(&entry, "source"),
            message: word(&entry, "message"),
        });
        Ok(entries.collect())
    }

    /// The addresses the window has requested since this was asked last.
    pub fn requested(&self) -> Result<Vec<String>> {
        let address = |entry: &Value| {
            let message: Value = serde_json::from_str(entry.get("message")?.as_str()?).ok()?;
            let event = message.get("message")?;
            if event.get("method")? != "Network.requestWillBeSent" {
                return None;
            }
            Some(event.pointer("/params/request/url")?.as_str()?.to_owned())
        };
        Ok(self.log("performance")?.iter().filter_map(address).collect())
    }

    fn log(&self, kind: &str) -> Result<Vec<Value>> {
        match self.post("/se/log", &json!({ "type": kind }))? {
            Value::Array(entries) => Ok(entries),
            other => Err(format!("the {kind} log is no list: {other}")),
        }
    }
}
