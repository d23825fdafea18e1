//! Bytes behind a URL, by HTTP Range (RFC 9110, section 14). What is asked and what the answers mean is here, in plain
//! Rust; the environment only carries requests: synchronous ones for random access ([`HttpReader`]), since parsers read
//! synchronously, and streams for bulk work ([`Stream`]), which a task waits for.
//!
//! Only single ranges `bytes=a-b` are asked for: browsers send them to other origins without a preflight. What a server
//! does not let a page read (CORS hides all headers but a few) is worked out another way or not relied on.

mod content_range;
mod key;
mod probe;
mod reader;
mod stream;

use serde::{Deserialize, Serialize};

pub use content_range::ContentRange;
pub use key::{Key, Scheme, origin};
pub use probe::{Probe, Probed};
pub use reader::{HttpReader, Transport};
pub use stream::{Broken, Stream};

/// What an answer says before its body. A header that cannot be read is `None`, as if it were not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Head {
    /// Status.
    pub status: u16,
    /// `Content-Range`.
    pub content_range: Option<String>,
    /// `Content-Length`: of the part that is sent.
    pub content_length: Option<u64>,
    /// `ETag`.
    pub etag: Option<String>,
}

impl Head {
    fn range(&self) -> Option<ContentRange> {
        ContentRange::parse(self.content_range.as_deref()?)
    }

    /// Length of the whole, as far as the answer says it.
    fn total(&self) -> Option<u64> {
        self.range()?.total
    }
}

/// What is known of a file behind a URL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Length in bytes.
    pub len: u64,
    /// The version of it, where the server tells.
    pub etag: Option<String>,
}

/// A range to ask for, both ends included; `None` for as far as it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// First byte.
    pub first: u64,
    /// Last byte.
    pub last: Option<u64>,
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "bytes={}-", self.first)?;
        self.last.map_or(Ok(()), |last| write!(f, "{last}"))
    }
}

/// The host of a URL, for messages: never its path or query, which can be secrets.
pub fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit_once('@').map_or(authority, |(_, host)| host)
}

/// Whether the answer is about the bytes that were asked for, of the file that was asked before.
fn check(head: &Head, first: u64, facts: &Facts) -> Result<(), String> {
    if let Some((start, _)) = head.range().and_then(|range| range.span).filter(|(start, _)| *start != first) {
        return Err(format!("asked for bytes from {first} on, the server sent them from {start} on"));
    }
    if let Some(total) = head.total().filter(|total| *total != facts.len) {
        return Err(format!("the file had {} bytes when it was opened, and has {total} now: open it again", facts.len));
    }
    match (&facts.etag, &head.etag) {
        (Some(then), Some(now)) if then != now => {
            Err("the file is another one than when it was opened (its ETag changed): open it again".to_owned())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_told_without_secrets() {
        assert_eq!(host("https://user:word@x.example:8080/a?sig=1"), "x.example:8080");
        assert_eq!(host("https://x.example?sig=1"), "x.example");
        assert_eq!(host("nonsense"), "nonsense");
    }

    #[test]
    fn a_range_is_written_as_the_header_wants_it() {
        assert_eq!(Range { first: 5, last: Some(9) }.to_string(), "bytes=5-9");
        assert_eq!(Range { first: 0, last: None }.to_string(), "bytes=0-");
    }
}
