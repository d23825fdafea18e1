//! The bytes of a tensor, in blocks of whole elements.

use std::io::Read;
use std::task::Poll;

use crate::error::Result;
use crate::model::{Layer, Locator};
use crate::source::Roots;
use crate::task::block::{BLOCK, Block};
use crate::task::bytes::Bytes;
use crate::task::gather::Gather;
use crate::tensor::{Code, Run, Runs};

/// Bytes read in one step at most to bring scattered elements together.
const SCATTERED: u64 = 4 << 20;
/// Places that are streamed from at once: one is slower than sums, more than these are no faster.
const PLACES: u64 = 4;
/// Fewest bytes that are worth a place of their own.
const WORTH_ONE: u64 = 4 << 20;

/// The elements of a tensor, block by block.
pub(super) struct Blocks {
    from: From,
    /// Bytes of an element, 1 where two share one.
    width: usize,
    /// The place that is asked first: none waits for ever.
    turn: usize,
}

enum From {
    /// One after the other, from several places at once.
    Dense(Vec<Stretch>),
    Scattered {
        gather: Gather,
        runs: Runs,
        run: Option<Run>,
        block: Vec<u8>,
    },
}

/// Elements that lie one after the other.
struct Stretch {
    bytes: Bytes,
    block: Block,
    /// Bytes at the start of the block that were given before.
    given: usize,
}

impl Blocks {
    /// Of the tensor at `locator`, whose elements lie in `span` bytes.
    ///
    /// # Errors
    /// When the locator leads nowhere.
    pub(super) fn open(roots: &Roots, locator: &Locator, code: Code, runs: &Runs, span: u64) -> Result<Self> {
        let width = code.width().unwrap_or(1);
        let from = if runs.is_dense() {
            From::Dense(stretches(roots, locator, width as u64, span)?)
        } else {
            let gather = Gather::new(roots.open(locator)?, width as u64);
            From::Scattered { gather, runs: packed(runs, code), run: None, block: Vec::new() }
        };
        Ok(Self { from, width, turn: 0 })
    }

    /// Bytes read so far.
    pub(super) fn read(&self) -> u64 {
        match &self.from {
            From::Dense(stretches) => stretches.iter().map(|stretch| stretch.bytes.read()).fold(0, u64::saturating_add),
            From::Scattered { gather, .. } => gather.read(),
        }
    }

    /// The next whole elements, and which of the places they are from; none at the end. The elements of a place come in
    /// their order, the places as they are ready.
    ///
    /// # Errors
    /// When the bytes cannot be read, or end too early.
    pub(super) fn next(&mut self) -> Poll<Result<(usize, &[u8])>> {
        match &mut self.from {
            From::Dense(stretches) => {
                let mut is_pending = false;
                let count = stretches.len();
                for at in (0..count).map(|after| self.turn.wrapping_add(after).checked_rem(count).unwrap_or(0)) {
                    let Some(stretch) = stretches.get_mut(at) else { continue };
                    match stretch.fill(self.width) {
                        Poll::Pending => is_pending = true,
                        Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                        Poll::Ready(Ok(())) if stretch.given > 0 => {
                            self.turn = at.wrapping_add(1);
                            return Poll::Ready(Ok((at, stretches.get(at).map_or(&[], Stretch::whole))));
                        }
                        Poll::Ready(Ok(())) => {}
                    }
                }
                if is_pending { Poll::Pending } else { Poll::Ready(Ok((0, &[]))) }
            }
            From::Scattered { gather, runs, run, block } => {
                block.clear();
                Poll::Ready(scattered(gather, runs, run, self.width, block).map(|()| (0, block.as_slice())))
            }
        }
    }
}

/// All `span` bytes; from several places at once where they can be streamed from anywhere.
fn stretches(roots: &Roots, locator: &Locator, width: u64, span: u64) -> Result<Vec<Stretch>> {
    let count = span.checked_div(WORTH_ONE).unwrap_or(0).min(PLACES);
    let each = span.div_ceil(count.max(1)).next_multiple_of(width.max(1));
    let piece = |at: u64| {
        let offset = at.saturating_mul(each).min(span);
        let len = span.saturating_sub(offset).min(each);
        let place = locator.clone().then(&[Layer::Window { offset, len }]);
        Some(Stretch::new(Bytes::flow("tensor", offset, len, roots.flow(&place)?), len))
    };
    if count > 1
        && let Some(stretches) = (0..count).map(piece).collect()
    {
        return Ok(stretches);
    }
    let whole = (roots.len_of(locator) == span).then_some(locator);
    let open = || Ok(Box::new(roots.stream(locator)?.take(span)) as Box<dyn Read>);
    Ok(vec![Stretch::new(Bytes::open(roots, ("tensor", span), whole, open)?, span)])
}

impl Stretch {
    /// Of `len` bytes.
    fn new(bytes: Bytes, len: u64) -> Self {
        Self { bytes, block: Block::of(len), given: 0 }
    }

    /// Drops what was given, and gets at least one whole element unless the bytes have ended.
    fn fill(&mut self, width: usize) -> Poll<Result<()>> {
        self.block.drop_first(self.given);
        self.given = 0;
        loop {
            let before = self.block.len();
            match self.bytes.pour(&mut self.block) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Ready(Ok(_)) => {}
            }
            let whole = self.block.len().checked_div(width).unwrap_or(0).saturating_mul(width);
            if whole > 0 || self.block.len() == before {
                self.given = whole;
                return Poll::Ready(Ok(()));
            }
        }
    }

    fn whole(&self) -> &[u8] {
        self.block.first(self.given)
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
