//! A page: its session, its workers and the files the user gave it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use weighbridge::error::Error;
use weighbridge::manifest::signature::Question;
use weighbridge::model::SourceKind;
use weighbridge::protocol::{Event, FileBytes, Request};
use weighbridge::session::{Command, FileKey, NewFile, NewSource, PickId, Session, SignaturePlace, WorkerId};
use weighbridge::source::{Memory, NativeFile, ReadAt};
use weighbridge::worker::{Scheduler, assemble};

pub(crate) struct Page {
    pub(crate) session: Session,
    workers: BTreeMap<WorkerId, Scheduler>,
    files: BTreeMap<FileKey, Given>,
    /// Terminal events of each job that was started: must all be 1 in the end.
    pub(crate) ended: BTreeMap<u32, u32>,
    /// Workers that were to start before they are needed.
    pub(crate) warmed: Vec<WorkerId>,
    /// What the browser was asked about signatures.
    pub(crate) asked: Vec<(SignaturePlace, u32, Question)>,
}

/// A file the user gave.
#[derive(Clone)]
pub(crate) enum Given {
    Disk(PathBuf),
    Memory(Vec<u8>),
}

impl Given {
    fn open(&self) -> Rc<dyn ReadAt> {
        match self {
            Self::Disk(path) => Rc::new(NativeFile::open(path).unwrap()),
            Self::Memory(bytes) => Rc::new(Memory::new(bytes.clone())),
        }
    }
}

/// An array of these floats as NumPy writes it.
pub(crate) fn npy(values: &[f32]) -> Vec<u8> {
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({},), }}", values.len());
    header.push_str(&" ".repeat(117 - header.len()));
    header.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    bytes
}

/// A tensor of these floats, called `w`, as safetensors has it.
pub(crate) fn safetensors(values: &[f32]) -> Vec<u8> {
    let (len, bytes) = (values.len(), 4 * values.len());
    let header = format!(r#"{{"w":{{"dtype":"F32","shape":[{len}],"data_offsets":[0,{bytes}]}}}}"#);
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend(values.iter().flat_map(|value| value.to_le_bytes()));
    file
}

pub(crate) fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path)
}

impl Page {
    pub(crate) fn new(workers: usize) -> Self {
        let session = Session::new(workers);
        Self {
            session,
            workers: BTreeMap::new(),
            files: BTreeMap::new(),
            ended: BTreeMap::new(),
            warmed: Vec::new(),
            asked: Vec::new(),
        }
    }

    /// Gives files and folders to the page, as one drop, and lets it work to the end.
    pub(crate) fn open(&mut self, paths: &[PathBuf]) {
        self.start(paths);
        self.work();
    }

    pub(crate) fn start(&mut self, paths: &[PathBuf]) -> PickId {
        let (mut sources, mut given) = (Vec::new(), Vec::new());
        for path in paths {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let (kind, found) = match path.is_dir() {
                true => (SourceKind::Folder, walk(path, "")),
                false => (SourceKind::File, vec![(String::new(), path.clone())]),
            };
            let size = |path: &PathBuf| std::fs::metadata(path).unwrap().len();
            let files = found.iter().map(|(inner, path)| NewFile { path: inner.clone(), size: size(path), url: None });
            sources.push(NewSource { name, kind, files: files.collect() });
            given.extend(found.into_iter().map(|(_, path)| Given::Disk(path)));
        }
        self.give(sources, given)
    }

    /// Gives one file of these bytes.
    pub(crate) fn open_bytes(&mut self, name: &str, bytes: Vec<u8>) {
        let files = vec![NewFile { path: String::new(), size: bytes.len() as u64, url: None }];
        let source = NewSource { name: name.to_owned(), kind: SourceKind::File, files };
        self.give(vec![source], vec![Given::Memory(bytes)]);
        self.work();
    }

    fn give(&mut self, sources: Vec<NewSource>, given: Vec<Given>) -> PickId {
        let (pick, commands) = self.session.open(sources);
        self.files.extend((0..).zip(given).map(|(index, given)| (FileKey { pick, index }, given)));
        self.carry_out(commands);
        pick
    }

    pub(crate) fn act(&mut self, action: impl FnOnce(&mut Session) -> Vec<Command>) {
        let commands = action(&mut self.session);
        self.carry_out(commands);
    }

    fn carry_out(&mut self, commands: Vec<Command>) {
        for command in commands {
            match command {
                Command::Start { worker, job, task, files } => {
                    self.ended.insert(job.0, 0);
                    let files: Vec<Given> = files.iter().map(|key| self.files[key].clone()).collect();
                    let request = Request::Start { job, task };
                    let Request::Start { task, .. } = request else { unreachable!() };
                    let made = assemble(task, &|spec| match spec.bytes {
                        FileBytes::Attached(index) => Ok(files[index as usize].open()),
                        FileBytes::Url(_) => Err(Error::Refused { what: "no network here".into() }),
                    });
                    let failed = self.workers.entry(worker).or_default().start(job, made);
                    failed.into_iter().for_each(|event| self.hear(event));
                }
                Command::Cancel { worker, job } => {
                    let event = self.workers.entry(worker).or_default().cancel(job);
                    event.into_iter().for_each(|event| self.hear(event));
                }
                Command::Warm(worker) => self.warmed.push(worker),
                Command::Forget(pick) => self.files.retain(|key, _| key.pick != pick),
                // The browser's cryptography is not here: tests answer for it.
                Command::CheckSignature { place, round, question } => self.asked.push((place, round, question)),
                // No network here.
                Command::Ask { .. } | Command::Load { .. } | Command::OpenText { .. } | Command::Drop(_) => {}
            }
        }
    }

    fn hear(&mut self, event: Event) {
        if let Event::Finished { job, .. } | Event::Failed { job, .. } | Event::Cancelled { job } = &event {
            *self.ended.get_mut(&job.0).unwrap() += 1;
        }
        self.act(|session| session.apply(event));
    }

    /// One slice of every worker; false when nothing is left to do.
    pub(crate) fn slice(&mut self) -> bool {
        let clock = std::cell::Cell::new(0.0);
        let tick = || clock.replace(clock.get() + 1.0);
        let events: Vec<Event> = self.workers.values_mut().flat_map(|worker| worker.run(&tick)).collect();
        events.into_iter().for_each(|event| self.hear(event));
        self.workers.values().any(|worker| !worker.is_idle())
    }

    pub(crate) fn work(&mut self) {
        while self.slice() {}
        assert!(self.session.is_idle() || !self.asked.is_empty());
        assert!(self.ended.values().all(|&count| count == 1), "{:?}", self.ended);
    }

    pub(crate) fn report(&self) -> serde_json::Value {
        serde_json::from_slice(&self.session.report_json()).unwrap()
    }
}

fn walk(folder: &Path, inner: &str) -> Vec<(String, PathBuf)> {
    let mut found = Vec::new();
    let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let inner = if inner.is_empty() { name } else { format!("{inner}/{name}") };
        if path.is_dir() { found.extend(walk(&path, &inner)) } else { found.push((inner, path)) }
    }
    found
}
