//! Random access: one range request a read, through an environment that waits for the answer.

use std::io;

use super::{Facts, Head, Range, check};
use crate::limits;
use crate::source::{Flow, ReadAt};

/// Carries one request and waits for the answer.
pub trait Transport {
    /// Asks for `range`, which is as long as `out`. Of an answer with status 206 the body goes into `out`, as far as it
    /// comes; of any other nothing is loaded. Returns what the answer said, and how many bytes came.
    ///
    /// # Errors
    /// When there was no answer.
    fn get(&self, range: Range, out: &mut [u8]) -> io::Result<(Head, usize)>;

    /// The same bytes as a stream, where the environment has one.
    fn flow(&self, facts: &Facts, offset: u64, len: u64) -> Option<Box<dyn Flow>> {
        let _no_stream = (facts, offset, len);
        None
    }
}

/// A file behind a URL that answers ranges.
pub struct HttpReader<T> {
    transport: T,
    facts: Facts,
}

impl<T: Transport> HttpReader<T> {
    /// Reads the file that `facts` are about.
    pub fn new(transport: T, facts: Facts) -> Self {
        Self { transport, facts }
    }
}

impl<T: Transport> ReadAt for HttpReader<T> {
    fn len(&self) -> u64 {
        self.facts.len
    }

    fn is_far(&self) -> bool {
        true
    }

    /// A connection that breaks after some bytes gives those: the next read goes on behind them.
    fn read_at(&self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let left = self.facts.len.saturating_sub(offset).min(out.len() as u64);
        let Some(last) = left.checked_sub(1) else { return Ok(0) };
        let range = Range { first: offset, last: Some(offset.saturating_add(last)) };
        let out = out.get_mut(..usize::try_from(left).unwrap_or(0)).unwrap_or_default();
        let mut why = io::Error::from(io::ErrorKind::UnexpectedEof);
        for _ in 0..limits::URL_TRIES {
            match self.transport.get(range, out) {
                Ok((head, read)) if head.status == 206 => {
                    check(&head, offset, &self.facts).map_err(io::Error::other)?;
                    if read > 0 {
                        return Ok(read);
                    }
                    why = io::Error::other("the connection closed before the first byte came");
                }
                Ok((head, _)) if matches!(head.status, 408 | 429 | 500..) => why = refused(head.status),
                Ok((head, _)) => return Err(refused(head.status)),
                Err(cause) => why = cause,
            }
        }
        Err(why)
    }

    fn flow(&self, offset: u64, len: u64) -> Option<Box<dyn Flow>> {
        self.transport.flow(&self.facts, offset, len)
    }
}

fn refused(status: u16) -> io::Error {
    let words = match status {
        200 => "the server no longer answers ranges: open the address again",
        416 => "the server says that the file ends before this byte: its length was not true, or it changed",
        401 | 403 => "the server denies access now: a signed address may have expired",
        404 | 410 => "the file is gone",
        429 => "the server says that there were too many requests",
        500.. => "the server failed",
        _ => "the server refused",
    };
    io::Error::other(format!("{words} (status {status})"))
}
