//! Pickles that stand alone (`pickle.dump`, `joblib.dump`): what loading one would give, without loading it.
//!
//! Pickles that follow each other in one file are all read; the document is that of the first, or a list.

use std::io::Read;

use flate2::read::ZlibDecoder;

use super::python::{NoStorages, Unpickling, Where, stray, unpickle};
use super::{Confidence, Format, Probe, Reading};
use crate::error::Result;
use crate::limits;
use crate::model::{Contents, Finding, Layer, Value};
use crate::pickle::{Event, Machine, Program, Reader, is_opcode, suspect};
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
            // joblib compresses with zlib unless told otherwise.
            [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..]
                if packed(probe.source(), 1).is_some_and(|plain| is_start(&plain)) =>
            {
                Confidence::certain("a zlib stream that begins like a pickle")
            }
            // By another name it is one when it imports and calls something.
            [b'c' | b'(', ..] if is_program(head) => Some(Confidence {
                score: 190,
                evidence: "a pickle of protocol 0 or 1 that imports something, whatever it is called".to_owned(),
            }),
            _ => None,
        }
    }

    fn read(&self, file: &Source) -> Result<Reading> {
        if file.bytes_at(0, 1)?.first() == Some(&0x78)
            && let Some(plain) = packed(file, limits::PICKLE_PACKED)
        {
            return inflated(file, plain);
        }
        let source = file.clone();
        let rest = Unpickling::new(file, 0, move |program, contents| finish(&source, program, contents));
        Reading::More(Contents::new(self.id(), ""), Box::new(rest)).settled()
    }
}

/// Inflated bytes of the zlib stream that `file` is, at most `most` and at least what a look takes.
fn packed(file: &Source, most: u64) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    // What was inflated before the stream broke counts.
    let _broken = ZlibDecoder::new(file.renamed("")).take(most.max(1024)).read_to_end(&mut plain);
    (!plain.is_empty()).then_some(plain)
}

fn is_start(plain: &[u8]) -> bool {
    matches!(plain, [0x80, 2..=5, ..]) || is_program(plain)
}

/// Reads a pickle that was inflated into memory.
fn inflated(file: &Source, plain: Vec<u8>) -> Result<Reading> {
    let mut contents = Contents::new("pickle", "");
    let len = plain.len() as u64;
    if len >= limits::PICKLE_PACKED {
        let message = format!("only the first {len} inflated bytes were read");
        contents.findings.push(Finding::warning("pickle-packed", message));
    }
    // Two bytes of header, four of checksum.
    let stream = Layer::Window { offset: 2, len: file.len().saturating_sub(6) };
    let base = vec![stream, Layer::Inflate { size: len }];
    let source = Source::memory(file.name(), plain);
    let mut program = Machine::run(source.clone(), 0)?;
    let end = program.end;
    contents.document = unpickle(&mut program, file, (None, base), "", &NoStorages, &mut contents)?;
    if end < len {
        contents
            .findings
            .push(Finding::warning("pickle-trailing", format!("{} bytes follow the pickle", len.saturating_sub(end))));
        stray(&source, (end, len), BEHIND, &mut contents)?;
    }
    Ok(Reading::Done(contents))
}

/// Bytes behind the last pickle.
const BEHIND: Where<'_> = Where { entry: None, words: "behind the pickle", depth: 0 };

/// Whether `head` is a pickle without a mark that imports something and calls it.
fn is_program(head: &[u8]) -> bool {
    head.contains(&b'\n') && matches!(suspect(&Source::memory("", head), 0), Ok(Some(_)))
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
                let is_marked = head.first() == Some(&0x80);
                // An argument that goes on beyond what is seen can hide everything behind it.
                let is_called_so = matches!(probe.extension().as_str(), "pkl" | "pickle" | "joblib");
                return opcodes > 1 && (is_whole || is_marked) || is_whole && (opcodes == 1 || is_called_so);
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
        if is_stopped {
            // What broke is read from its start again by who loads the next one of the file.
            stray(file, (end.saturating_add(1), file.len()), BEHIND, contents)?;
        }
        if is_stopped || left == 0 {
            break;
        }
        if values.len() >= PICKLES || file.bytes_at(end, 1)?.first() != Some(&0x80) {
            let message = format!("{left} bytes follow the pickle");
            contents.findings.push(Finding::warning("pickle-trailing", message).at(end));
            stray(file, (end, file.len()), BEHIND, contents)?;
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
