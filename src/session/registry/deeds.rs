//! What is done to checkpoints, one after the other, with a result for each. What cannot be undone needs a typed word.

use serde_json::Value;

use super::{About, No};
use crate::registry::tinker::cleanup::{Plan, Policy};
use crate::registry::tinker::{Checkpoint, Feature, TinkerPath};
use crate::session::{Command, Session};

/// Something that can be done to a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Everyone may read it.
    Publish,
    /// Only its owner may read it.
    Unpublish,
    /// The server deletes it after so many seconds, or never.
    Expire(Option<u64>),
    /// It is gone.
    Delete,
    /// A copy in this project.
    Copy(String),
}

/// An act on one checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deed {
    path: TinkerPath,
    act: Act,
    /// The first half of taking back a publication: see [`Session::do_next`].
    is_first_half: bool,
}

impl Deed {
    /// What is being done, for the job bar.
    pub(super) fn label(&self) -> String {
        let doing = match &self.act {
            Act::Publish => "publishing",
            Act::Unpublish => "making private",
            Act::Expire(_) => "setting the expiry of",
            Act::Delete => "deleting",
            Act::Copy(_) => "copying",
        };
        format!("{doing} {}", self.path.name)
    }
}

/// What was done to what, and how it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The checkpoint.
    pub path: TinkerPath,
    /// What happened, in words.
    pub words: String,
    /// Whether it went as it should.
    pub is_good: bool,
}

impl Act {
    fn feature(&self) -> Feature {
        match self {
            Self::Publish | Self::Unpublish => Feature::Publish,
            Self::Expire(_) => Feature::Ttl,
            Self::Delete => Feature::Delete,
            Self::Copy(_) => Feature::Copy,
        }
    }

    fn done(&self) -> &'static str {
        match self {
            Self::Publish => "public now",
            Self::Unpublish => "private now",
            Self::Expire(Some(_)) => "its expiry is set",
            Self::Expire(None) => "it does not expire any more",
            Self::Delete => "deleted",
            Self::Copy(_) => "copied",
        }
    }
}

impl Session {
    /// Does something to the chosen checkpoints, or to the one that is looked at when none is chosen. Deleting needs the
    /// word of [`Session::delete_word`].
    pub fn do_registered(&mut self, act: &Act, typed: &str) -> Vec<Command> {
        let paths = self.meant();
        if *act == Act::Delete && typed.trim() != delete_word(&paths) {
            return Vec::new();
        }
        self.enqueue(paths, act)
    }

    /// The checkpoints that an act would be done to.
    pub fn meant(&self) -> Vec<TinkerPath> {
        let registry = &self.registry;
        if registry.chosen.is_empty() {
            registry.shown.iter().cloned().collect()
        } else {
            registry.chosen.iter().cloned().collect()
        }
    }

    /// What has to be typed before these are deleted.
    pub fn delete_word(&self) -> String {
        delete_word(&self.meant())
    }

    /// What has to be typed before what the plan lets go is deleted.
    pub fn clean_word(&self) -> String {
        delete_word(&self.going())
    }

    /// Plans a clean-up of everything listed. A dry run.
    pub fn plan_registry(&mut self, policy: Policy) {
        let all: Vec<Checkpoint> = self.registry.checkpoints.values().cloned().collect();
        let paths = all.iter().map(|checkpoint| checkpoint.path.clone()).collect();
        let plan = Plan::new(&all, &policy);
        self.registry.plan = Some((policy, plan, paths));
    }

    /// Deletes what the plan lets go, one by one.
    pub fn clean_registry(&mut self, typed: &str) -> Vec<Command> {
        let going = self.going();
        if self.registry.is_listing || typed.trim() != delete_word(&going) {
            return Vec::new();
        }
        self.registry.plan = None;
        self.enqueue(going, &Act::Delete)
    }

    fn going(&self) -> Vec<TinkerPath> {
        let Some((_, plan, paths)) = &self.registry.plan else { return Vec::new() };
        plan.going().filter_map(|at| paths.get(at).cloned()).collect()
    }

    /// Acts that have not begun are not done; the one under way is told of.
    pub fn stop_deeds(&mut self) {
        self.registry.deeds.clear();
    }

