//! What `torch.save` wrote before 1.6, and still does when asked: five pickles one after another (a number, the protocol,
//! the system, the object, the keys of the storages), then each storage: its count of elements and its bytes,
//! little-endian. Not every storage's tensors own it: a persistent id may name a part.

use std::collections::BTreeMap;

use crate::error::{Error, Result};
use crate::format::python::{Known, NoStorages, Storages, Stored, Unpickling, Where, stopped, stray, unpickle};
use crate::format::{Confidence, Format, Probe, Reading};
use crate::model::{Contents, Finding, Layer};
use crate::pickle::{Machine, Node, Program};
use crate::source::Source;

/// The first pickle, of protocol 2: the number 0x1950a86a20f9469cfc6c.
const MAGIC: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
/// The same number behind any protocol.
const NUMBER: &[u8] = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";

/// The stacked pickles.
pub(in crate::format) struct TorchLegacy;

impl Format for TorchLegacy {
    fn id(&self) -> &'static str {
        "torch_legacy"
    }

    fn name(&self) -> &'static str {
        "PyTorch before 1.6"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["pt", "pth", "bin"]
    }

    fn spec(&self) -> &'static str {
        "https://docs.pytorch.org/docs/stable/generated/torch.save.html"
    }

    fn probe(&self, probe: &Probe) -> Option<Confidence> {
        let head = probe.head();
        let framed = matches!(head, [0x80, 2..=5, rest @ ..] if rest.starts_with(NUMBER) || framed(rest));
        if head.starts_with(MAGIC) || framed {
            return Confidence::certain("begins with the number that torch wrote before 1.6");
        }
        None
    }

    fn read(&self, file: &Source) -> Result<Reading> {
        let mut contents = Contents::new(self.id(), "");
        let mut at = 0;
        for name in ["magic", "protocol", "sys_info"] {
            let mut program = Machine::run(file.clone(), at)?;
            at = program.end;
            let value = unpickle(&mut program, file, (None, Vec::new()), "", &NoStorages, &mut contents)?;
            if program.stopped.is_some() {
                return Ok(Reading::Done(contents));
            }
            if name == "sys_info" {
                let pairs = value.iter().filter_map(|value| value.pairs()).flatten();
                contents.metadata.extend(pairs.map(|(key, value)| (key.clone(), words(value))));
            }
        }
        let source = file.clone();
        let rest = Unpickling::new(file, at, move |program, contents| finish(&source, program, contents));
        Reading::More(contents, Box::new(rest)).settled()
    }
}

/// Protocol 4 and 5 put a frame around it.
fn framed(rest: &[u8]) -> bool {
    rest.first() == Some(&0x95) && rest.get(9..).is_some_and(|rest| rest.starts_with(NUMBER))
}

fn words(value: &crate::model::Value) -> String {
    serde_json::to_string(&crate::model::Plain(value.clone())).unwrap_or_default()
}

/// Reads the keys behind the object, finds the storages, and makes the document.
fn finish(file: &Source, mut program: Program, contents: &mut Contents) -> Result<()> {
    let mut storages = Found::default();
    if program.stopped.is_none() {
        let mut keys = Machine::run(file.clone(), program.end)?;
        if let Some(error) = &keys.stopped {
            contents.findings.push(stopped(error, None));
        } else {
            storages.locate(file, &widths(&program), &keys, contents)?;
        }
        keys.pickle.entry = None;
        contents.document = unpickle(&mut program, file, (None, Vec::new()), "", &storages, contents)?;
        contents.pickles.push(keys.pickle);
        return Ok(());
    }
    contents.document = unpickle(&mut program, file, (None, Vec::new()), "", &storages, contents)?;
    Ok(())
}

/// Bytes of an element of each storage, by what the object says of it.
fn widths(program: &Program) -> BTreeMap<String, u64> {
    let known: Vec<Known> = program.pickle.imports.iter().map(Known::of).collect();
    let mut widths = BTreeMap::new();
    for id in program.heap.ids() {
        if matches!(program.heap.get(id), Node::Persistent(_))
            && let Some(stored) = Stored::of(&program.heap, &known, id)
        {
            let width = stored.dtype.map_or(1, |dtype| u64::from(dtype.bits()).div_ceil(8));
            widths.entry(stored.key).or_insert(width);
        }
    }
    widths
}

/// Storages and where they are.
#[derive(Default)]
struct Found(BTreeMap<String, (u64, u64)>);

impl Found {
    fn locate(
        &mut self,
        file: &Source,
        widths: &BTreeMap<String, u64>,
        keys: &Program,
        contents: &mut Contents,
    ) -> Result<()> {
        let items = keys.top.and_then(|top| keys.heap.items(top)).unwrap_or_default();
        let mut at = keys.end;
        for item in items {
            let key = match keys.heap.get(*item) {
                Node::Text { text, .. } => text.to_string(),
                Node::Int(value) => value.to_string(),
                _ => String::new(),
            };
            let Some(width) = widths.get(&key) else {
                let message =
                    format!("storage {key:?} is listed, but the object does not use it: the rest is not found");
                contents.findings.push(Finding::error("torch-storage-missing", message).at(at));
                return Ok(());
            };
            let bytes = match file.exact_at(at, 8, "torch_legacy", "the count of a storage") {
                Ok(bytes) => bytes,
                Err(error @ Error::Io { .. }) => return Err(error),
                Err(error) => {
                    contents.findings.push(Finding::from_error("", &error));
                    return Ok(());
                }
            };
            let count = bytes.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
            let (start, len) = (at.saturating_add(8), count.saturating_mul(*width));
            let end = start.saturating_add(len);
            if end > file.len() {
                let message = format!("storage {key} ends at byte {end}, the file at byte {}", file.len());
                contents.findings.push(Finding::error("torch-storage-cut", message).at(at));
                self.0.insert(key, (start, file.len().saturating_sub(start)));
                return Ok(());
            }
            self.0.insert(key, (start, len));
            at = end;
        }
        let left = file.len().saturating_sub(at);
        if left > 0 {
            let message = format!("{left} bytes follow the last storage");
            contents.findings.push(Finding::warning("torch-trailing", message).at(at));
            let place = Where { entry: None, words: "behind the last storage", depth: 0 };
            stray(file, (at, file.len()), place, contents)?;
        }
        Ok(())
    }
}

impl Storages for Found {
    fn find(&self, key: &str) -> Option<(Vec<Layer>, u64)> {
        let (offset, len) = *self.0.get(key)?;
        Some((vec![Layer::Window { offset, len }], len))
    }
}
