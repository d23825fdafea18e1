//! Looking up what the lists do not hold, such as what belongs to others: a run by its id, a checkpoint by its path, and
//! what a session or a sampler is about.

use serde_json::Value;

use super::{About, No};
use crate::registry::tinker::{self, Feature, Run, Server, TinkerPath};
use crate::session::{Command, Session};
use crate::words;

impl Session {
    /// Looks up a `tinker://` path, or the id of a run, a session or a sampler.
    pub fn find_registered(&mut self, text: &str) -> Vec<Command> {
        let text = text.trim();
        let Some(server) = self.registry.server.clone().filter(|_| !text.is_empty()) else { return Vec::new() };
        let is_looked_up = |about: &About| matches!(about, About::Run(_) | About::Group(_) | About::Sampler(_));
        let mut commands = self.drop_questions(is_looked_up);
        self.registry.found = None;
        commands.extend(match TinkerPath::parse(text) {
            Some(path) => self.show_found(path, "a checkpoint, below"),
            None if text.contains("://") => {
                self.registry.found =
                    Some(Err("this is no path: it should look like tinker://run/weights/name".to_owned()));
                Vec::new()
            }
            None => vec![self.question(About::Run(text.to_owned()), server.run(text))],
        });
        commands
    }

    fn show_found(&mut self, path: TinkerPath, what: &str) -> Vec<Command> {
        let commands = self.show_registered(Some(path));
        self.registry.found = Some(Ok(what.to_owned()));
        commands
    }

    pub(super) fn run_answered(&mut self, server: &Server, id: String, value: Result<Value, No>) -> Vec<Command> {
        match value.map(|value| Run::read(&value)) {
            Ok(Some(run)) => {
                self.registry.found = Some(Ok(format!("{}: a run", run.id)));
                self.take_runs(server, vec![run])
            }
            // It may be the id of something else.
            Ok(None) | Err(No::Refused(_)) => {
                let request = server.session(&id);
                vec![self.question(About::Group(id), request)]
            }
            Err(no) => self.not_found(&no),
        }
    }

    pub(super) fn group_answered(&mut self, server: &Server, id: String, value: Result<Value, No>) -> Vec<Command> {
        self.take_feature(Feature::Sessions, &value);
        let facts = match value {
            Ok(value) => tinker::session(&value).filter(|facts| !(facts.runs.is_empty() && facts.samplers.is_empty())),
            Err(No::Refused(_)) => None,
            Err(no) => return self.not_found(&no),
        };
        let Some(facts) = facts else {
            let request = server.sampler(&id);
            return vec![self.question(About::Sampler(id), request)];
        };
        let samplers = facts.samplers.join(", ");
        let more = if samplers.is_empty() { String::new() } else { format!(", and sampled with {samplers}") };
        let count = words::plural(facts.runs.len() as u64, "run");
        self.registry.found = Some(Ok(format!("{id}: a session of {count}{more}")));
        let is_new = |id: &String| !self.registry.runs.iter().any(|run| run.id == *id);
        let asked: Vec<String> = facts.runs.into_iter().filter(is_new).collect();
        asked
            .into_iter()
            .map(|id| {
                let request = server.run(&id);
                self.question(About::Run(id), request)
            })
            .collect()
    }

    pub(super) fn sampler_answered(&mut self, id: &str, value: Result<Value, No>) -> Vec<Command> {
        match value.map(|value| tinker::sampler(&value)) {
            Ok(Some((base, Some(path)))) => {
                self.show_found(path, &format!("{id}: a sampler of {base} with the checkpoint below"))
            }
            Ok(Some((base, None))) => {
                self.registry.found = Some(Ok(format!("{id}: a sampler of {base} as it is")));
                self.finished = self.finished.saturating_add(1);
                Vec::new()
            }
            Ok(None) => self.not_found(&No::NotTinker),
            Err(no) => self.not_found(&no),
        }
    }

    fn not_found(&mut self, no: &No) -> Vec<Command> {
        self.registry.found =
            Some(Err(format!("neither a run, nor a session, nor a sampler that this key may see: {}", no.words())));
        self.finished = self.finished.saturating_add(1);
        Vec::new()
    }
}
