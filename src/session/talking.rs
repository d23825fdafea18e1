//! Conversations with registries that are only read: repositories of the Hub by their addresses, and what the registry page
//! lists and opens.

use super::calls::Call;
use super::{Command, NewFile, NewSource, Session};
use crate::model::SourceKind;
use crate::protocol::{Address, Problem, ProblemKind};
use crate::registry::hub::{Listing, Repository};
use crate::registry::{
    Answer, Failure, Files, Item, Next, RemoteFile, Request, Talk, Wanted, retry_after, unreachable_words,
};

/// A conversation, and what it is for.
#[derive(Debug)]
pub(super) struct Talking {
    talk: Box<dyn Talk>,
    pub(super) purpose: Purpose,
    request: Request,
    tried: u32,
}

/// What a conversation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// The rows of the registry page.
    List,
    /// Files to open, as a source of this kind.
    Open(SourceKind),
}

impl Talking {
    /// What is being done, for the job bar.
    pub(super) fn label(&self) -> String {
        self.talk.label()
    }
}

impl Session {
    /// Opens a repository of the Hub, or the list of its files.
    pub(super) fn open_hub(&mut self, repository: Repository, wanted: Wanted) -> Vec<Command> {
        let key = self.key_for(&repository.address());
        self.talk(Box::new(Listing::whole(repository, key, wanted)), Purpose::Open(SourceKind::Url))
    }

    /// Begins a conversation.
    pub(super) fn talk(&mut self, talk: Box<dyn Talk>, purpose: Purpose) -> Vec<Command> {
        let request = talk.request();
        self.say(Talking { talk, purpose, request, tried: 0 }, 0)
    }

    fn say(&mut self, mut talking: Talking, after_ms: u32) -> Vec<Command> {
        talking.tried = talking.tried.saturating_add(1);
        let request = talking.request.clone();
        vec![self.send(Call::Talk(Box::new(talking)), request, after_ms)]
    }

    pub(super) fn talk_answered(&mut self, mut talking: Talking, answer: Result<Answer, Failure>) -> Vec<Command> {
        if let Some(wait) = retry_after(talking.request.method, talking.tried, &answer, self.clock) {
            return self.say(talking, wait);
        }
        let is_silent = answer.is_err();
        let mut found: Vec<Item> = Vec::new();
        let next = match answer {
            Ok(mut answer) => {
                // Some servers repeat what they were sent, and what they say is shown.
                if let Some(key) = &talking.request.key {
                    answer.body = key.scrub_body(&answer.body);
                }
                talking.talk.answered(&answer, &mut found)
            }
            Err(failure) => Err(format!("{}.", unreachable_words(&failure))),
        };
        if talking.purpose == Purpose::List {
            self.registry.is_silent = is_silent;
            self.take_items(found, talking.talk.left_out(), &next);
        }
        match next {
            Ok(Next::Ask) => {
                (talking.request, talking.tried) = (talking.talk.request(), 0);
                self.say(talking, 0)
            }
            Ok(Next::Listed) => Vec::new(),
            Ok(Next::Text(name, text)) => vec![Command::OpenText { name, text }],
            Ok(Next::Files(files)) => self.open_files(files, talking.purpose),
            Err(detail) => {
                if talking.purpose != Purpose::List {
                    self.notify(Some(talking.talk.name()), Problem { kind: ProblemKind::Remote, detail });
                    self.finished = self.finished.saturating_add(1);
                }
                Vec::new()
            }
        }
    }

    fn open_files(&mut self, files: Files, purpose: Purpose) -> Vec<Command> {
        let Files { name, files, key } = files;
        let file = |file: RemoteFile| NewFile {
            path: file.path,
            size: file.size,
            url: Some(Address { key: key.clone(), ..Address::open(file.url) }),
        };
        let files = files.into_iter().map(file).collect();
        let kind = match purpose {
            Purpose::Open(kind) => kind,
            Purpose::List => SourceKind::Registry,
        };
        self.open(vec![NewSource { name, kind, files }]).1
    }
}
