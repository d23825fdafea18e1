//! The bytes of a tensor, in blocks of whole elements.

use std::io::Read;
use std::task::Poll;

use crate::error::{Error, Result};
use crate::model::Locator;
use crate::source::{Flow, Roots};
use crate::task::gather::Gather;
use crate::tensor::{Code, Run, Runs};

/// Bytes of a block: a step stays below the worker's slice.
const BLOCK: usize = 1 << 20;
/// Shortest tensor that is worth a flow, as for digests.
const WORTH_A_FLOW: u64 = 4 << 20;
/// Bytes read in one step at most to bring scattered elements together.
const SCATTERED: u64 = 4 << 20;

/// The elements of a tensor, block by block.
pub(super) struct Blocks {
    bytes: Bytes,
    /// Bytes of an element, 1 where two share one.
    width: usize,
    block: Vec<u8>,
    /// Bytes at the start of the block that were given before.
    given: usize,
    read: u64,
    expected: u64,
}

enum Bytes {
    Read(Box<dyn Read>),
    Flow(Box<dyn Flow>),
    Gather { gather: Gather, runs: Runs, run: Option<Run> },
}

impl Blocks {
    /// Of the tensor at `locator`, whose elements lie in `span` bytes.
    ///
    /// # Errors
    /// When the locator leads nowhere.
    pub(super) fn open(roots: &Roots, locator: &Locator, code: Code, runs: &Runs, span: u64) -> Result<Self> {
        let width = code.width().unwrap_or(1);
        let flow = if span >= WORTH_A_FLOW && roots.len_of(locator) == span { roots.flow(locator) } else { None };
        let bytes = match flow.filter(|_| runs.is_dense()) {
            Some(flow) => Bytes::Flow(flow),
            None if runs.is_dense() => Bytes::Read(Box::new(roots.stream(locator)?.take(span))),
            None => {
                let gather = Gather::new(roots.open(locator)?, width as u64);
                Bytes::Gather { gather, runs: packed(runs, code), run: None }
            }
        };
        Ok(Self { bytes, width, block: Vec::new(), given: 0, read: 0, expected: span })
    }

    /// Bytes read so far.
    pub(super) fn read(&self) -> u64 {
        if let Bytes::Gather { gather, .. } = &self.bytes { gather.read() } else { self.read }
    }

    /// The next whole elements; none at the end.
    ///
    /// # Errors
    /// When the bytes cannot be read, or end too early.
    pub(super) fn next(&mut self) -> Poll<Result<&[u8]>> {
        self.block.drain(..self.given.min(self.block.len()));
        self.given = 0;
        loop {
            let before = self.block.len();
            match self.bytes.pour(self.read, self.width, &mut self.block) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Ready(Ok(())) => {}
            }
            let come = self.block.len().saturating_sub(before);
            self.read = self.read.saturating_add(come as u64);
            let whole = self.block.len().checked_div(self.width).unwrap_or(0).saturating_mul(self.width);
            if whole > 0 || come == 0 {
                self.given = whole;
                break;
            }
        }
        if self.given == 0 && self.read < self.expected && !matches!(self.bytes, Bytes::Gather { .. }) {
            let missing = self.expected.saturating_sub(self.read);
            let what = format!("{missing} of {} bytes are missing at the end", self.expected);
            return Poll::Ready(Err(Error::malformed("tensor", self.read, what)));
        }
        Poll::Ready(Ok(self.block.get(..self.given).unwrap_or_default()))
    }
}

impl Bytes {
    /// Appends what comes next to `block`; nothing at the end.
    fn pour(&mut self, read: u64, width: usize, block: &mut Vec<u8>) -> Poll<Result<()>> {
        match self {
            Self::Read(bytes) => {
                let most = BLOCK.saturating_sub(block.len()) as u64;
                let come = bytes.by_ref().take(most).read_to_end(block);
                Poll::Ready(come.map(|_| ()).map_err(|cause| Error::io("the file", read, cause)))
            }
            Self::Flow(flow) => match flow.poll() {
                Poll::Pending => Poll::Pending,
                Poll::Ready(Ok(len)) => {
                    let from = block.len();
                    block.resize(from.saturating_add(len), 0);
                    if let Some(room) = block.get_mut(from..).filter(|room| !room.is_empty()) {
                        flow.take(room);
                    }
                    Poll::Ready(Ok(()))
                }
                Poll::Ready(Err(cause)) => Poll::Ready(Err(Error::io("the file", read, cause))),
            },
            Self::Gather { gather, runs, run } => Poll::Ready(scattered(gather, runs, run, width, block)),
        }
    }
}

/// Fills `block` with the elements of the next runs.
fn scattered(
    gather: &mut Gather,
    runs: &mut Runs,
    current: &mut Option<Run>,
    width: usize,
    block: &mut Vec<u8>,
) -> Result<()> {
    let begun = gather.read();
    while block.len() < BLOCK && gather.read().saturating_sub(begun) < SCATTERED {
        let Some(run) = current.take().or_else(|| runs.next()) else { break };
        let room = BLOCK.saturating_sub(block.len()).checked_div(width).unwrap_or(0).max(1) as u64;
        // Elements that lie far apart are read one by one: few enough at a time to stay within a step.
        let most = if run.step == 1 { room } else { room.min(64) };
        let now = run.count.min(most);
        gather.take(Run { count: now, ..run }, block)?;
        let left = run.count.saturating_sub(now);
        if left > 0 {
            let first = run.first.saturating_add(now.saturating_mul(run.step));
            *current = Some(Run { first, count: left, ..run });
        }
    }
    Ok(())
}

/// Two packed elements share a byte: the same runs, in bytes.
fn packed(runs: &Runs, code: Code) -> Runs {
    if code.width().is_some() { runs.clone() } else { runs.halved() }
}
