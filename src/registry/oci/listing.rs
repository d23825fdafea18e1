//! Repositories, then the tags of each, then what each tag is: one question after the other.

use std::collections::VecDeque;

use serde_json::Value;

use super::door::{Door, Let};
use super::files::{digest_of, short};
use super::manifest::{Artifact, Manifest};
use super::reference::{Reference, is_digest, is_tag};
use crate::limits;
use crate::registry::http::{Answer, Request};
use crate::registry::json::texts;
use crate::registry::talk::{Item, Next, Talk};
use crate::registry::time;
use crate::words;

/// What is asked about.
#[derive(Debug, Clone)]
enum Question {
    /// Which repositories there are.
    Repositories(Request),
    /// Which tags one has.
    Tags(Reference, Request),
    /// What a tag is, or what an index names; how it is called in the table.
    Manifest(Reference, String),
}

/// Lists what an address names.
#[derive(Debug)]
pub(super) struct Listing {
    at: Reference,
    door: Door,
    asked: Option<Question>,
    waiting: VecDeque<Question>,
    /// The repository that the token is for.
    repository: String,
    count: usize,
    left_out: Vec<String>,
}

impl Listing {
    pub(super) fn new(at: Reference, door: Door) -> Self {
        let first = match (at.repository.as_str(), at.what.as_str()) {
            ("", _) => Question::Repositories(at.get("_catalog?n=100")),
            (_, "") => tags(&at, &at.repository),
            (_, what) => Question::Manifest(at.clone(), name_of(what)),
        };
        let repository = at.repository.clone();
        let (asked, waiting) = (Some(first), VecDeque::new());
        Self { at, door, asked, waiting, repository, count: 0, left_out: Vec::new() }
    }

    fn take(&mut self, question: &Question, answer: &Answer, found: &mut Vec<Item>) -> Result<(), String> {
        match question {
            Question::Repositories(_) => {
                let value = value(answer)?;
                let names = texts(&value, "repositories");
                self.waiting.extend(names.iter().map(|name| tags(&self.at, name)));
                self.next_page(answer, !names.is_empty(), Question::Repositories)
            }
            Question::Tags(at, _) => {
                let tags = texts(&value(answer)?, "tags");
                for tag in tags.iter().filter(|tag| is_tag(tag)) {
                    found.push(Item { place: Some(tag.clone()), ..unread(at, tag) });
                    let what = Reference { what: tag.clone(), ..at.clone() };
                    self.waiting.push_back(Question::Manifest(what, tag.clone()));
                }
                self.next_page(answer, !tags.is_empty(), |request| Question::Tags(at.clone(), request))
            }
            Question::Manifest(at, name) => {
                let digest = digest_of(answer, &at.what)?;
                match Manifest::read(&answer.body)? {
                    Manifest::Artifact(artifact) => found.push(row(at, name, &digest, &artifact)),
                    Manifest::Index(children) => {
                        let notes =
                            format!("{} · {}", words::plural(children.len() as u64, "manifest"), short(&digest));
                        found.push(Item { kind: "index", notes, ..unread(at, name) });
                        // An index in an index is shown, and not looked into.
                        let is_inner = is_digest(&at.what) && at.what != self.at.what;
                        for child in children.into_iter().filter(|_| !is_inner) {
                            let name = format!("{name} {} {}", short(&child.digest), child.notes);
                            let what = Reference { what: child.digest, ..at.clone() };
                            self.waiting.push_front(Question::Manifest(what, name.trim_end().to_owned()));
                        }
                    }
                }
                Ok(())
            }
        }
    }

    /// Goes on with the same list where the answer says so, before anything else.
    fn next_page(
        &mut self,
        answer: &Answer,
        is_new: bool,
        make: impl FnOnce(Request) -> Question,
    ) -> Result<(), String> {
        if let Some(request) = self.at.next(answer.header("link"))?.filter(|_| is_new) {
            self.waiting.push_front(make(request));
        }
        Ok(())
    }

