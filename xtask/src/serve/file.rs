//! Finds the file a request asks for, and makes the answer.

use super::request::Request;
use super::{Options, mime, range};
use crate::names;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// An answer, its body still in the file.
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The bytes of the body.
    pub length: u64,
    headers: Vec<(&'static str, String)>,
    body: Body,
}

enum Body {
    Text(&'static str),
    File { file: File, start: u64 },
}

/// Answers a request from the folders.
pub fn answer(request: &Request, mounts: &[(String, PathBuf)], options: &Options) -> Answer {
    let mut answer = match request.method.as_str() {
        "GET" | "HEAD" => found(request, mounts, options),
        "OPTIONS" if options.cors => Answer::text(204, ""),
        _ => Answer::text(405, "only GET and HEAD are answered here\n").with("Allow", "GET, HEAD"),
    };
    if options.cors {
        answer = answer
            .with("Access-Control-Allow-Origin", "*")
            .with("Access-Control-Allow-Methods", "GET, HEAD")
            .with("Access-Control-Allow-Headers", "*, Authorization, Range, If-Range")
            .with("Access-Control-Expose-Headers", "Accept-Ranges, Content-Range, Content-Length, ETag");
    }
    answer.with("X-Content-Type-Options", "nosniff")
}

fn found(request: &Request, mounts: &[(String, PathBuf)], options: &Options) -> Answer {
    let Some(path) = request.path() else { return Answer::text(400, "this is not a path\n") };
    let home = mounts.iter().find_map(|(mount, root)| {
        let inner = path.strip_prefix(mount.as_str())?;
        (inner.is_empty() || inner.starts_with('/')).then_some((root, inner))
    });
    let Some((root, inner)) = home else { return not_found() };
    let mut file = root.join(inner.trim_start_matches('/'));
    if file.is_dir() {
        if !path.ends_with('/') {
            return Answer::text(301, "").with("Location", format!("{path}/"));
        }
        file.push("index.html");
    } else if path.ends_with('/') {
        return not_found();
    }
    opened(request, &file, options).unwrap_or_else(|_| not_found())
}

fn not_found() -> Answer {
    Answer::text(404, "there is no such file\n")
}

fn opened(request: &Request, path: &Path, options: &Options) -> io::Result<Answer> {
    let file = File::open(path)?;
    let about = file.metadata()?;
    let length = about.len();
    let changed = about.modified()?.duration_since(UNIX_EPOCH).map_err(io::Error::other)?;
    let tag = format!("\"{length:x}-{:x}\"", changed.as_nanos());
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let keep = if names::carries_hash(&name) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let same = request.if_none_match.as_deref() == Some(tag.as_str());
    // A changed file makes a range meaningless; the whole is sent instead.
    let current = request.if_range.as_deref().is_none_or(|held| held == tag);
    let part =
        if options.no_range || !current { range::Part::Whole } else { range::part(request.range.as_deref(), length) };
    let answer = match part {
        _ if same => Answer::text(304, ""),
        range::Part::Whole => Answer::file(200, file, 0, length),
        range::Part::Bytes { start, end } => Answer::file(206, file, start, end - start)
            .with("Content-Range", format!("bytes {start}-{}/{length}", end - 1)),
        range::Part::None => Answer::text(416, "").with("Content-Range", format!("bytes */{length}")),
    };
    let ranges = if options.no_range { "none" } else { "bytes" };
    Ok(answer
        .with("Content-Type", mime::of(&name))
        .with("Accept-Ranges", ranges)
        .with("Cache-Control", keep)
        .with("ETag", tag))
}

impl Answer {
    fn text(status: u16, text: &'static str) -> Answer {
        Answer { status, length: text.len() as u64, headers: Vec::new(), body: Body::Text(text) }
    }

    fn file(status: u16, file: File, start: u64, length: u64) -> Answer {
        Answer { status, length, headers: Vec::new(), body: Body::File { file, start } }
    }

    fn with(mut self, key: &'static str, value: impl Into<String>) -> Answer {
        self.headers.push((key, value.into()));
        self
    }

    /// Sends head and body, or only the head if that was asked for.
    pub fn send(self, request: &Request, to: &mut impl Write) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (key, value) in &self.headers {
            head.push_str(&format!("{key}: {value}\r\n"));
        }
        if self.status != 304 && self.status != 204 {
            head.push_str(&format!("Content-Length: {}\r\n", self.length));
        }
        if request.close {
            head.push_str("Connection: close\r\n");
        }
        head.push_str("\r\n");
        to.write_all(head.as_bytes())?;
        if request.method == "HEAD" {
            return Ok(());
        }
        match self.body {
            Body::Text(text) => to.write_all(text.as_bytes()),
            Body::File { mut file, start } => {
                file.seek(SeekFrom::Start(start))?;
                io::copy(&mut file.take(self.length), to).map(|_| ())
            }
        }
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        304 => "Not Modified",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        416 => "Range Not Satisfiable",
        _ => "",
    }
}
