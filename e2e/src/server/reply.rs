//! An answer, and the ways in which it can be a bad one.

use super::Asked;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::net::{Shutdown, TcpStream};

// What the API's client sends, and what it would like to read.
const CORS: [(&str, &str); 4] = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, DELETE"),
    ("Access-Control-Allow-Headers", "x-api-key, content-type, accept, authorization, range, if-range"),
    ("Access-Control-Expose-Headers", "*"),
];

/// What is sent back.
#[derive(Clone, Debug)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    length: Option<usize>,
    cut: Option<usize>,
}

impl Reply {
    /// One without a body.
    pub fn status(status: u16) -> Reply {
        Reply { status, headers: Vec::new(), body: Vec::new(), length: None, cut: None }
    }

    /// One with some bytes.
    pub fn bytes(status: u16, body: impl Into<Vec<u8>>) -> Reply {
        Reply { body: body.into(), ..Reply::status(status) }
    }

    /// One with JSON.
    pub fn json(status: u16, body: impl ToString) -> Reply {
        Reply::bytes(status, body.to_string()).with("Content-Type", "application/json")
    }

    /// One that leads elsewhere.
    pub fn redirect(status: u16, place: &str) -> Reply {
        Reply::status(status).with("Location", place)
    }

    /// The part of a file that was asked for, or all of it, as a good server sends it.
    pub fn file(asked: &Asked, bytes: &[u8]) -> Reply {
        let last_byte = bytes.len().saturating_sub(1);
        let Some((first, last)) = asked.range() else { return Reply::whole(bytes) };
        let last = last.unwrap_or(last_byte).min(last_byte);
        match bytes.get(first..=last) {
            Some(part) if first <= last => {
                let range = format!("bytes {first}-{last}/{}", bytes.len());
                Reply::bytes(206, part).with("Content-Range", &range).with("ETag", "\"v1\"")
            }
            _ => Reply::status(416).with("Content-Range", &format!("bytes */{}", bytes.len())),
        }
    }

    /// All of a file.
    pub fn whole(bytes: &[u8]) -> Reply {
        Reply::bytes(200, bytes).with("Content-Type", "application/octet-stream").with("ETag", "\"v1\"")
    }

    /// With one more header.
    pub fn with(mut self, name: &str, value: &str) -> Reply {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Claiming another length than it has.
    pub fn claiming(self, length: usize) -> Reply {
        Reply { length: Some(length), ..self }
    }

    /// Broken off after so many bytes.
    pub fn cut(self, at: usize) -> Reply {
        Reply { cut: Some(at), ..self }
    }

    pub(super) fn with_cors(self) -> Reply {
        CORS.iter().fold(self, |reply, (name, value)| reply.with(name, value))
    }

    pub(super) fn send(&self, to: &mut TcpStream) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {} X\r\nConnection: close\r\n", self.status);
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        if self.status != 204 && self.status != 304 {
            let _ = write!(head, "Content-Length: {}\r\n", self.length.unwrap_or(self.body.len()));
        }
        to.write_all(format!("{head}\r\n").as_bytes())?;
        to.write_all(&self.body[..self.cut.unwrap_or(usize::MAX).min(self.body.len())])?;
        to.shutdown(Shutdown::Write)
    }
}
