//! Carries out what a session asks for as a browser does: redirects are refused, stopped at without a word where to, or
//! followed without the key; nothing else is sent than what the request says.

use std::collections::VecDeque;
use std::io::Read;

use weighbridge::protocol::TaskSpec;
use weighbridge::registry::{Answer, Failure, Redirect, Request, Wants};
use weighbridge::session::{Command, Session};

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
}

impl Driver {
    pub(super) fn new() -> Self {
        let mut session = Session::new(1);
        session.clock = 1_795_228_800;
        Self { session, files: Vec::new(), waits: Vec::new(), tasks: Vec::new() }
    }

    /// Acts, and carries everything out that comes of it.
    pub(super) fn act(&mut self, action: impl FnOnce(&mut Session) -> Vec<Command>) {
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
                    self.files.extend(loaded.ok().map(|bytes| (name, bytes)));
                    let _kind = self.session.loaded(call, ended);
                }
                Command::Start { task, .. } => self.tasks.push(task),
                Command::OpenText { name, text } => self.files.push((name, text.into_bytes())),
                _ => {}
            }
        }
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
