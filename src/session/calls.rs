//! Requests on their way: each is answered once, unless it was dropped before.

use super::registry::Question;
use super::remote::{Loading, Probing};
use super::talking::Talking;
use super::{Command, Session};
use crate::registry::{Answer, Failure, Request};
use crate::words;

/// Milliseconds of waiting from which on it is told: shorter is not felt.
const TOLD: u32 = 1_000;

/// Number of a request, never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u32);

/// What a request is for.
#[derive(Debug)]
pub(super) enum Call {
    /// How long is this file, and does its host answer ranges?
    Probe(Probing),
    /// A whole file.
    Load(Loading),
    /// A question to a registry.
    Registry(Box<Question>),
    /// What a registry that is only read is being asked.
    Talk(Box<Talking>),
}

impl Session {
    pub(super) fn new_call(&mut self, call: Call) -> CallId {
        self.next_call = self.next_call.wrapping_add(1);
        let id = CallId(self.next_call);
        self.calls.insert(id, call);
        id
    }

    /// Sends a request, after so many milliseconds.
    pub(super) fn send(&mut self, call: Call, request: Request, after_ms: u32) -> Command {
        self.count_request(&request.url);
        let call = self.new_call(call);
        if after_ms >= TOLD {
            self.waits.insert(call, after_ms);
        }
        Command::Ask { call, request, after_ms }
    }

    /// That a request waits for its turn, as its server asked, for the job bar.
    pub(super) fn wait_words(&self, call: CallId) -> String {
        let seconds = |wait: &u32| {
            format!(", in {}: the server asks for patience", words::duration(u64::from(wait.div_ceil(1_000))))
        };
        self.waits.get(&call).map(seconds).unwrap_or_default()
    }

    /// Counts what leaves for another origin, or for a registry that is passed on from this one.
    pub(super) fn count_request(&mut self, url: &str) {
        let is_passed_on = self.registry_base().is_some_and(|base| url.starts_with(base));
        if is_passed_on || crate::registry::origin(url) != self.own_origin {
            self.requests_sent = self.requests_sent.saturating_add(1);
        }
    }

    /// An answer came, or will not. Those to dropped requests are ignored.
    pub fn answered(&mut self, call: CallId, answer: Result<Answer, Failure>) -> Vec<Command> {
        self.waits.remove(&call);
        match self.calls.remove(&call) {
            Some(Call::Probe(probing)) => self.probed(probing, answer),
            Some(Call::Registry(question)) => self.registry_answered(*question, answer),
            Some(Call::Talk(talking)) => self.talk_answered(*talking, answer),
            Some(Call::Load(_)) | None => Vec::new(),
        }
    }
}
