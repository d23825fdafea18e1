//! Statistics of all elements of one tensor, however many, in blocks of about a megabyte. Numbers of more than 16 bits
//! are read a second time for their histogram; their statistics are told before.

mod blocks;

use std::task::Poll;

use super::{Outcome, Part, Phase, Progress, Step, Task};
use crate::error::{Error, Result};
use crate::model::Locator;
use crate::source::Roots;
use crate::tensor::{Binning, Code, Elements, Examined, Histogram, Passes, Runs, Tally};

use blocks::Blocks;

/// Looks at the elements of one tensor.
pub struct Statistics {
    roots: Roots,
    locator: Locator,
    elements: Elements,
    code: Code,
    runs: Runs,
    blocks: Blocks,
    pass: Pass,
    /// Whether what needs a second pass gets it.
    is_complete: bool,
    examined: Examined,
    /// Elements of the passes done, and of all.
    done: u64,
    total: u64,
}

enum Pass {
    Tally(Tally),
    Binning(Binning),
}

impl Statistics {
    /// Of the `elements` at `locator`; with `sample`, of about so many of them, evenly spread.
    ///
    /// # Errors
    /// When the type is not one of numbers, or the elements cannot be counted or found.
    pub fn new(roots: Roots, locator: Locator, elements: Elements, sample: Option<u64>) -> Result<Self> {
        let (code, count, span) = (elements.code()?, elements.count()?, elements.span_bytes()?);
        let there = roots.len_of(&locator);
        if span > there {
            let what = format!("the tensor takes {span} bytes, {there} are there");
            return Err(Error::malformed("tensor", there, what));
        }
        let runs = Runs::new(&elements, sample)?;
        let blocks = Blocks::open(&roots, &locator, code, &runs, span)?;
        let counted = runs.counted();
        let tally = Tally::new(code, elements.endian);
        let examined = Examined { elements: count, counted, statistics: Vec::new(), histograms: Vec::new() };
        Ok(Self {
            roots,
            locator,
            code,
            runs,
            blocks,
            pass: Pass::Tally(tally),
            is_complete: true,
            examined,
            done: 0,
            total: if code.is_narrow() { span } else { span.saturating_mul(2) },
            elements,
        })
    }

    /// The same, with only these passes: for one share of a tensor that several workers look at.
    #[must_use]
    pub fn making(mut self, passes: Passes) -> Self {
        match passes {
            Passes::Both => {}
            Passes::First => self.is_complete = false,
            Passes::Second(found) => {
                self.pass = Pass::Binning(Binning::new(self.code, self.elements.endian, &found));
                self.examined.statistics = found;
                self.done = self.total / 2;
            }
        }
        self
    }

    /// The elements were all read once.
    fn end_pass(&mut self, parts: &mut Vec<Part>) -> Result<Step> {
        let times = self.runs.repeats();
        match &mut self.pass {
            Pass::Binning(binning) => {
                self.examined.histograms = binning.finish(times);
                Ok(Step::Done(Outcome::Statistics(Box::new(self.examined.clone()))))
            }
            Pass::Tally(tally) => {
                let came = self.examined.counted.checked_div(times).unwrap_or(0);
                let (statistics, histograms) = tally.finish(came, times);
                self.examined.statistics = statistics;
                self.done = self.blocks.read();
                match histograms {
                    Some(histograms) => self.finish(histograms),
                    None if self.is_complete => self.second_pass(parts),
                    None => self.finish(Vec::new()),
                }
            }
        }
    }

    fn finish(&mut self, histograms: Vec<Option<Histogram>>) -> Result<Step> {
        self.examined.histograms = histograms;
        Ok(Step::Done(Outcome::Statistics(Box::new(self.examined.clone()))))
    }

    fn second_pass(&mut self, parts: &mut Vec<Part>) -> Result<Step> {
        let binning = Binning::new(self.code, self.elements.endian, &self.examined.statistics);
        parts.push(Part::Statistics(Box::new(self.examined.clone())));
        let span = self.elements.span_bytes()?;
        self.blocks = Blocks::open(&self.roots, &self.locator, self.code, &self.runs, span)?;
        self.total = self.done.saturating_mul(2);
        self.pass = Pass::Binning(binning);
        Ok(Step::More)
    }
}

impl Task for Statistics {
    fn step(&mut self, parts: &mut Vec<Part>) -> Result<Step> {
        let (place, block) = match self.blocks.next() {
            Poll::Pending => return Ok(Step::Wait),
            Poll::Ready(block) => block?,
        };
        if block.is_empty() {
            return self.end_pass(parts);
        }
        match &mut self.pass {
            Pass::Tally(tally) => tally.add(place, block),
            Pass::Binning(binning) => binning.add(block),
        }
        Ok(Step::More)
    }

    fn progress(&self) -> Progress {
        let again = if matches!(self.pass, Pass::Tally(_)) { 0 } else { self.done };
        let done = self.blocks.read().saturating_add(again);
        Progress { phase: Phase::Counting, done, total: self.total.max(done) }
    }
}

#[cfg(test)]
mod tests;
