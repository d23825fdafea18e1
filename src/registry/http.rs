//! Requests and answers as plain data. The environment carries them: nothing here opens a connection.

use crate::source::http::{Head, Key, Range, host};

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Ask or add.
    Post,
    /// Set.
    Put,
    /// Remove.
    Delete,
}

impl Method {
    /// As HTTP writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// What to do about a redirect. One that leads to another origin would carry `X-API-Key` there; `Authorization` is dropped
/// by browsers where the origin changes (Fetch, section 4.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redirect {
    /// It is a failure.
    Refuse,
    /// It is the answer, of which a browser tells nothing but that it is one.
    Stop,
    /// Go there. Not with a key that would be carried along.
    Follow,
}

/// What of the answer is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wants {
    /// Status and headers: the connection is closed when they are there.
    Head,
    /// All of it, up to [`crate::limits::ANSWER`].
    Body,
}

/// One request. Never with cookies, a referrer, or an answer out of a cache.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// What to do.
    pub method: Method,
    /// Where.
    pub url: String,
    /// Sent only to the origin that it belongs to.
    pub key: Option<Key>,
    /// Sent as `Accept`; JSON where there is a key and nothing else is said.
    pub accept: Option<&'static str>,
    /// Sent as `Range`.
    pub range: Option<Range>,
    /// JSON.
    pub body: Option<String>,
    /// What to do about a redirect.
    pub redirect: Redirect,
    /// What of the answer is wanted.
    pub wants: Wants,
}

impl Request {
    /// Reads a URL that somebody named, without any secret but the URL itself.
    pub fn bare(url: &str, range: Option<Range>, wants: Wants) -> Self {
        let url = url.to_owned();
        Self { method: Method::Get, url, key: None, accept: None, range, body: None, redirect: Redirect::Follow, wants }
    }

    /// The same with a key, which is left out where a redirect would carry it along.
    #[must_use]
    pub fn with_key(self, key: Option<Key>) -> Self {
        Self { key, ..self }
    }

    /// Header names and values to send.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = Vec::new();
        let is_led_on = self.redirect == Redirect::Follow;
        headers.extend(self.key.as_ref().and_then(|key| key.header(&self.url, is_led_on)));
        headers.extend(self.range.map(|range| ("Range", range.to_string())));
        headers.extend(self.body.is_some().then(|| ("Content-Type", "application/json".to_owned())));
        let accept = self.accept.or_else(|| self.key.as_ref().map(|_| "application/json").filter(|_| !is_led_on));
        headers.extend(accept.map(|accept| ("Accept", accept.to_owned())));
        headers
    }
}

impl std::fmt::Debug for Request {
    /// Without anything that can be a secret: keys, and signed paths and queries.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.method.name(), host(&self.url))
    }
}

/// An answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Status; 0 of a redirect that was stopped at, in a browser.
    pub status: u16,
    /// Names in lower case, and values; those that may be read.
    pub headers: Vec<(String, String)>,
    /// The body, if it was wanted.
    pub body: Vec<u8>,
}

impl Answer {
    /// A header by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Whether it is a redirect.
    pub fn is_redirect(&self) -> bool {
        matches!(self.status, 0 | 301 | 302 | 303 | 307 | 308)
    }

    /// What a reader of ranges wants to know.
    pub fn head(&self) -> Head {
        let text = |name| self.header(name).map(str::to_owned);
        let content_length = self.header("content-length").and_then(|len| len.trim().parse().ok());
        Head { status: self.status, content_range: text("content-range"), content_length, etag: text("etag") }
    }
}

/// No answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The network, CORS, or a redirect that was refused: a page cannot tell which. In the environment's words.
    Unreachable(String),
    /// The answer is longer than [`crate::limits::ANSWER`].
    TooLong,
}
