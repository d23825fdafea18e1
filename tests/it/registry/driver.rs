//! Carries out what a session asks for as a browser does: redirects are refused, stopped at without a word where to, or
//! followed without the key; nothing else is sent than what the request says.

use std::collections::VecDeque;
use std::io::Read;

use weighbridge::model::SourceKind;
use weighbridge::protocol::{Event, TaskSpec};
use weighbridge::registry::{Answer, Failure, Item, Redirect, Request, Wants, named_by_content};
use weighbridge::session::registry::{RegistryColumn, RegistrySort};
use weighbridge::session::{Command, FileKey, NewFile, NewSource, Session};

use super::machine::Machine;
use crate::http::{download_with, exchange};

/// A session, and what it got.
pub(super) struct Driver {
    pub(super) session: Session,
    /// Names and bytes of files that were loaded.
    pub(super) files: Vec<(String, Vec<u8>)>,
    /// Waits that were asked for.
    pub(super) waits: Vec<u32>,
    /// Tasks that were started for the workers.
    pub(super) tasks: Vec<TaskSpec>,
    /// Workers that do them; without, they are only noted.
    pub(super) machine: Option<Machine>,
}

impl Driver {
    pub(super) fn new() -> Self {
        let mut session = Session::new(1);
        session.clock = 1_795_228_800;
        Self { session, files: Vec::new(), waits: Vec::new(), tasks: Vec::new(), machine: None }
    }

    /// One with workers: what is opened is read.
    pub(super) fn working() -> Self {
        Self { machine: Some(Machine::default()), ..Self::new() }
    }

    /// Gives files to the page: path and bytes.
    pub(super) fn give(&mut self, name: &str, files: Vec<(String, Vec<u8>)>) {
        let file =
            |(path, bytes): &(String, Vec<u8>)| NewFile { path: path.clone(), size: bytes.len() as u64, url: None };
        let kind = if files[0].0.is_empty() { SourceKind::File } else { SourceKind::Folder };
        let source = NewSource { name: name.to_owned(), kind, files: files.iter().map(file).collect() };
        let (pick, commands) = self.session.open(vec![source]);
        let machine = self.machine.as_mut().unwrap();
        machine.files.extend((0..).zip(files).map(|(index, (_, bytes))| (FileKey { pick, index }, bytes)));
        self.act(|_| commands);
    }

    /// Gives the files that were loaded to the page, as a browser does.
    pub(super) fn take_files(&mut self) {
        for (name, bytes) in std::mem::take(&mut self.files) {
            self.give(&name, vec![(String::new(), bytes)]);
        }
    }

    /// Bytes that came by ranges.
    pub(super) fn came(&self) -> u64 {
        self.machine.as_ref().unwrap().came.get()
    }

    /// Lets the workers work to the end.
    fn work(&mut self) {
        while let Some(events) = self.machine.as_mut().and_then(Machine::slice) {
            for event in events {
                self.hear(event);
            }
        }
    }

    fn hear(&mut self, event: Event) {
        self.carry_out(|session| session.apply(event));
    }

    /// Acts, and carries everything out that comes of it.
    pub(super) fn act(&mut self, action: impl FnOnce(&mut Session) -> Vec<Command>) {
        self.carry_out(action);
        self.work();
    }

    fn carry_out(&mut self, action: impl FnOnce(&mut Session) -> Vec<Command>) {
        let mut waiting: VecDeque<Command> = action(&mut self.session).into();
        while let Some(command) = waiting.pop_front() {
            match command {
                Command::Ask { call, request, after_ms } => {
                    self.waits.extend(Some(after_ms).filter(|wait| *wait > 0));
                    waiting.extend(self.session.answered(call, ask(&request)));
                }
                Command::Load { call, name, request, stream, .. } => {
                    let loaded = download_with(stream, &mut |range, if_range| {
                        let mut headers = request
                            .headers()
                            .into_iter()
                            .map(|(name, value)| (name.to_owned(), value))
                            .collect::<Vec<_>>();
                        headers.extend(range.map(|range| ("Range".to_owned(), range.to_string())));
                        headers.extend(if_range.map(|tag| ("If-Range".to_owned(), tag.to_owned())));
                        exchange(request.method.name(), &request.url, &headers, &[])
                    });
                    let ended = loaded.as_ref().map(|_| ()).map_err(Clone::clone);
                    self.files.extend(loaded.ok().map(|bytes| (named_by_content(&name, &bytes), bytes)));
                    let _kind = self.session.loaded(call, ended);
                }
                Command::Start { worker, job, task, files } => {
                    self.tasks.push(task.clone());
                    let event = self.machine.as_mut().and_then(|machine| machine.start(worker, job, task, &files));
                    waiting.extend(event.into_iter().flat_map(|event| self.session.apply(event)));
                }
                Command::OpenText { name, text } => self.files.push((name, text.into_bytes())),
                _ => {}
            }
        }
    }

    pub(super) fn connect_to(&mut self, service: &str, base: &str, key: &str) {
        self.act(|session| session.connect_to(service, base, key));
    }

    /// The rows of the table that can be opened: group and name.
    pub(super) fn rows(&self) -> Vec<String> {
        let rows = self.session.registry.rows("", RegistrySort { column: RegistryColumn::Name, is_reversed: false });
        rows.iter().filter(|row| row.item.is_some()).map(|row| format!("{} {}", row.run, row.name)).collect()
    }

    /// The ids of the rows of a group with these names.
    pub(super) fn choose(&mut self, group: &str, names: &[&str]) {
        let items = self.session.registry.items.values();
        let is_it = |item: &&Item| item.group == group && names.contains(&item.name.as_str());
        let ids: Vec<String> = items.filter(is_it).map(|item| item.id.clone()).collect();
        assert_eq!(ids.len(), names.len(), "{group} {names:?}: {:?}", self.rows());
        ids.iter().for_each(|id| self.session.choose_item(id));
    }

    /// What went wrong, in words.
    pub(super) fn problems(&self) -> Vec<String> {
        self.session.notices.iter().map(|notice| notice.problem.detail.clone()).collect()
    }

    pub(super) fn connect(&mut self, base: &str, key: &str) {
        self.act(|session| session.connect(base, key));
    }

    /// What was said of what was done, oldest first.
    pub(super) fn said(&self) -> Vec<String> {
        self.session
            .registry
            .outcomes
            .iter()
            .map(|outcome| format!("{}: {}", outcome.path.id(), outcome.words))
            .collect()
    }
}

fn ask(request: &Request) -> Result<Answer, Failure> {
    let headers: Vec<_> = request.headers().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let body = request.body.clone().unwrap_or_default();
    let failed = |cause: std::io::Error| Failure::Unreachable(cause.to_string());
    let (status, headers, mut stream) =
        exchange(request.method.name(), &request.url, &headers, body.as_bytes()).map_err(failed)?;
    let mut answer = Answer { status, headers, body: Vec::new() };
    if (300..400).contains(&status) {
        return match request.redirect {
            Redirect::Refuse => Err(Failure::Unreachable("redirect".to_owned())),
            Redirect::Stop => Ok(Answer::default()),
            Redirect::Follow => {
                let place = answer.header("location").unwrap().to_owned();
                ask(&Request { url: place, ..request.clone() })
            }
        };
    }
    if request.wants == Wants::Body {
        drop(stream.read_to_end(&mut answer.body));
    }
    Ok(answer)
}
