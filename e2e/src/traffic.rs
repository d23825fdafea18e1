//! The browser's own record of its requests: those of the page, its workers and its service worker alike.

use crate::Result;
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// A request, and the page that made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The origin of the page or worker that asked.
    pub from: String,
    /// What was asked for.
    pub url: String,
}

impl Request {
    /// True when the answer would come from another host than the page.
    pub fn leaves(&self) -> bool {
        let is_local = ["blob:", "data:"].iter().any(|scheme| self.url.starts_with(scheme));
        !is_local && self.url != self.from && !self.url.starts_with(&format!("{}/", self.from))
    }
}

/// The requests that pages made, from the log of a browser that is closed. What the browser asks for on its own
/// account, and addresses that a person typed, are not among them.
///
/// The log is an object whose first line maps the names of events to numbers, with one event a line after it.
pub fn requests(log: &Path) -> Result<Vec<Request>> {
    let failed = |cause: std::io::Error| format!("{}: {cause}", log.display());
    let mut lines = BufReader::new(File::open(log).map_err(failed)?).lines();
    let head = lines.next().ok_or("the browser's log of requests is empty")?.map_err(failed)?;
    let kind = number(&head).ok_or("the browser's log of requests does not begin with its constants")?;
    let mut requests = Vec::new();
    for line in lines {
        let line = line.map_err(failed)?;
        // The last event ends the list; the lines after it are no events.
        let event = serde_json::from_str(line.trim_end_matches([',', ']']));
        requests.extend(event.ok().and_then(|event| request(&event, kind)));
    }
    Ok(requests)
}

fn number(head: &str) -> Option<u64> {
    let (_, rest) = head.split_once("\"URL_REQUEST_START_JOB\":")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn request(event: &Value, kind: u64) -> Option<Request> {
    if event.get("type")?.as_u64()? != kind {
        return None;
    }
    let word = |path: &str| Some(event.pointer(path)?.as_str()?.to_owned());
    let from = word("/params/initiator")?;
    from.starts_with("http").then_some(Request { from, url: word("/params/url")? })
}
