//! The digest of the elements of each of some tensors, row by row and little-endian whatever their layout in the file, and
//! from these the identity of what they are ([`crate::tensor::identity`]).
//!
//! On the way each tensor is compared with itself, which costs a tenth of the hashing: who compares it later with one of the
//! same digest has every number without reading it again.

use super::gather::Gather;
use super::{Outcome, Part, Phase, Progress, Step, Task};
use crate::digest::Sha256;
use crate::error::{Error, Result};
use crate::model::Endian;
use crate::source::Roots;
use crate::tensor::{Comparer, Content, Elements, Held, NamedTensor, Run, identity};

/// Bytes of one step: a few milliseconds.
const STEP: u64 = 1 << 20;
/// Elements of one step where they do not lie one after the other: each may be a read of its own.
const SCATTERED: u64 = 4096;

/// Hashes tensors one after the other.
pub struct Identity {
    roots: Roots,
    tensors: Vec<NamedTensor>,
    open: Option<Open>,
    contents: Vec<Content>,
    held: Vec<Held>,
    done: u64,
    total: u64,
}

/// The tensor that is being hashed.
struct Open {
    gather: Gather,
    digest: Sha256,
    comparer: Comparer,
    /// Elements hashed, of how many; of packed ones bytes.
    next: u64,
    count: u64,
    /// Elements compared, of how many.
    compared: u64,
    elements: u64,
    /// Elements of the innermost dimension.
    row: u64,
    steps: Vec<u64>,
    /// Whether they lie row by row and without gaps.
    is_dense: bool,
    is_packed: bool,
    width: usize,
    /// Bytes that are turned around together: a number, or a half of a complex one.
    unit: usize,
}

impl Identity {
    /// Of `tensors`, all of one checkpoint.
    pub fn new(roots: Roots, tensors: Vec<NamedTensor>) -> Self {
        let bytes =
            |named: &NamedTensor| named.elements.count().ok().and_then(|count| named.elements.dtype.bytes_for(count));
        let total = tensors.iter().filter_map(bytes).fold(0, u64::saturating_add);
        Self { roots, tensors, open: None, contents: Vec::new(), held: Vec::new(), done: 0, total }
    }

    fn start(&self, named: &NamedTensor) -> Result<Open> {
        let elements = &named.elements;
        let source = self.roots.open(&named.locator)?;
        let (all, code) = (elements.count()?, elements.code()?);
        // Two packed elements share a byte, and lie row by row: whole bytes are hashed.
        let (width, count) = match code.width() {
            Some(width) => (width, all),
            None => (1, elements.dtype.bytes_for(all).unwrap_or(u64::MAX)),
        };
        let is_packed = code.width().is_none();
        let row = elements.shape.last().copied().filter(|_| !is_packed).unwrap_or(count).max(1);
        let unit = width.checked_div(code.parts()).unwrap_or(width).max(1);
        let gather = Gather::new(source, width as u64);
        let (steps, is_dense) = (elements.steps(), elements.is_row_by_row());
        let (digest, comparer) = (Sha256::new(), Comparer::new(elements, elements)?);
        let (next, compared, elements) = (0, 0, all);
        Ok(Open {
            gather,
            digest,
            comparer,
            next,
            count,
            compared,
            elements,
            row,
            steps,
            is_dense,
            is_packed,
            width,
            unit,
        })
    }
}

impl Open {
    /// The next run of elements that lie evenly in the file and follow each other row by row.
    fn run(&self, elements: &Elements) -> Run {
        let left = self.count.saturating_sub(self.next);
        let most = STEP.checked_div(self.width as u64).unwrap_or(1).max(1);
        if self.is_dense {
            return Run { first: self.next, step: 1, count: left.min(most) };
        }
        let in_row = self.next.checked_rem(self.row).unwrap_or(0);
        let step = self.steps.last().copied().unwrap_or(1);
        let count = self.row.saturating_sub(in_row).min(left).min(SCATTERED);
        Run { first: elements.position(&self.steps, self.next), step, count }
    }

    /// Hashes some more; true at the end.
    fn advance(&mut self, elements: &Elements) -> Result<bool> {
        let scattered = SCATTERED.saturating_mul(self.width as u64);
        let (mut bytes, until) = (Vec::new(), if self.is_dense { STEP } else { scattered });
        while self.next < self.count && (bytes.len() as u64) < until {
            let run = self.run(elements);
            self.gather.take(run, &mut bytes)?;
            self.next = self.next.saturating_add(run.count.max(1));
        }
        if elements.endian == Endian::Big {
            bytes.chunks_exact_mut(self.unit).for_each(<[u8]>::reverse);
        }
        self.digest.update(&bytes);
        let whole = (bytes.len() as u64).checked_div(self.width as u64).unwrap_or(0);
        let left = self.elements.saturating_sub(self.compared);
        let count = if self.is_packed { whole.saturating_mul(2).min(left) } else { whole };
        self.comparer.add_same(&bytes, count);
        self.compared = self.compared.saturating_add(count);
        Ok(self.next >= self.count)
    }
}

impl Task for Identity {
    fn step(&mut self, _parts: &mut Vec<Part>) -> Result<Step> {
        let Some(named) = self.tensors.get(self.contents.len()) else {
            let (digest, held) = (identity(&self.contents), std::mem::take(&mut self.held));
            return Ok(Step::Done(Outcome::Identity { digest, held }));
        };
        let told = |error: Error| error.inside(&named.name);
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.start(named).map_err(told)?,
        };
        let before = open.next;
        if open.advance(&named.elements).map_err(told)? {
            let Elements { dtype, shape, .. } = &named.elements;
            let (sha256, itself) = (open.digest.finish(), open.comparer.finish(open.elements));
            self.held.push(Held { sha256, itself });
            let dtype = dtype.name().to_owned();
            self.contents.push(Content { name: named.name.clone(), dtype, shape: shape.clone(), sha256 });
            self.done = self.done.saturating_add(open.count.saturating_sub(before).saturating_mul(open.width as u64));
        } else {
            self.done = self.done.saturating_add(open.next.saturating_sub(before).saturating_mul(open.width as u64));
            self.open = Some(open);
        }
        Ok(Step::More)
    }

    fn progress(&self) -> Progress {
        Progress { phase: Phase::Hashing, done: self.done, total: self.total }
    }
}
