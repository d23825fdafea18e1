//! The registry page: a connection to one server, what it lists, and what is done there. The key is in memory, in the
//! requests that go to the server's own address, and nowhere else.

mod deeds;
mod downloading;
mod finding;
mod listing;
mod rows;
mod shelf;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub use deeds::{Act, Outcome};
pub use rows::{RegistryColumn, RegistryRow, RegistrySort};

use super::calls::{Call, CallId};
use super::{Command, Session, Then};
use crate::registry::tinker::cleanup::{Plan, Policy};
use crate::registry::tinker::{self, Checkpoint, Download, Feature, Features, Run, Server, TinkerPath, Weights};
use crate::registry::{Answer, Failure, Item, Key, Refusal, Request, Service, Shelf, retry_after, unreachable_words};
use deeds::Deed;
use serde_json::Value;

/// How the connection stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Link {
    /// Nobody asked for one.
    #[default]
    None,
    /// The server is being asked who it is.
    Connecting,
    /// It answers.
    Open,
    /// It cannot be had: why, and what to do.
    Failed(String),
}

/// One server and what is known of it.
#[derive(Debug, Default)]
pub struct Registry {
    /// How the connection stands.
    pub link: Link,
    /// Whether it cannot be had because no answer came that this page may read.
    pub is_silent: bool,
    /// Whose key it is, where the server tells.
    pub whose: Option<String>,
    /// Models that the server offers.
    pub models: Vec<String>,
    /// What it offers.
    pub features: Features,
    /// Its runs, in the server's order.
    pub runs: Vec<Run>,
    /// Their checkpoints.
    pub checkpoints: BTreeMap<TinkerPath, Checkpoint>,
    /// Whether lists are being read.
    pub is_listing: bool,
    /// What was not listed, and why.
    pub unlisted: Vec<String>,
    /// The chosen rows.
    pub chosen: BTreeSet<TinkerPath>,
    /// The checkpoint that is looked at.
    pub shown: Option<TinkerPath>,
    /// What the server knows of its weights, or why not; `None` while it is not asked or not answered.
    pub weights: Option<Result<Weights, String>>,
    /// What was looked up, in words, or why it was not found.
    pub found: Option<Result<String, String>>,
    /// What was done to what, and how it went; the newest last.
    pub outcomes: Vec<Outcome>,
    /// The clean-up that is planned.
    pub plan: Option<(Policy, Plan, Vec<TinkerPath>)>,
    /// Grows with everything that changes the table.
    pub revision: u64,
    /// Rows of a registry that is only read, by their ids.
    pub items: BTreeMap<String, Item>,
    /// Ids of the chosen ones.
    pub chosen_items: BTreeSet<String>,
    service: Option<&'static Service>,
    shelf: Option<Box<dyn Shelf>>,
    /// Two are being opened to be compared: the pick before the first of them.
    to_compare: Option<u32>,
    server: Option<Server>,
    waiting_runs: VecDeque<String>,
    deeds: VecDeque<Deed>,
    listed_total: Option<u64>,
}

/// A request to the server, and what it is for.
#[derive(Debug)]
pub(super) struct Question {
    about: About,
    request: Request,
    tried: u32,
}

#[derive(Debug, Clone, PartialEq)]
enum About {
    Health,
    Models,
    Whose,
    Runs(u64),
    Checkpoints(u64),
    CheckpointsOf(String),
    Run(String),
    /// A session, which is a group of runs and samplers.
    Group(String),
    Sampler(String),
    Weights(TinkerPath),
    Deed(Deed),
    /// Without an end, only to see whether it can be had.
    Download(Download, Option<Then>),
}

impl Question {
    /// What is being asked, for the job bar.
    pub(super) fn label(&self) -> String {
        match &self.about {
            About::Health | About::Models | About::Whose => "asking the server who it is".to_owned(),
            About::Runs(from) => format!("listing runs from {from} on"),
            About::Checkpoints(from) => format!("listing checkpoints from {from} on"),
            About::CheckpointsOf(run) => format!("listing checkpoints of {run}"),
            About::Run(id) | About::Group(id) | About::Sampler(id) => format!("looking up {id}"),
            About::Weights(path) => format!("asking about {}", path.name),
            About::Deed(deed) => deed.label(),
            About::Download(download, _) => format!("asking for {}", download.path.name),
        }
    }

