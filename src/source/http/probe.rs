//! The first question to a URL: does it answer ranges, and how long is it?

use super::{Facts, Head, Range, host};
use crate::error::{Error, Result};

/// What is asked next. Its body is never wanted: whoever carries the request breaks it off when the head is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Probe {
    /// The first byte.
    #[default]
    First,
    /// All of it, to learn the length from `Content-Length`, which a page may always read.
    All,
}

/// What an answer to a [`Probe`] means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probed {
    /// The host answers ranges.
    Ranges(Facts),
    /// It does, but the length is not readable: ask this.
    Again(Probe),
    /// The host ignores ranges, or does not know the length: opening means to load all of it, of this length if known.
    Whole(Option<u64>),
}

impl Probe {
    /// The range to ask for.
    pub fn range(self) -> Range {
        match self {
            Self::First => Range { first: 0, last: Some(0) },
            Self::All => Range { first: 0, last: None },
        }
    }

    /// What the answer means.
    ///
    /// # Errors
    /// [`Error::Remote`] when there is nothing to open, or the answer is not one to the question.
    pub fn answered(self, url: &str, head: &Head) -> Result<Probed> {
        let etag = head.etag.clone();
        let ranges = |len| Ok(Probed::Ranges(Facts { len, etag }));
        let refused = |words: &str| {
            Err(Error::Remote { host: host(url).to_owned(), status: head.status, message: words.to_owned() })
        };
        match (head.status, self) {
            (206, _) if head.range().and_then(|range| range.span).is_some_and(|(first, _)| first != 0) => {
                refused("other bytes than those asked for")
            }
            (206, _) if head.total().is_some() => ranges(head.total().unwrap_or_default()),
            (206, Self::First) => Ok(Probed::Again(Self::All)),
            (206, Self::All) => head.content_length.map_or(Ok(Probed::Whole(None)), ranges),
            (200, _) if head.content_length == Some(0) => ranges(0),
            (200, _) => Ok(Probed::Whole(head.content_length)),
            // An empty file has no first byte.
            (416, Self::First) if head.total() == Some(0) => ranges(0),
            (416, Self::First) if head.content_range.is_none() => Ok(Probed::Again(Self::All)),
            (204, _) => refused("nothing is there"),
            (401 | 403, _) => refused("access is denied: the address may need a sign-in, or have expired"),
            (404 | 410, _) => refused("not found"),
            (429, _) => refused("too many requests: try again later"),
            _ => refused("this is not an answer to a request for some bytes of a file"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(status: u16, content_range: Option<&str>, content_length: Option<u64>) -> Head {
        Head { status, content_range: content_range.map(str::to_owned), content_length, etag: None }
    }

    #[test]
    fn each_answer_means_one_thing() {
        let facts = |len| Probed::Ranges(Facts { len, etag: None });
        let cases = [
            (Probe::First, head(206, Some("bytes 0-0/42"), Some(1)), facts(42)),
            (Probe::First, head(206, None, Some(1)), Probed::Again(Probe::All)),
            (Probe::First, head(206, Some("bytes 0-0/*"), Some(1)), Probed::Again(Probe::All)),
            (Probe::All, head(206, None, Some(42)), facts(42)),
            (Probe::All, head(206, Some("bytes 0-41/*"), None), Probed::Whole(None)),
            (Probe::First, head(200, None, Some(42)), Probed::Whole(Some(42))),
            (Probe::First, head(200, None, None), Probed::Whole(None)),
            (Probe::First, head(200, None, Some(0)), facts(0)),
            (Probe::First, head(416, Some("bytes */0"), None), facts(0)),
        ];
        for (probe, head, expected) in cases {
            assert_eq!(probe.answered("https://x.example/a", &head).unwrap(), expected, "{head:?}");
        }
    }

    #[test]
    fn what_cannot_be_had_is_said_with_host_and_status() {
        let error = Probe::First.answered("https://x.example/a?sig=secret", &head(404, None, None)).unwrap_err();
        assert_eq!(error.to_string(), "x.example answered 404: not found");
        let other = Probe::First.answered("https://x.example/a", &head(206, Some("bytes 7-7/9"), None));
        assert!(other.unwrap_err().to_string().contains("other bytes"));
    }
}
