//! The bytes of a tensor, in blocks of whole elements.

use std::io::{self, Read};
use std::task::Poll;

use crate::error::Result;
use crate::model::Locator;
use crate::source::{Flow, Roots};
use crate::task::bytes::{Bytes, Sink};
use crate::task::gather::Gather;
use crate::tensor::{Code, Run, Runs};

/// Bytes of a block: a step stays below the worker's slice.
const BLOCK: usize = 1 << 20;
/// Bytes read in one step at most to bring scattered elements together.
const SCATTERED: u64 = 4 << 20;

/// The elements of a tensor, block by block.
pub(super) struct Blocks {
    from: From,
    /// Bytes of an element, 1 where two share one.
    width: usize,
    block: Vec<u8>,
    /// Bytes at the start of the block that were given before.
    given: usize,
}

enum From {
    /// One after the other.
    Dense(Bytes),
    Scattered {
        gather: Gather,
        runs: Runs,
        run: Option<Run>,
    },
}

impl Blocks {
    /// Of the tensor at `locator`, whose elements lie in `span` bytes.
    ///
    /// # Errors
    /// When the locator leads nowhere.
    pub(super) fn open(roots: &Roots, locator: &Locator, code: Code, runs: &Runs, span: u64) -> Result<Self> {
        let width = code.width().unwrap_or(1);
        let from = if runs.is_dense() {
            let whole = (roots.len_of(locator) == span).then_some(locator);
            let open = || Ok(Box::new(roots.stream(locator)?.take(span)) as Box<dyn Read>);
            From::Dense(Bytes::open(roots, ("tensor", span), whole, open)?)
        } else {
            let gather = Gather::new(roots.open(locator)?, width as u64);
            From::Scattered { gather, runs: packed(runs, code), run: None }
        };
        Ok(Self { from, width, block: Vec::new(), given: 0 })
    }

    /// Bytes read so far.
    pub(super) fn read(&self) -> u64 {
        match &self.from {
            From::Dense(bytes) => bytes.read(),
            From::Scattered { gather, .. } => gather.read(),
        }
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
            let poured = match &mut self.from {
                From::Dense(bytes) => bytes.pour(&mut Append(&mut self.block)).map_ok(|_| ()),
                From::Scattered { gather, runs, run } => {
                    Poll::Ready(scattered(gather, runs, run, self.width, &mut self.block))
                }
            };
            match poured {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Ready(Ok(())) => {}
            }
            let whole = self.block.len().checked_div(self.width).unwrap_or(0).saturating_mul(self.width);
            if whole > 0 || self.block.len() == before {
                self.given = whole;
                break;
            }
        }
        Poll::Ready(Ok(self.block.get(..self.given).unwrap_or_default()))
    }
}

/// Appends to a block.
struct Append<'a>(&'a mut Vec<u8>);

impl Sink for Append<'_> {
    fn read(&mut self, bytes: &mut dyn Read) -> io::Result<usize> {
        let most = BLOCK.saturating_sub(self.0.len()) as u64;
        bytes.take(most).read_to_end(self.0)
    }

    fn take(&mut self, bytes: &mut dyn Flow, len: usize) {
        let from = self.0.len();
        self.0.resize(from.saturating_add(len), 0);
        bytes.take(self.0.get_mut(from..).unwrap_or_default());
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
