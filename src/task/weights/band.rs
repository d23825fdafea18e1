//! Elements that lie in another order, brought to row by row: some indexes of one dimension at a time, gathered in the order
//! in which the file has them.

use crate::error::Result;
use crate::limits;
use crate::source::Source;
use crate::task::gather::Gather;
use crate::tensor::Elements;

/// Bytes gathered in one call.
const STEP: usize = 1 << 20;
/// Distance of runs, in bytes, up to which what is between them is read with them.
const NEAR: u64 = 64 << 10;
/// Bytes read at a time where runs are near each other.
const AHEAD: u64 = 256 << 10;

/// The elements of a tensor, row by row.
pub(super) struct Band {
    gather: Gather,
    elements: Elements,
    steps: Vec<u64>,
    /// Bytes of an element.
    width: usize,
    /// The dimension that bands are cut from, and elements of one of its indexes.
    cut: usize,
    inner: u64,
    /// How many elements are in bands already.
    next: u64,
    making: Option<Making>,
    whole: Vec<u8>,
}

/// A band that is being gathered.
struct Making {
    /// Position of its first element in the file.
    first: u64,
    /// All dimensions, the one with the largest step in the file first.
    axes: Vec<Axis>,
    /// Indexes of all axes but the last.
    at: Vec<u64>,
    bytes: Vec<u8>,
}

#[derive(Clone, Copy)]
struct Axis {
    length: u64,
    /// From one index to the next in the file, and in the band.
    step: u64,
    pace: u64,
}

impl Band {
    /// Of `elements` of `width` bytes in `source`.
    pub(super) fn new(source: Source, elements: &Elements, width: u64) -> Self {
        let most = limits::WEIGHTS_BAND.checked_div(width).unwrap_or(1).max(1);
        let (mut cut, mut inner) = (elements.shape.len().saturating_sub(1), 1_u64);
        while let Some(larger) = elements.shape.get(cut).map(|length| inner.saturating_mul(*length))
            && cut > 0
            && larger <= most
        {
            (cut, inner) = (cut.saturating_sub(1), larger);
        }
        let (gather, steps) = (Gather::new(source, width), elements.steps());
        let width = usize::try_from(width).unwrap_or(1);
        let elements = elements.clone();
        Self { gather, elements, steps, width, cut, inner, next: 0, making: None, whole: Vec::new() }
    }

    /// What is in order and was not dropped.
    pub(super) fn whole(&self) -> &[u8] {
        &self.whole
    }

    /// Drops the first `count` bytes of what is in order, and works on more.
    ///
    /// # Errors
    /// When the bytes cannot be read, or end too early.
    pub(super) fn go_on(&mut self, count: usize) -> Result<()> {
        self.whole.drain(..count.min(self.whole.len()));
        let mut making = match self.making.take() {
            Some(making) => making,
            None => self.begin(),
        };
        let mut gathered = 0_usize;
        while gathered < STEP {
            gathered = gathered.saturating_add(making.run(&mut self.gather, self.width)?.max(1));
            if !making.turn() {
                self.whole.extend_from_slice(&making.bytes);
                return Ok(());
            }
        }
        self.making = Some(making);
        Ok(())
    }

    /// The next band: as many indexes of the cut dimension as are allowed.
    fn begin(&mut self) -> Making {
        let length = self.elements.shape.get(self.cut).copied().unwrap_or(1).max(1);
        let at = self.next.checked_div(self.inner).unwrap_or(0).checked_rem(length).unwrap_or(0);
        let most = limits::WEIGHTS_BAND.checked_div(self.width as u64).unwrap_or(1);
        let rows = most.checked_div(self.inner).unwrap_or(1).clamp(1, length.saturating_sub(at).max(1));
        let first = self.elements.position(&self.steps, self.next);
        let (mut axes, mut pace) = (Vec::new(), 1_u64);
        let dimensions = self.elements.shape.iter().zip(&self.steps).enumerate().skip(self.cut).rev();
        for (dimension, (length, step)) in dimensions {
            let length = if dimension == self.cut { rows } else { *length };
            axes.push(Axis { length, step: *step, pace });
            pace = pace.saturating_mul(length);
        }
        self.next = self.next.saturating_add(pace);
        axes.retain(|axis| axis.length != 1);
        axes.sort_by_key(|axis| std::cmp::Reverse(axis.step));
        let at = vec![0; axes.len().saturating_sub(1)];
        let bytes = usize::try_from(pace).unwrap_or(0).saturating_mul(self.width);
        Making { first, axes, at, bytes: vec![0; bytes] }
    }
}

impl Making {
    /// Gathers the elements along the last axis and says how many bytes they are.
    fn run(&mut self, gather: &mut Gather, width: usize) -> Result<usize> {
        let outer = || self.axes.iter().zip(&self.at);
        let sum = |terms: &mut dyn Iterator<Item = u64>| terms.fold(0, u64::saturating_add);
        let from = self.first.saturating_add(sum(&mut outer().map(|(axis, at)| at.saturating_mul(axis.step))));
        let to = sum(&mut outer().map(|(axis, at)| at.saturating_mul(axis.pace)));
        let last = self.axes.last().copied().unwrap_or(Axis { length: 1, step: 1, pace: 1 });
        let (offset, wide) = (from.saturating_mul(width as u64), width as u64);
        let far = self.axes.iter().rev().nth(1).map_or(u64::MAX, |axis| axis.step).saturating_mul(wide);
        if last.step == 1 {
            let ahead = if far <= NEAR { AHEAD } else { 0 };
            let run = gather.bytes(offset, last.length.saturating_mul(wide), ahead)?;
            for (element, at) in run.chunks_exact(width).zip(0_u64..) {
                put(&mut self.bytes, element, to.saturating_add(at.saturating_mul(last.pace)));
            }
        } else {
            let step = last.step.saturating_mul(wide);
            let ahead = if step <= NEAR { AHEAD } else { 0 };
            for at in 0..last.length {
                let element = gather.bytes(offset.saturating_add(at.saturating_mul(step)), wide, ahead)?;
                put(&mut self.bytes, element, to.saturating_add(at.saturating_mul(last.pace)));
            }
        }
        Ok(usize::try_from(last.length).unwrap_or(usize::MAX).saturating_mul(width))
    }

    /// To the next run; false after the last.
    fn turn(&mut self) -> bool {
        for (at, axis) in self.at.iter_mut().zip(&self.axes).rev() {
            *at = at.saturating_add(1);
            if *at < axis.length {
                return true;
            }
            *at = 0;
        }
        false
    }
}

/// Puts an element to its index.
fn put(bytes: &mut [u8], element: &[u8], index: u64) {
    let start = usize::try_from(index).unwrap_or(usize::MAX).saturating_mul(element.len());
    if let Some(to) = bytes.get_mut(start..).and_then(|rest| rest.get_mut(..element.len())) {
        to.copy_from_slice(element);
    }
}
