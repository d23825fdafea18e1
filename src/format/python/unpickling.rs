//! A pickle being read in steps.

use super::document::Document;
use super::hidden::{self, Where};
use super::storage::Storages;
use crate::error::{Error, Result};
use crate::format::Rest;
use crate::limits;
use crate::model::{Contents, Finding, Layer, Pickle, Value};
use crate::pickle::{Machine, Program};
use crate::source::Source;

/// Opcodes run in one step: some milliseconds.
const STEP: u64 = 100_000;

type Finish = dyn FnMut(Program, &mut Contents) -> Result<()>;

/// A pickle being read, and what is done with it then.
pub(in crate::format) struct Unpickling {
    machine: Option<Machine>,
    len: u64,
    finish: Box<Finish>,
}

impl Unpickling {
    /// Reads the pickle at `offset` of `source`, then calls `finish`.
    pub(in crate::format) fn new(
        source: &Source,
        offset: u64,
        finish: impl FnMut(Program, &mut Contents) -> Result<()> + 'static,
    ) -> Self {
        Self { machine: Some(Machine::new(source.clone(), offset)), len: source.len(), finish: Box::new(finish) }
    }
}

impl Rest for Unpickling {
    fn step(&mut self, contents: &mut Contents) -> Result<bool> {
        let Some(machine) = &mut self.machine else { return Ok(true) };
        if !machine.step(STEP)? {
            return Ok(false);
        }
        if let Some(machine) = self.machine.take() {
            (self.finish)(machine.finish()?, contents)?;
        }
        Ok(true)
    }

    fn progress(&self) -> (u64, u64) {
        let at = self.machine.as_ref().map_or(self.len, Machine::position);
        (at.min(self.len), self.len)
    }
}

/// Takes a program over: its record, its document, its tensors, and why it stopped. `base` leads from `file` to the
/// source of the pickle, which is `entry` of it; names begin with `path`.
///
/// # Errors
/// When the file cannot be read.
pub(in crate::format) fn unpickle(
    program: &mut Program,
    file: &Source,
    (entry, base): (Option<&str>, Vec<Layer>),
    path: &str,
    storages: &dyn Storages,
    contents: &mut Contents,
) -> Result<Option<Value>> {
    program.pickle.entry = entry.map(str::to_owned);
    if let Some(error) = &program.stopped {
        contents.findings.push(stopped(error, entry));
    }
    let document = Document::new(program, storages, file, base, contents).under(path).build()?;
    if contents.pickles.len() < limits::FINDINGS {
        contents.pickles.push(program.pickle.clone());
        contents
            .pickles
            .extend(program.inner.drain(..).map(|inner| Pickle { entry: entry.map(str::to_owned), ..inner }));
    }
    hidden::inside(program, Where { entry, words: "", depth: 0 }, contents)?;
    Ok(document)
}

/// Why a pickle was not read to its end, as a finding.
pub(in crate::format) fn stopped(error: &Error, entry: Option<&str>) -> Finding {
    let finding = Finding::from_error("", error);
    match entry {
        Some(entry) => finding.in_entry(entry),
        None => finding,
    }
}
