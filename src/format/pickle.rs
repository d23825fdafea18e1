//! Pickles that stand alone (`pickle.dump`, `joblib.dump`): what loading one would give, without loading it.
//!
//! Pickles that follow each other in one file are all read; the document is that of the first, or a list.

use super::python::{NoStorages, Unpickling, unpickle};
use super::{Confidence, Format, Probe, Reading};
use crate::error::Result;
use crate::limits;
use crate::model::{Contents, Finding, Value};
use crate::pickle::{Event, Machine, Program, Reader, is_opcode};
use crate::source::Source;

/// Extensions under which pickles without a mark are looked for.
const NAMES: [&str; 11] = ["pkl", "pickle", "p", "pck", "joblib", "dat", "bin", "pt", "pth", "ckpt", "metadata"];
/// Pickles read of one file.
const PICKLES: usize = 100;

/// The pickle format.
pub(super) struct Pickle;

impl Format for Pickle {
    fn id(&self) -> &'static str {
        "pickle"
    }

    fn name(&self) -> &'static str {
        "Python pickle"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["pkl", "pickle", "joblib"]
    }

    fn spec(&self) -> &'static str {
        "https://docs.python.org/3/library/pickle.html"
    }

    fn probe(&self, probe: &Probe) -> Option<Confidence> {
        let head = probe.head();
        let named = NAMES.contains(&probe.extension().as_str());
        match head {
            [0x80, 2..=5, _, ..] if follows(probe) => {
                Some(Confidence { score: 200, evidence: "begins like a pickle of protocol 2 to 5".to_owned() })
            }
            [first, ..] if named && b"(]}cIJKLMNSTUVXFG)l".contains(first) && follows(probe) => Some(Confidence {
                score: 100,
                evidence: "opcodes of protocol 0 or 1 from its first byte on".to_owned(),
            }),
            _ => None,
        }
    }

    fn read(&self, file: &Source) -> Result<Reading> {
        let source = file.clone();
        let rest = Unpickling::new(file, 0, move |program, contents| finish(&source, program, contents));
        Reading::More(Contents::new(self.id(), ""), Box::new(rest)).settled()
    }
}

/// Whether opcodes follow each other to the end of the pickle, or of what is seen of it.
fn follows(probe: &Probe) -> bool {
    let head = probe.head();
    let mut reader = Reader::new(Source::memory("", head), 0);
    let mut opcodes = 0_u64;
    loop {
        match reader.next_event() {
            Ok(Event { name: "STOP", .. }) => return opcodes > 0,
            Ok(_) => opcodes = opcodes.saturating_add(1),
            Err(_) => {
                let at = usize::try_from(reader.position()).ok().and_then(|at| head.get(at));
                // A file that breaks later is a pickle all the same when it has its mark.
                let is_whole = at.is_none_or(|&byte| is_opcode(byte)) && probe.source().len() > head.len() as u64;
                return opcodes > 1 && (is_whole || head.first() == Some(&0x80));
            }
        }
    }
}

fn finish(file: &Source, mut program: Program, contents: &mut Contents) -> Result<()> {
    let mut values: Vec<Value> = Vec::new();
    loop {
        let path = if values.is_empty() { String::new() } else { values.len().to_string() };
        let is_stopped = program.stopped.is_some();
        let end = program.end;
        values.extend(unpickle(&mut program, file, (None, Vec::new()), &path, &NoStorages, contents)?);
        let left = file.len().saturating_sub(end);
        if is_stopped || left == 0 {
            break;
        }
        if values.len() >= PICKLES || file.bytes_at(end, 1)?.first() != Some(&0x80) {
            let message = format!("{left} bytes follow the pickle");
            contents.findings.push(Finding::warning("pickle-trailing", message).at(end));
            break;
        }
        limits::check("pickles", limits::FINDINGS as u64, contents.pickles.len() as u64)?;
        program = Machine::run(file.clone(), end)?;
    }
    contents.document = match values.len() {
        0 | 1 => values.pop(),
        _ => Some(Value::List(values)),
    };
    Ok(())
}