    /// Acts that wait for their turn.
    pub fn waiting_deeds(&self) -> usize {
        self.registry.deeds.len()
    }

    fn enqueue(&mut self, paths: Vec<TinkerPath>, act: &Act) -> Vec<Command> {
        let is_busy = self.is_doing();
        let deed = |path| Deed { path, act: act.clone(), is_first_half: false };
        self.registry.deeds.extend(paths.into_iter().map(deed));
        if is_busy { Vec::new() } else { self.do_next() }
    }

    /// Whether something is being done.
    pub fn is_doing(&self) -> bool {
        self.asks(|about| matches!(about, About::Deed(_)))
    }

    /// Sends the next. Before a publication is taken back it is made, where nobody knows yet whether the server can do
    /// either: it answers that it is public already, or that it cannot, and then the request that takes it back, which
    /// some servers read as "delete", is not sent.
    fn do_next(&mut self) -> Vec<Command> {
        let (Some(mut deed), Some(server)) = (self.registry.deeds.pop_front(), self.registry.server.clone()) else {
            return Vec::new();
        };
        deed.is_first_half = deed.act == Act::Unpublish && !self.registry.features.has(Feature::Publish);
        let request = match &deed.act {
            Act::Unpublish if !deed.is_first_half => server.unpublish(&deed.path),
            Act::Publish | Act::Unpublish => server.publish(&deed.path),
            Act::Expire(seconds) => server.set_ttl(&deed.path, *seconds),
            Act::Delete => server.delete(&deed.path),
            Act::Copy(project) => server.copy(&deed.path, project),
        };
        vec![self.question(About::Deed(deed), request)]
    }

    pub(super) fn deed_answered(&mut self, deed: Deed, value: Result<Value, No>) -> Vec<Command> {
        // "Already public" proves that the server can publish.
        let is_so_already = matches!(&value, Err(No::Refused(refusal)) if refusal.status == 409);
        let is_missing = if is_so_already {
            self.registry.features.is_there(deed.act.feature());
            false
        } else {
            self.take_feature(deed.act.feature(), &value)
        };
        if deed.is_first_half && self.registry.features.has(Feature::Publish) {
            self.registry.deeds.push_front(Deed { is_first_half: false, ..deed });
            return self.do_next();
        }
        let is_good = value.is_ok() || (is_so_already && matches!(deed.act, Act::Publish | Act::Unpublish));
        let words = match value {
            Ok(value) => match value.get("tinker_path").and_then(Value::as_str) {
                Some(copy) => format!("copied to {copy}"),
                None => deed.act.done().to_owned(),
            },
            Err(_) if is_good => format!("was so already: {}", deed.act.done()),
            Err(no) => no.words(),
        };
        if is_good {
            self.take_deed(&deed);
        }
        if is_missing {
            // The others would be told the same.
            self.registry.deeds.retain(|waiting| waiting.act.feature() != deed.act.feature());
        }
        self.registry.outcomes.push(Outcome { path: deed.path, words, is_good });
        self.registry_changed();
        let next = self.do_next();
        if next.is_empty() {
            self.finished = self.finished.saturating_add(1);
        }
        next
    }

    /// What was done shows in the table at once.
    fn take_deed(&mut self, deed: &Deed) {
        if deed.act == Act::Delete {
            self.registry.checkpoints.remove(&deed.path);
            self.registry.chosen.remove(&deed.path);
            self.registry.shown.take_if(|shown| *shown == deed.path);
            return;
        }
        let clock = self.clock;
        let Some(checkpoint) = self.registry.checkpoints.get_mut(&deed.path) else { return };
        match &deed.act {
            Act::Publish => checkpoint.is_public = Some(true),
            Act::Unpublish => checkpoint.is_public = Some(false),
            Act::Expire(seconds) => checkpoint.expires = seconds.map(|seconds| clock.saturating_add(seconds)),
            Act::Delete | Act::Copy(_) => {}
        }
    }
}

/// The name of one, the number of several.
fn delete_word(paths: &[TinkerPath]) -> String {
    match paths {
        [one] => one.name.clone(),
        several => format!("delete {}", several.len()),
    }
}
