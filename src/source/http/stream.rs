//! Bytes from front to back, going on where a connection broke.
//!
//! # The driver's manual
//! 1. Send [`Stream::range`] and [`Stream::if_range`]; give the head of the answer to [`Stream::answered`].
//! 2. Tell [`Stream::came`] of each piece; only as many bytes of it count as it says.
//! 3. When the body ends or breaks, ask [`Stream::broke`]: it was all, or go back to 1 after some time, or give up.

use super::{Facts, Head, Range, check};
use crate::limits;

/// What to do when a body has ended or broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// That was all.
    Done,
    /// Ask again after so many milliseconds.
    Resume(u32),
    /// It cannot be had: this is why.
    GiveUp(String),
}

/// A stream of bytes of a file, over as many connections as it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    next: u64,
    /// Behind the last byte, when it is known.
    end: Option<u64>,
    /// Of the whole file; for a host that ignores ranges they are not known.
    facts: Option<Facts>,
    tries: u32,
}

impl Stream {
    /// `len` bytes from `offset` of a file that answers ranges.
    pub fn ranges(facts: Facts, offset: u64, len: u64) -> Self {
        let end = offset.saturating_add(len).min(facts.len);
        Self { next: offset, end: Some(end), facts: Some(facts), tries: 0 }
    }

    /// All of a file whose host ignores ranges; the length, if it is known, is a claim.
    pub fn whole(len: Option<u64>) -> Self {
        Self { next: 0, end: len, facts: None, tries: 0 }
    }

    /// The range to ask for; `None` to ask for all of it.
    pub fn range(&self) -> Option<Range> {
        let last = self.end.and_then(|end| end.checked_sub(1));
        (self.facts.is_some() || self.next > 0).then_some(Range { first: self.next, last })
    }

    /// What the file must still be for the range to make sense (RFC 9110, section 13.1.5): a strong tag only. Sending it
    /// to another origin costs a preflight; [`Stream::answered`] notices a change without it where the server tells.
    pub fn if_range(&self) -> Option<&str> {
        let etag = self.facts.as_ref()?.etag.as_deref()?;
        (self.next > 0 && !etag.starts_with("W/")).then_some(etag)
    }

    /// Where it is.
    pub fn position(&self) -> u64 {
        self.next
    }

    /// Behind the last byte, when it is known.
    pub fn end(&self) -> Option<u64> {
        self.end
    }

    /// Takes in the head of an answer.
    ///
    /// # Errors
    /// What is wrong with it, in words; [`Broken::Resume`] cannot help.
    pub fn answered(&mut self, head: &Head) -> Result<(), String> {
        match (head.status, &self.facts) {
            (206, Some(facts)) => check(head, self.next, facts),
            (206, None) if head.range().and_then(|range| range.span).is_some_and(|(first, _)| first == self.next) => {
                Ok(())
            }
            (200, None) if self.next == 0 => {
                let is_other = self.end.is_some() && head.content_length.is_some() && self.end != head.content_length;
                self.end = head.content_length.or(self.end);
                if is_other {
                    Err("the server says another length than before: open it again".to_owned())
                } else {
                    Ok(())
                }
            }
            (200, None) => Err(format!(
                "the connection broke at byte {}, and this host cannot go on from there: it would start over",
                self.next
            )),
            (200, Some(_)) => {
                Err("the file changed while it was read, or the server stopped answering ranges".to_owned())
            }
            (416, _) => Err(format!("the server says that the file ends before byte {}", self.next)),
            (401 | 403, _) => Err("the server denies access now: a signed address may have expired".to_owned()),
            (status, _) => Err(format!("the server answered {status}")),
        }
    }

    /// A piece came; returns how many bytes of it belong to what was asked for.
    pub fn came(&mut self, len: u64) -> u64 {
        let counts = self.end.map_or(len, |end| end.saturating_sub(self.next).min(len));
        self.next = self.next.saturating_add(counts);
        if counts > 0 {
            self.tries = 0;
        }
        counts
    }

    /// Whether everything came.
    pub fn is_done(&self) -> bool {
        self.end.is_some_and(|end| self.next >= end)
    }

    /// The body ended (`None`) or broke, or there was no answer; `why` in the environment's words.
    pub fn broke(&mut self, why: Option<&str>) -> Broken {
        if self.is_done() || (self.end.is_none() && why.is_none()) {
            return Broken::Done;
        }
        self.tries = self.tries.saturating_add(1);
        if self.tries > limits::URL_TRIES {
            let of = self.end.map_or_else(String::new, |end| format!(" of {end}"));
            let why = why.unwrap_or("the connection closed early");
            return Broken::GiveUp(format!("{why}, at byte {}{of}, {} times in a row", self.next, self.tries));
        }
        Broken::Resume(500_u32.saturating_mul(self.tries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(status: u16, content_range: &str, etag: Option<&str>) -> Head {
        let content_range = Some(content_range.to_owned());
        Head { status, content_range, content_length: None, etag: etag.map(str::to_owned) }
    }

    #[test]
    fn a_broken_stream_goes_on_where_it_broke_if_the_file_is_the_same() {
        let facts = Facts { len: 100, etag: Some("\"a\"".to_owned()) };
        let mut stream = Stream::ranges(facts, 10, 80);
        assert_eq!((stream.range().unwrap().to_string().as_str(), stream.if_range()), ("bytes=10-89", Some("\"a\"")));
        stream.answered(&head(206, "bytes 10-89/100", Some("\"a\""))).unwrap();
        assert_eq!(stream.came(30), 30);
        assert_eq!(stream.broke(Some("reset")), Broken::Resume(500));
        assert_eq!(stream.range().unwrap().to_string(), "bytes=40-89");
        let changed = stream.clone().answered(&head(206, "bytes 40-89/100", Some("\"b\""))).unwrap_err();
        assert!(changed.contains("ETag"), "{changed}");
        stream.answered(&head(206, "bytes 40-89/100", Some("\"a\""))).unwrap();
        assert_eq!((stream.came(999), stream.broke(None)), (50, Broken::Done));
    }

    #[test]
    fn it_gives_up_only_after_tries_without_any_progress() {
        let mut stream = Stream::ranges(Facts { len: 100, etag: None }, 0, 100);
        for _ in 0..50 {
            assert_eq!(stream.came(1), 1);
            assert!(matches!(stream.broke(Some("reset")), Broken::Resume(_)));
        }
        for _ in 1..limits::URL_TRIES {
            assert!(matches!(stream.broke(None), Broken::Resume(_)));
        }
        assert!(matches!(stream.broke(None), Broken::GiveUp(why) if why.contains("at byte 50 of 100")));
    }

    #[test]
    fn a_host_without_ranges_cannot_resume() {
        let mut stream = Stream::whole(Some(10));
        let answer = Head { status: 200, content_length: Some(10), ..Head::default() };
        assert_eq!(stream.range(), None);
        stream.answered(&answer).unwrap();
        assert_eq!(stream.came(4), 4);
        assert!(matches!(stream.broke(None), Broken::Resume(_)));
        assert!(stream.answered(&answer).unwrap_err().contains("start over"));
    }

    #[test]
    fn an_end_that_nobody_announced_is_the_end() {
        let mut stream = Stream::whole(None);
        stream.answered(&Head { status: 200, ..Head::default() }).unwrap();
        stream.came(7);
        assert!(matches!(stream.clone().broke(Some("reset")), Broken::Resume(_)));
        assert_eq!(stream.broke(None), Broken::Done);
    }
}
