//! Bytes front to back, as digests and statistics go through them: streamed by the browser where that is worth it, else
//! read at positions.

use std::io::{self, Read};
use std::task::Poll;

use crate::error::{Error, Result};
use crate::model::Locator;
use crate::source::{Flow, Roots};

/// Fewest bytes that are worth a flow: setting one up costs as much as reading a few blocks at positions.
const WORTH_A_FLOW: u64 = 4 << 20;

/// So many bytes, which somebody promised.
pub(super) struct Bytes {
    from: From,
    /// What they are, for people.
    what: &'static str,
    /// Where they begin in it.
    base: u64,
    read: u64,
    expected: u64,
}

enum From {
    Read(Box<dyn Read>),
    Flow(Box<dyn Flow>),
}

/// Where bytes go.
pub(super) trait Sink {
    /// Takes what it can of `bytes`, and says how much that was; 0 at their end.
    fn read(&mut self, bytes: &mut dyn Read) -> io::Result<usize>;

    /// Takes exactly the next `len` bytes, which have come.
    fn take(&mut self, bytes: &mut dyn Flow, len: usize);
}

impl Bytes {
    /// The `expected` bytes of `what`: all that lies at `whole`, if that is worth streaming, else what `open` gives.
    ///
    /// # Errors
    /// When they cannot be opened.
    pub(super) fn open(
        roots: &Roots,
        (what, expected): (&'static str, u64),
        whole: Option<&Locator>,
        open: impl FnOnce() -> Result<Box<dyn Read>>,
    ) -> Result<Self> {
        let flow = whole.filter(|_| expected >= WORTH_A_FLOW).and_then(|locator| roots.flow(locator));
        let from = match flow {
            Some(flow) => From::Flow(flow),
            None => From::Read(open()?),
        };
        Ok(Self { from, what, base: 0, read: 0, expected })
    }

    /// The `expected` bytes of `what` from `base` on as they come.
    pub(super) fn flow(what: &'static str, base: u64, expected: u64, flow: Box<dyn Flow>) -> Self {
        Self { from: From::Flow(flow), what, base, read: 0, expected }
    }

    /// Bytes poured so far.
    pub(super) fn read(&self) -> u64 {
        self.read
    }

    /// Gives the next bytes to `sink` and says how many; 0 at the end, which must be where it was promised.
    ///
    /// # Errors
    /// When the bytes cannot be read, or end too early.
    pub(super) fn pour(&mut self, sink: &mut dyn Sink) -> Poll<Result<u64>> {
        let poured = match &mut self.from {
            From::Read(bytes) => sink.read(bytes),
            From::Flow(flow) => match flow.poll() {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(len)) if len > 0 => {
                    sink.take(flow.as_mut(), len);
                    Ok(len)
                }
                Poll::Ready(ended) => ended,
            },
        };
        Poll::Ready(match poured {
            Ok(0) if self.read < self.expected => Err(self.ends_early()),
            Ok(len) => {
                self.read = self.read.saturating_add(len as u64);
                Ok(len as u64)
            }
            Err(cause) => Err(Error::io("the file", self.at(), cause)),
        })
    }

    fn at(&self) -> u64 {
        self.base.saturating_add(self.read)
    }

    fn ends_early(&self) -> Error {
        let missing = self.expected.saturating_sub(self.read);
        Error::malformed(self.what, self.at(), format!("{missing} of {} bytes are missing at the end", self.expected))
    }
}

/// Fills `block` as far as the bytes go.
pub(super) fn read_full(bytes: &mut dyn Read, block: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0_usize;
    while let Some(rest) = block.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match bytes.read(rest)? {
            0 => break,
            read => filled = filled.saturating_add(read),
        }
    }
    Ok(filled)
}