    /// How to stop it, where dropping the request is not enough.
    pub(super) fn stop(&self) -> Option<fn(&mut Session) -> Vec<Command>> {
        match &self.about {
            About::Health | About::Models => Some(Session::disconnect),
            About::Runs(_) | About::Checkpoints(_) | About::CheckpointsOf(_) => Some(Session::stop_registry_listing),
            // Nobody would know whether it was done.
            About::Deed(_) => Some(|session| {
                session.stop_deeds();
                Vec::new()
            }),
            _ => None,
        }
    }
}

impl Session {
    /// Connects to the server at an address. The key may be empty.
    pub fn connect(&mut self, base: &str, key: &str) -> Vec<Command> {
        let mut commands = self.disconnect();
        match Server::new(base, key) {
            Ok(server) => {
                let request = server.health();
                self.registry = Registry { link: Link::Connecting, server: Some(server), ..Registry::default() };
                commands.push(self.question(About::Health, request));
            }
            Err(why) => self.registry.link = Link::Failed(why),
        }
        commands
    }

    /// Forgets the server, its key, and all that was listed; breaks its requests off.
    pub fn disconnect(&mut self) -> Vec<Command> {
        let mut dropped = self.drop_questions(|_| true);
        dropped.extend(self.drop_listing());
        let revision = self.registry.revision.wrapping_add(1);
        self.registry = Registry { revision, ..Registry::default() };
        dropped
    }

    /// The address of the server, for people and for links: it holds no secret.
    pub fn registry_base(&self) -> Option<&str> {
        let shelf = || self.registry.shelf.as_ref().map(|shelf| shelf.base());
        self.registry.server.as_ref().map(Server::base).or_else(shelf)
    }

    /// The key as it may be shown.
    pub fn registry_key(&self) -> Option<String> {
        let registry = &self.registry;
        let shelved = || registry.shelf.as_ref().and_then(|shelf| shelf.key());
        registry.server.as_ref().and_then(Server::key).or_else(shelved).map(Key::masked)
    }

    fn question(&mut self, about: About, request: Request) -> Command {
        let question = Question { about, request: request.clone(), tried: 1 };
        self.send(Call::Registry(Box::new(question)), request, 0)
    }

    /// Whether something of a kind is being asked.
    fn asks(&self, is_it: impl Fn(&About) -> bool) -> bool {
        self.calls.values().any(|call| matches!(call, Call::Registry(asked) if is_it(&asked.about)))
    }

    /// Breaks off what is asked about something.
    fn drop_questions(&mut self, is_it: impl Fn(&About) -> bool) -> Vec<Command> {
        let asked = self.calls.iter().filter(|(_, call)| matches!(call, Call::Registry(asked) if is_it(&asked.about)));
        let calls: Vec<CallId> = asked.map(|(id, _)| *id).collect();
        for call in &calls {
            self.calls.remove(call);
        }
        calls.into_iter().map(Command::Drop).collect()
    }

    pub(super) fn registry_answered(
        &mut self,
        mut question: Question,
        answer: Result<Answer, Failure>,
    ) -> Vec<Command> {
        // An archive that is being built is waited for longer than any other answer.
        let is_patient =
            matches!(&question.about, About::Download(..)) && matches!(&answer, Ok(answer) if answer.status == 503);
        let again = retry_after(question.request.method, question.tried, &answer, self.clock).filter(|_| !is_patient);
        if let Some(wait) = again {
            question.tried = question.tried.saturating_add(1);
            let request = question.request.clone();
            return vec![self.send(Call::Registry(Box::new(question)), request, wait)];
        }
        let Some(server) = self.registry.server.clone() else { return Vec::new() };
        if let About::Download(download, then) = question.about {
            return self.download_answered(&server, download, then, answer);
        }
        let value = good(&server, answer);
        match question.about {
            About::Health => self.health_answered(&server, value),
            About::Models => self.models_answered(&server, value),
            About::Whose => {
                self.take_feature(Feature::Whose, &value);
                self.registry.whose = value.ok().and_then(|value| tinker::whose(&value));
                Vec::new()
            }
            About::Runs(offset) => self.runs_answered(&server, offset, value),
            About::Checkpoints(offset) => self.checkpoints_answered(&server, offset, value),
            About::CheckpointsOf(run) => self.checkpoints_of_answered(&server, &run, value),
            About::Run(id) => self.run_answered(&server, id, value),
            About::Group(id) => self.group_answered(&server, id, value),
            About::Sampler(id) => self.sampler_answered(&id, value),
            About::Weights(path) => {
                self.take_feature(Feature::WeightsInfo, &value);
                if self.registry.shown.as_ref() == Some(&path) {
                    let nothing = || "the server says nothing about these weights".to_owned();
                    let weights =
                        value.map_err(|no| no.words()).and_then(|value| Weights::read(&value).ok_or_else(nothing));
                    self.registry.weights = Some(weights);
                }
                Vec::new()
            }
            About::Deed(deed) => self.deed_answered(deed, value),
            About::Download(..) => Vec::new(),
        }
    }

