//! The tar of the first versions of torch: `sys_info`, `pickle`, `tensors`, `storages`. The object's persistent ids are
//! numbers of tensors and storages, which the other two members list: pickles with raw numbers between them.

use std::collections::BTreeMap;

use crate::archive::torch_members;
use crate::error::{Error, Result};
use crate::format::python::{Known, Storages, Stored, Unpickling, View, unpickle};
use crate::format::{Confidence, Format, Probe, Reading};
use crate::limits;
use crate::model::{Contents, DType, Finding, Layer, Locator, keyed};
use crate::pickle::{Heap, Id, Machine, Node, Program};
use crate::source::{Roots, Source};

/// The tar.
pub(in crate::format) struct TorchTar;

impl Format for TorchTar {
    fn id(&self) -> &'static str {
        "torch_tar"
    }

    fn name(&self) -> &'static str {
        "PyTorch before 0.1.10"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["pt", "pth", "t7"]
    }

    fn spec(&self) -> &'static str {
        "https://docs.pytorch.org/docs/stable/generated/torch.load.html"
    }

    fn probe(&self, probe: &Probe) -> Option<Confidence> {
        torch_members(probe.source())?;
        Confidence::certain("tar of pickle, storages and tensors")
    }

    fn read(&self, file: &Source) -> Result<Reading> {
        let mut contents = Contents::new(self.id(), "");
        let members = torch_members(file).unwrap_or_default();
        let layers = keyed(members.into_iter().map(|m| (m.path, m.layers)));
        let roots = Roots::new(vec![file.clone()]);
        let open = |name: &str| match layers.get(name) {
            Some(layers) => roots.open(&Locator::root(0).then(layers)),
            None => Err(Error::malformed("torch_tar", 0, format!("there is no member {name}"))),
        };
        let mut lists = Lists::default();
        for (name, read) in [("storages", Lists::storages as Read), ("tensors", Lists::tensors)] {
            let source = open(name)?;
            lists.base = layers.get(name).cloned().unwrap_or_default();
            match read(&mut lists, &source, &mut contents) {
                Ok(()) => {}
                Err(error @ Error::Io { .. }) => return Err(error),
                Err(error) => contents.findings.push(Finding::from_error("", &error.inside(name))),
            }
        }
        let (source, file) = (open("pickle")?, file.clone());
        let base = layers.get("pickle").cloned().unwrap_or_default();
        let rest = Unpickling::new(&source, 0, move |mut program, contents| {
            let place = (Some("pickle"), base.clone());
            contents.document = unpickle(&mut program, &file, place, "", &lists, contents)?;
            Ok(())
        });
        Reading::More(contents, Box::new(rest)).settled()
    }
}

type Read = fn(&mut Lists, &Source, &mut Contents) -> Result<()>;

/// What the members list.
#[derive(Default)]
struct Lists {
    base: Vec<Layer>,
    storages: BTreeMap<String, (Stored, Vec<Layer>, u64)>,
    tensors: BTreeMap<String, View>,
}

impl Lists {
    /// A count; for each a pickle (key, location, class), a count of elements, and the elements; a pickle of views.
    fn storages(&mut self, source: &Source, contents: &mut Contents) -> Result<()> {
        let (count, mut at) = count(source, "storages", contents)?;
        for _ in 0..count {
            let program = pickle(source, at, "storages", contents)?;
            let (heap, items) = parts(&program)?;
            let [key, _location, class] = items else { return Err(unexpected(at, "a storage")) };
            let (key, dtype) = (key_of(heap, *key), storage_type(&program, *class));
            let [elements] = numbers(source, program.end)?;
            let bytes = dtype.bytes_for(elements).unwrap_or(u64::MAX);
            let start = program.end.saturating_add(8);
            at = start.saturating_add(bytes);
            if at > source.len() {
                return Err(Error::malformed("torch_tar", start, format!("storage {key} ends at byte {at}")));
            }
            let layers = [self.base.clone(), vec![Layer::Window { offset: start, len: bytes }]].concat();
            let stored = Stored { dtype: Some(dtype), key: key.clone(), count: elements, view: None };
            self.storages.insert(key, (stored, layers, bytes));
        }
        let program = pickle(source, at, "storages", contents)?;
        let (heap, items) = parts(&program)?;
        for item in items {
            let number = |id: &Id| u64::try_from(heap.int(*id)?).ok();
            let Some([target, root, offset, len]) = heap.items(*item) else { continue };
            let (Some(offset), Some(len)) = (number(offset), number(len)) else { continue };
            if let Some((stored, layers, bytes)) = self.storages.get(&key_of(heap, *root)).cloned() {
                let stored = Stored { view: Some((offset, len)), ..stored };
                self.storages.insert(key_of(heap, *target), (stored, layers, bytes));
            }
        }
        Ok(())
    }

