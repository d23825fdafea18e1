//! WebDriver's requests and answers: JSON over HTTP.

use crate::Result;
use serde_json::Value;
use std::time::Duration;
use ureq::http::Response;
use ureq::{Agent, Body};

// Longer than the longest script timeout, so that the driver's own sentence arrives.
const DEADLINE: Duration = Duration::from_secs(90);
// Performance logs and screenshots.
const LIMIT: u64 = 256 << 20;

/// The connection to a driver.
pub(super) struct Wire {
    agent: Agent,
    base: String,
}

impl Wire {
    pub(super) fn new(port: u16) -> Wire {
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(DEADLINE)).build();
        Wire { agent: config.into(), base: format!("http://127.0.0.1:{port}") }
    }

    pub(super) fn get(&self, path: &str) -> Result<Value> {
        value(path, self.agent.get(format!("{}{path}", self.base)).call())
    }

    pub(super) fn post(&self, path: &str, body: &Value) -> Result<Value> {
        value(path, self.agent.post(format!("{}{path}", self.base)).send_json(body))
    }

    pub(super) fn delete(&self, path: &str) -> Result<Value> {
        value(path, self.agent.delete(format!("{}{path}", self.base)).call())
    }
}

/// The `value` of an answer, or the sentence of an error.
fn value(path: &str, answer: std::result::Result<Response<Body>, ureq::Error>) -> Result<Value> {
    let failed = |cause: ureq::Error| format!("the driver, {path}: {cause}");
    let mut answer = answer.map_err(failed)?;
    let mut body: Value = answer.body_mut().with_config().limit(LIMIT).read_json().map_err(failed)?;
    let value = body.get_mut("value").map(Value::take).unwrap_or_default();
    if answer.status().is_success() {
        return Ok(value);
    }
    let word = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    // Everything after the first line is the driver's own stack.
    let message = word("message");
    Err(format!("{}: {}", word("error"), message.lines().next().unwrap_or_default()))
}