    fn health_answered(&mut self, server: &Server, value: Result<Value, No>) -> Vec<Command> {
        match value {
            // Whatever it answers, somebody is there.
            Ok(_) | Err(No::Refused(_)) => vec![self.question(About::Models, server.capabilities())],
            Err(no) => {
                self.link_failed(&no);
                Vec::new()
            }
        }
    }

    fn models_answered(&mut self, server: &Server, value: Result<Value, No>) -> Vec<Command> {
        let models = value.and_then(|value| tinker::models(&value).ok_or(No::NotTinker));
        match models {
            Ok(models) => {
                (self.registry.models, self.registry.link) = (models, Link::Open);
                let whose = self.question(About::Whose, server.whose());
                let mut commands = self.list_registry();
                commands.push(whose);
                commands
            }
            Err(no) => {
                self.link_failed(&no);
                Vec::new()
            }
        }
    }

    fn link_failed(&mut self, no: &No) {
        self.registry.is_silent = matches!(no, No::Failed(_));
        self.registry.link = Link::Failed(no.words());
        self.finished = self.finished.saturating_add(1);
    }

    /// Notes whether the server offers something.
    fn take_feature<T>(&mut self, feature: Feature, answer: &Result<T, No>) -> bool {
        match answer {
            Ok(_) => self.registry.features.is_there(feature),
            Err(No::Refused(refusal)) => return self.registry.features.refused(feature, refusal),
            Err(_) => {}
        }
        false
    }

    fn registry_changed(&mut self) {
        self.registry.revision = self.registry.revision.wrapping_add(1);
    }

    /// Looks at a checkpoint, or at none.
    pub fn show_registered(&mut self, path: Option<TinkerPath>) -> Vec<Command> {
        let mut commands = self.drop_questions(|about| matches!(about, About::Weights(_)));
        self.registry.shown.clone_from(&path);
        self.registry.found = None;
        self.registry.weights = None;
        if let (Some(path), Some(server)) = (path, self.registry.server.clone())
            && self.registry.features.may(Feature::WeightsInfo)
        {
            let request = server.weights_info(&path);
            commands.push(self.question(About::Weights(path), request));
        }
        commands
    }

    /// Chooses a row, or takes the choice back.
    pub fn choose_registered(&mut self, path: &TinkerPath) {
        if !self.registry.chosen.remove(path) {
            self.registry.chosen.insert(path.clone());
        }
        self.registry_changed();
    }
}

/// Why an answer is none that can be used.
#[derive(Debug)]
enum No {
    Refused(Refusal),
    Failed(Failure),
    NotTinker,
    NotJson,
}

impl No {
    fn words(&self) -> String {
        match self {
            Self::Refused(refusal) => refusal.to_string(),
            Self::Failed(failure) => format!("{}.", unreachable_words(failure)),
            Self::NotTinker => {
                "somebody answers at this address, but not as a Tinker server does: is a part of the path missing?"
                    .to_owned()
            }
            Self::NotJson => "the server's answer is not JSON".to_owned(),
        }
    }
}

/// The value of a good answer; empty bodies are common and mean done.
fn good(server: &Server, answer: Result<Answer, Failure>) -> Result<Value, No> {
    let answer = answer.map_err(No::Failed)?;
    if !(200..300).contains(&answer.status) {
        return Err(No::Refused(Refusal::new(&answer, server.key())));
    }
    if answer.body.is_empty() {
        return Ok(Value::Null);
    }
    // Some servers repeat what they were sent, and what they say is shown.
    let body = server.key().map_or_else(|| answer.body.clone(), |key| key.scrub_body(&answer.body));
    serde_json::from_slice(&body).map_err(|_not_json| No::NotJson)
}