    /// A count; for each a pickle (key, storage, class), the number of dimensions, lengths, steps, first element.
    fn tensors(&mut self, source: &Source, contents: &mut Contents) -> Result<()> {
        let (count, mut at) = count(source, "tensors", contents)?;
        for _ in 0..count {
            let program = pickle(source, at, "tensors", contents)?;
            let (heap, items) = parts(&program)?;
            let [key, storage, _class] = items else { return Err(unexpected(at, "a tensor")) };
            // The number has four bytes, and four more that mean nothing.
            let [dimensions] = numbers(source, program.end)?;
            let dimensions = dimensions & u64::from(u32::MAX);
            limits::check("dimensions", limits::DIMENSIONS as u64, dimensions)?;
            at = program.end.saturating_add(8);
            let mut next = || {
                let [number] = numbers(source, at)?;
                at = at.saturating_add(8);
                Ok(number)
            };
            let shape = (0..dimensions).map(|_| next()).collect::<Result<Vec<u64>>>()?;
            let steps = (0..dimensions).map(|_| next()).collect::<Result<Vec<u64>>>()?;
            let offset = next()?;
            if let Some((stored, ..)) = self.storages.get(&key_of(heap, *storage)) {
                self.tensors.insert(key_of(heap, *key), View { stored: stored.clone(), offset, shape, steps });
            }
        }
        Ok(())
    }
}

impl Storages for Lists {
    fn find(&self, key: &str) -> Option<(Vec<Layer>, u64)> {
        self.storages.get(key).map(|(_, layers, bytes)| (layers.clone(), *bytes))
    }

    fn tensor(&self, key: &str) -> Option<&View> {
        self.tensors.get(key)
    }
}

/// A pickle in the middle of a member, recorded.
fn pickle(source: &Source, at: u64, entry: &str, contents: &mut Contents) -> Result<Program> {
    let mut program = Machine::run(source.clone(), at)?;
    if let Some(error) = program.stopped.take() {
        return Err(error);
    }
    if contents.pickles.len() < limits::FINDINGS {
        program.pickle.entry = Some(entry.to_owned());
        contents.pickles.push(program.pickle.clone());
    }
    Ok(program)
}

fn count(source: &Source, entry: &str, contents: &mut Contents) -> Result<(i64, u64)> {
    let program = pickle(source, 0, entry, contents)?;
    let count = program.top.and_then(|top| program.heap.int(top)).ok_or_else(|| unexpected(0, "a count"))?;
    Ok((count, program.end))
}

fn parts(program: &Program) -> Result<(&Heap, &[Id])> {
    let items = program.top.and_then(|top| program.heap.items(top));
    items.map(|items| (&program.heap, items)).ok_or_else(|| unexpected(program.end, "a list"))
}

fn numbers<const N: usize>(source: &Source, at: u64) -> Result<[u64; N]> {
    let bytes = source.exact_at(at, (N as u64).saturating_mul(8), "torch_tar", "a number")?;
    let (chunks, _) = bytes.as_chunks::<8>();
    let mut numbers = [0; N];
    for (to, from) in numbers.iter_mut().zip(chunks) {
        *to = u64::from_le_bytes(*from);
    }
    Ok(numbers)
}

fn key_of(heap: &Heap, id: Id) -> String {
    match heap.get(id) {
        Node::Text { text, .. } => text.to_string(),
        Node::Int(number) => number.to_string(),
        Node::Big(digits) => digits.to_string(),
        _ => String::new(),
    }
}

fn storage_type(program: &Program, class: Id) -> DType {
    let Node::Import(index) = program.heap.get(class) else { return DType::U8 };
    let import = usize::try_from(*index).ok().and_then(|at| program.pickle.imports.get(at));
    match import.map(Known::of) {
        Some(Known::Storage(Some(dtype))) => dtype,
        _ => DType::U8,
    }
}

#[cold]
fn unexpected(at: u64, what: &str) -> Error {
    Error::malformed("torch_tar", at, format!("expected {what}, found another value"))
}
