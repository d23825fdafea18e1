//! Reading the lists: runs page by page, then checkpoints in one list or run by run, as the server offers it.

use serde_json::Value;

use super::{About, No, Registry};
use crate::limits;
use crate::registry::tinker::{self, Checkpoint, Feature, Listed, Server};
use crate::session::{Command, Session};

impl Session {
    /// Reads all lists again.
    pub fn list_registry(&mut self) -> Vec<Command> {
        let mut commands = self.stop_registry_listing();
        if self.registry.shelf.is_some() {
            self.registry.unlisted.clear();
            self.registry.is_listing = true;
            commands.extend(self.list_shelf());
            self.registry_changed();
            return commands;
        }
        let Some(server) = self.registry.server.clone() else { return commands };
        let registry = &mut self.registry;
        registry.runs.clear();
        registry.checkpoints.clear();
        registry.unlisted.clear();
        registry.chosen.clear();
        (registry.plan, registry.listed_total, registry.is_listing) = (None, None, true);
        self.registry_changed();
        commands.push(self.question(About::Runs(0), server.runs(0)));
        commands
    }

    /// Stops reading; what was read stays.
    pub fn stop_registry_listing(&mut self) -> Vec<Command> {
        let is_list = |about: &About| matches!(about, About::Runs(_) | About::Checkpoints(_) | About::CheckpointsOf(_));
        let mut dropped = self.drop_questions(is_list);
        dropped.extend(self.drop_listing());
        self.registry.waiting_runs.clear();
        if self.registry.is_listing {
            self.registry.unlisted.push("the listing was stopped: there may be more".to_owned());
            self.listing_ended();
        }
        dropped
    }

    pub(super) fn listing_ended(&mut self) {
        self.registry.is_listing = false;
        self.finished = self.finished.saturating_add(1);
        self.registry_changed();
    }

    pub(super) fn runs_answered(&mut self, server: &Server, offset: u64, value: Result<Value, No>) -> Vec<Command> {
        let page = value.and_then(|value| tinker::runs(&value, offset).ok_or(No::NotTinker));
        match page {
            Ok(page) => {
                self.note_unread(&page);
                let next = page.next;
                self.registry.take_newest(&page.items);
                self.registry.runs.extend(page.items);
                self.registry_changed();
                match next.filter(|_| self.has_room(self.registry.runs.len())) {
                    Some(next) => vec![self.question(About::Runs(next), server.runs(next))],
                    None => self.list_checkpoints(server),
                }
            }
            Err(no) => {
                self.registry.unlisted.push(format!("runs: {}", no.words()));
                self.list_checkpoints(server)
            }
        }
    }

    fn list_checkpoints(&mut self, server: &Server) -> Vec<Command> {
        if self.registry.features.may(Feature::AllCheckpoints) {
            return vec![self.question(About::Checkpoints(0), server.checkpoints(0))];
        }
        self.list_run_by_run(server, true)
    }

    pub(super) fn checkpoints_answered(
        &mut self,
        server: &Server,
        offset: u64,
        value: Result<Value, No>,
    ) -> Vec<Command> {
        let page = value.and_then(|value| tinker::checkpoints(&value, offset).ok_or(No::NotTinker));
        self.take_feature(Feature::AllCheckpoints, &page);
        match page {
            Ok(page) => {
                self.note_unread(&page);
                let next = page.next.filter(|_| self.has_room(self.registry.checkpoints.len()));
                self.registry.listed_total = page.total;
                self.registry.take(page.items);
                self.registry_changed();
                match next {
                    Some(next) => vec![self.question(About::Checkpoints(next), server.checkpoints(next))],
                    None => self.list_run_by_run(server, false),
                }
            }
            Err(no) => {
                if self.registry.features.may(Feature::AllCheckpoints) {
                    self.registry.unlisted.push(format!("checkpoints: {}", no.words()));
                }
                self.list_run_by_run(server, true)
            }
        }
    }

    /// Goes on run by run: all of them, or none if the one list has what the runs name as their newest. (TuFT's has no
    /// checkpoints for sampling.)
    fn list_run_by_run(&mut self, server: &Server, is_needed: bool) -> Vec<Command> {
        let registry = &mut self.registry;
        let is_short = registry.listed_total.is_some_and(|total| (registry.checkpoints.len() as u64) > total);
        if is_needed || is_short {
            registry.waiting_runs = registry.runs.iter().map(|run| run.id.clone()).collect();
        }
        self.list_next_run(server)
    }

    fn list_next_run(&mut self, server: &Server) -> Vec<Command> {
        match self.registry.waiting_runs.pop_front() {
            Some(run) => {
                let request = server.checkpoints_of(&run);
                vec![self.question(About::CheckpointsOf(run), request)]
            }
            None => {
                self.listing_ended();
                Vec::new()
            }
        }
    }

    pub(super) fn checkpoints_of_answered(
        &mut self,
        server: &Server,
        run: &str,
        value: Result<Value, No>,
    ) -> Vec<Command> {
        let page = value.and_then(|value| tinker::checkpoints_of(&value, run).ok_or(No::NotTinker));
        match page {
            Ok(page) => {
                self.note_unread(&page);
                self.registry.take(page.items);
            }
            Err(no) => self.registry.unlisted.push(format!("checkpoints of {run}: {}", no.words())),
        }
        self.registry_changed();
        if !self.has_room(self.registry.checkpoints.len()) {
            self.registry.waiting_runs.clear();
        }
        self.list_next_run(server)
    }

    /// Adds runs that no list held, and reads their checkpoints.
    pub(super) fn take_runs(&mut self, server: &Server, runs: Vec<tinker::Run>) -> Vec<Command> {
        let registry = &mut self.registry;
        registry.take_newest(&runs);
        registry.waiting_runs.extend(runs.iter().map(|run| run.id.clone()));
        registry.runs.retain(|known| runs.iter().all(|run| run.id != known.id));
        registry.runs.extend(runs);
        let is_listing = std::mem::replace(&mut registry.is_listing, true);
        self.registry_changed();
        if is_listing { Vec::new() } else { self.list_next_run(server) }
    }

    fn note_unread<T>(&mut self, page: &Listed<T>) {
        if page.unread > 0 {
            self.registry
                .unlisted
                .push(format!("{} items of a list are of a kind that is not known here", page.unread));
        }
    }

    fn has_room(&mut self, items: usize) -> bool {
        let has_room = items < limits::REGISTRY_ITEMS;
        if !has_room {
            self.registry.unlisted.push(format!("more than {} items: the rest is not listed", limits::REGISTRY_ITEMS));
        }
        has_room
    }
}

impl Registry {
    fn take(&mut self, checkpoints: Vec<Checkpoint>) {
        for checkpoint in checkpoints {
            self.checkpoints.insert(checkpoint.path.clone(), checkpoint);
        }
    }

    /// What runs name as their newest is listed too; a list tells the same or more.
    fn take_newest(&mut self, runs: &[tinker::Run]) {
        let newest = runs.iter().flat_map(|run| run.newest.iter().cloned()).collect();
        self.take(newest);
    }
}