    fn go_on(&mut self) -> Next {
        if self.count >= limits::HUB_ITEMS && !self.waiting.is_empty() {
            self.left_out.push(format!("more than {} items: the rest is not listed", limits::HUB_ITEMS));
            self.waiting.clear();
        }
        self.asked = self.waiting.pop_front();
        let repository = match &self.asked {
            None => return Next::Listed,
            Some(Question::Repositories(_)) => String::new(),
            Some(Question::Tags(at, _) | Question::Manifest(at, _)) => at.repository.clone(),
        };
        if repository != self.repository {
            self.repository = repository;
            self.door.forget();
        }
        Next::Ask
    }
}

impl Talk for Listing {
    fn label(&self) -> String {
        match &self.asked {
            Some(Question::Manifest(at, name)) => format!("asking what {} {name} is", at.repository),
            Some(Question::Tags(at, _)) => format!("listing the tags of {}", at.repository),
            _ => "listing repositories".to_owned(),
        }
    }

    fn name(&self) -> String {
        self.at.to_string()
    }

    fn request(&self) -> Request {
        let question = match &self.asked {
            Some(Question::Repositories(request) | Question::Tags(_, request)) => request.clone(),
            Some(Question::Manifest(at, _)) => at.manifest(&at.what),
            None => self.at.get(""),
        };
        self.door.request(question)
    }

    fn answered(&mut self, answer: &Answer, found: &mut Vec<Item>) -> Result<Next, String> {
        let is_first = self.count == 0 && self.waiting.is_empty() && self.left_out.is_empty();
        let Some(question) = self.asked.clone() else { return Ok(Next::Listed) };
        let taken = match self.door.answered(answer) {
            Ok(Let::Again) => return Ok(Next::Ask),
            Ok(Let::In) => self.take(&question, answer, found),
            Err(why) => Err(why),
        };
        self.count = self.count.saturating_add(found.len());
        match taken {
            // The whole list is not there; of one part among others that is said, and the others go on.
            Err(why) if is_first => return Err(why),
            Err(why) => self.left_out.push(match &question {
                Question::Repositories(_) => why,
                Question::Tags(at, _) => format!("{}: {why}", at.repository),
                Question::Manifest(at, name) => format!("{} {name}: {why}", at.repository),
            }),
            Ok(()) => {}
        }
        Ok(self.go_on())
    }

    fn left_out(&mut self) -> Vec<String> {
        std::mem::take(&mut self.left_out)
    }
}

fn tags(at: &Reference, repository: &str) -> Question {
    let at = Reference { base: at.base.clone(), repository: repository.to_owned(), what: String::new() };
    let request = at.get(&format!("{repository}/tags/list?n=100"));
    Question::Tags(at, request)
}

/// A tag's own name, a digest's first digits.
fn name_of(what: &str) -> String {
    if is_digest(what) { short(what) } else { what.to_owned() }
}

/// A row of which nothing is known but its name.
fn unread(at: &Reference, name: &str) -> Item {
    Item {
        id: format!("{}\n{name}", at.repository),
        group: at.repository.clone(),
        name: name.to_owned(),
        kind: "tag",
        notes: String::new(),
        time: None,
        size: None,
        place: None,
    }
}

fn row(at: &Reference, name: &str, digest: &str, artifact: &Artifact) -> Item {
    let files = words::plural(artifact.layers.len() as u64, "layer");
    let unknown = Some(artifact.type_name.clone()).filter(|name| artifact.kind == "artifact" && !name.is_empty());
    let notes = [Some(files), Some(short(digest)), unknown].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    Item {
        kind: artifact.kind,
        notes,
        time: artifact.created.as_deref().and_then(time::iso),
        size: Some(artifact.layers.iter().map(|layer| layer.size).fold(0, u64::saturating_add)),
        // By its digest: a tag may name another tomorrow.
        place: Some(digest.to_owned()).filter(|_| !artifact.layers.is_empty()),
        ..unread(at, name)
    }
}

fn value(answer: &Answer) -> Result<Value, String> {
    let value: Option<Value> = serde_json::from_slice(&answer.body).ok();
    let not_one = "somebody answers at this address, but not as an OCI registry does: is it the registry's own host?";
    value.filter(Value::is_object).ok_or_else(|| not_one.to_owned())
}
