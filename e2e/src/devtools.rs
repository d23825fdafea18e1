//! A direct line to the browser's DevTools, since chromedriver does not reach the page's workers.

use crate::Result;
use serde_json::{Value, json};
use std::net::TcpStream;
use std::time::Duration;
use tungstenite::stream::MaybeTlsStream;
use tungstenite::{Message, WebSocket};

/// A browser whose page broke down does not answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection to a page and its workers.
pub struct DevTools {
    socket: WebSocket<MaybeTlsStream<TcpStream>>,
    last: u64,
    sessions: Vec<String>,
}

impl DevTools {
    /// Connects to a page and attaches to its workers.
    pub fn connect(address: &str) -> Result<DevTools> {
        let failed = |cause: &dyn std::fmt::Display| format!("{address}: {cause}");
        let (socket, _) = tungstenite::connect(address).map_err(|cause| failed(&cause))?;
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_read_timeout(Some(PATIENCE)).map_err(|cause| failed(&cause))?;
        }
        let mut devtools = DevTools { socket, last: 0, sessions: Vec::new() };
        let parameters = json!({ "autoAttach": true, "waitForDebuggerOnStart": false, "flatten": true });
        // It answers after it has told of the workers that are there.
        devtools.call(None, "Target.setAutoAttach", &parameters)?;
        Ok(devtools)
    }

    /// The page, as `None`, and its workers.
    pub fn sessions(&self) -> Vec<Option<String>> {
        std::iter::once(None).chain(self.sessions.iter().cloned().map(Some)).collect()
    }

    /// Sends a command and waits for its answer.
    pub fn call(&mut self, session: Option<&str>, method: &str, parameters: &Value) -> Result<Value> {
        let failed = |cause: tungstenite::Error| format!("{method}: {cause}");
        self.last += 1;
        let mut command = json!({ "id": self.last, "method": method, "params": parameters });
        if let Some(session) = session {
            command["sessionId"] = session.into();
        }
        self.socket.send(Message::text(command.to_string())).map_err(failed)?;
        loop {
            let message = self.socket.read().map_err(failed)?;
            let Message::Text(text) = message else { continue };
            let answer: Value = serde_json::from_str(&text).map_err(|cause| format!("{method}: {cause}"))?;
            // A service worker holds no part of what was opened, and may end at any time without an answer.
            let kind = &answer["params"]["targetInfo"]["type"];
            if answer["method"] == "Target.attachedToTarget" && kind == "worker" {
                self.sessions.extend(answer["params"]["sessionId"].as_str().map(str::to_owned));
            }
            if answer["id"] == self.last {
                let error = answer["error"]["message"].as_str();
                return error.map_or_else(|| Ok(answer["result"].clone()), |error| Err(format!("{method}: {error}")));
            }
        }
    }
}
