//! Files behind URLs: asked how long they are, then opened by ranges; or loaded whole, when their host ignores ranges
//! and the user wants it.

use super::calls::{Call, CallId};
use super::registry::Link;
use super::talking::Purpose;
use super::{Activity, ActivityId, Command, NewFile, NewSource, Session};
use crate::model::{SourceKind, base_name};
use crate::protocol::{Address, Phase, Problem, ProblemKind, Progress};
use crate::registry::hub::Repository;
use crate::registry::{Answer, Failure, Method, Request, Wants, retry_after, unreachable_words};
use crate::source::http::{Probe, Probed, Stream, host};
use crate::words;

/// A source of URLs that is being asked about, file by file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Probing {
    source: NewSource,
    /// The file that is asked about.
    at: usize,
    probe: Probe,
    /// Times that this was asked.
    tried: u32,
}

/// A file whose host ignores ranges: opening it means to load it whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Its number.
    pub id: u32,
    /// Its name.
    pub name: String,
    /// What is asked: who ignores ranges, and how much it is.
    pub words: String,
    address: Address,
    len: Option<u64>,
}

/// A file that is being loaded whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Loading {
    pub(super) name: String,
    pub(super) done: u64,
    pub(super) total: Option<u64>,
    pub(super) then: Then,
    kind: SourceKind,
    /// What to say when it cannot be had, instead of what the environment says.
    explain: Option<&'static str>,
}

/// What a loaded file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// It is opened.
    Open,
    /// It is saved to disk.
    Save,
}

impl Session {
    /// Opens an address that the user named.
    pub fn open_url(&mut self, text: &str) -> Vec<Command> {
        if let Some((repository, wanted)) = Repository::parse(text.trim()) {
            return self.open_hub(repository, wanted);
        }
        let url = file_url(text.trim());
        if crate::registry::origin(&url).is_none() {
            let detail = format!("\"{}\" is not a web address: it should start with https:// or http://", text.trim());
            self.notify(None, Problem { kind: ProblemKind::Remote, detail });
            return Vec::new();
        }
        let path = url.split(['?', '#']).next().unwrap_or(&url).trim_end_matches('/');
        let name = Some(base_name(path)).filter(|name| !name.is_empty() && *name != host(&url)).unwrap_or("download");
        self.open_addresses(name.to_owned(), SourceKind::Url, vec![(String::new(), url)])
    }

    /// Opens files by their addresses, as one source.
    pub(super) fn open_addresses(
        &mut self,
        name: String,
        kind: SourceKind,
        files: Vec<(String, String)>,
    ) -> Vec<Command> {
        let file = |(path, url): (String, String)| {
            let key = self.key_for(&url);
            NewFile { path, size: 0, url: Some(Address { key, ..Address::open(url) }) }
        };
        let source = NewSource { name, kind, files: files.into_iter().map(file).collect() };
        self.ask_about(Probing { source, at: 0, probe: Probe::First, tried: 0 })
    }

    /// Asks about the next file, or opens the source when none is left.
    fn ask_about(&mut self, probing: Probing) -> Vec<Command> {
        self.ask_about_in(0, Probing { tried: 0, ..probing })
    }

    fn ask_about_in(&mut self, after_ms: u32, mut probing: Probing) -> Vec<Command> {
        probing.tried = probing.tried.saturating_add(1);
        match probing.source.files.get(probing.at).and_then(|file| file.url.as_ref()) {
            Some(address) => {
                let request = Request::bare(&address.url, Some(probing.probe.range()), Wants::Head);
                let request = request.with_key(address.key.clone());
                vec![self.send(Call::Probe(probing), request, after_ms)]
            }
            None => self.open(vec![probing.source]).1,
        }
    }

    pub(super) fn probed(&mut self, mut probing: Probing, answer: Result<Answer, Failure>) -> Vec<Command> {
        // No answer at all is told at once: it is an address that is wrong, or a host that allows no other sites.
        let again = retry_after(Method::Get, probing.tried, &answer, self.clock).filter(|_| answer.is_ok());
        if let Some(wait) = again {
            return self.ask_about_in(wait, probing);
        }
        let Some(file) = probing.source.files.get_mut(probing.at) else { return Vec::new() };
        let Some(address) = file.url.as_mut() else { return Vec::new() };
        let probed = match answer {
            Ok(answer) => probing.probe.answered(&address.url, &answer.head()).map_err(|error| Problem::from(&error)),
            Err(failure) => Err(unreachable(&address.url, &failure)),
        };
        match probed {
            Ok(Probed::Ranges(facts)) => {
                (file.size, address.etag) = (facts.len, facts.etag);
                probing.at = probing.at.saturating_add(1);
                probing.probe = Probe::First;
                self.ask_about(probing)
            }
            Ok(Probed::Again(probe)) => {
                probing.probe = probe;
                self.ask_about(probing)
            }
            Ok(Probed::Whole(len)) => {
                let name = if file.path.is_empty() { probing.source.name.clone() } else { file.path.clone() };
                let address = address.clone();
                self.offer(name, address, len);
                Vec::new()
            }
            Err(problem) => {
                self.notify(Some(probing.source.name), problem);
                self.finished = self.finished.saturating_add(1);
                Vec::new()
            }
        }
    }

    fn offer(&mut self, name: String, address: Address, len: Option<u64>) {
        let much = len.map_or_else(|| "of a length that it does not tell".to_owned(), words::size);
        let words = format!(
            "{} ignores Range, so parts of this file cannot be asked for: opening it means to download all of it, {much}.",
            host(&address.url)
        );
        self.next_notice = self.next_notice.wrapping_add(1);
        self.offers.push(Offer { id: self.next_notice, name, words, address, len });
        self.finished = self.finished.saturating_add(1);
    }

    /// Takes an offer up, or turns it down.
    pub fn answer_offer(&mut self, id: u32, is_wanted: bool) -> Vec<Command> {
        let Some(at) = self.offers.iter().position(|offer| offer.id == id) else { return Vec::new() };
        let offer = self.offers.remove(at);
        if !is_wanted {
            return Vec::new();
        }
        let request = Request::bare(&offer.address.url, None, Wants::Body).with_key(offer.address.key.clone());
        self.load(offer.name, request, Stream::whole(offer.len), (Then::Open, SourceKind::Url, None))
    }

    /// Loads a file whole: what for, as what kind of source, and what to say when it cannot be had.
    pub(super) fn load(
        &mut self,
        name: String,
        request: Request,
        stream: Stream,
        (then, kind, explain): (Then, SourceKind, Option<&'static str>),
    ) -> Vec<Command> {
        let loading = Loading { name: name.clone(), done: 0, total: stream.end(), then, kind, explain };
        let call = self.new_call(Call::Load(loading));
        self.count_request(&request.url);
        vec![Command::Load { call, name, request, stream, then }]
    }

    /// So much of a file has come.
    pub fn loaded_some(&mut self, call: CallId, done: u64, total: Option<u64>) {
        if let Some(Call::Load(loading)) = self.calls.get_mut(&call) {
            (loading.done, loading.total) = (done, total);
        }
    }

    /// A file has come, or will not. As what kind of source the client is to open what it has, if it is.
    pub fn loaded(&mut self, call: CallId, ended: Result<(), String>) -> Option<SourceKind> {
        let Some(Call::Load(loading)) = self.calls.remove(&call) else { return None };
        if let Err(why) = ended {
            let detail = loading.explain.map_or(why, str::to_owned);
            self.notify(Some(loading.name), Problem { kind: ProblemKind::Remote, detail });
            self.finished = self.finished.saturating_add(1);
            return None;
        }
        if loading.then == Then::Save {
            self.finished = self.finished.saturating_add(1);
        }
        (loading.then == Then::Open).then_some(loading.kind)
    }

    /// What is being asked for or loaded.
    pub(super) fn remote_activities(&self) -> impl Iterator<Item = Activity> {
        self.calls.iter().map(|(id, call)| {
            let (label, done, total) = match call {
                Call::Probe(probing) => (format!("asking about {}", probing.source.name), 0, 0),
                Call::Load(loading) => {
                    (format!("downloading {}", loading.name), loading.done, loading.total.unwrap_or(0))
                }
                Call::Registry(question) => (question.label(), 0, 0),
                Call::Talk(talking) => (talking.label(), 0, 0),
            };
            let label = format!("{label}{}", self.wait_words(*id));
            let progress = Progress { phase: Phase::Loading, done, total };
            Activity { label, progress, target: ActivityId::Remote(*id) }
        })
    }

    pub(super) fn stop_remote(&mut self, call: CallId) -> Vec<Command> {
        if let Some(Call::Registry(question)) = self.calls.get(&call)
            && let Some(stop) = question.stop()
        {
            return stop(self);
        }
        if let Some(Call::Talk(talking)) = self.calls.get(&call)
            && talking.purpose == Purpose::List
        {
            let is_open = self.registry.link == Link::Open;
            return if is_open { self.stop_registry_listing() } else { self.disconnect() };
        }
        self.waits.remove(&call);
        if self.calls.remove(&call).is_none() {
            return Vec::new();
        }
        self.finished = self.finished.saturating_add(1);
        vec![Command::Drop(call)]
    }
}

/// What there is to say when no answer came.
fn unreachable(url: &str, failure: &Failure) -> Problem {
    let detail = format!("{}: {}.", host(url), unreachable_words(failure));
    Problem { kind: ProblemKind::Remote, detail }
}

/// The file that a page of a hub shows: pages are for people, and other sites may not read them.
fn file_url(text: &str) -> String {
    let clean = |text: &str| text.split(['?', '#']).next().unwrap_or(text).to_owned();
    for start in ["https://huggingface.co/", "https://hf.co/"] {
        if let Some((repository, file)) = text.strip_prefix(start).and_then(|rest| rest.split_once("/blob/")) {
            return format!("https://huggingface.co/{repository}/resolve/{}", clean(file));
        }
    }
    if let Some((repository, file)) =
        text.strip_prefix("https://github.com/").and_then(|rest| rest.split_once("/blob/"))
    {
        return format!("https://raw.githubusercontent.com/{repository}/{}", clean(file));
    }
    text.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{FileBytes, TaskSpec};

    fn answer(status: u16, headers: &[(&str, &str)]) -> Answer {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Answer { status, headers: headers.collect(), body: Vec::new() }
    }

    fn asked(commands: &[Command]) -> (CallId, Request) {
        let [Command::Ask { call, request, .. }] = commands else { panic!("{commands:?}") };
        (*call, request.clone())
    }

    #[test]
    fn an_address_is_asked_about_and_then_opened_by_ranges() {
        let mut session = Session::new(1);
        let (call, request) = asked(&session.open_url(" https://x.example/a/model.safetensors?sig=1 "));
        assert_eq!(request.headers(), [("Range", "bytes=0-0".to_owned())]);
        assert_eq!((request.wants, session.requests_sent, session.is_idle()), (Wants::Head, 1, false));
        assert_eq!(session.activities()[0].label, "asking about model.safetensors");
        let (call, request) = asked(&session.answered(call, Ok(answer(206, &[]))));
        assert_eq!(request.headers(), [("Range", "bytes=0-".to_owned())]);
        let commands = session.answered(call, Ok(answer(206, &[("content-length", "77"), ("etag", "\"v\"")])));
        let [Command::Start { task: TaskSpec::Inspect(sources), files, .. }] = &commands[..] else {
            panic!("{commands:?}")
        };
        let file = &sources[0].files[0];
        assert!(matches!(&file.bytes, FileBytes::Url(address) if address.etag.as_deref() == Some("\"v\"")));
        assert_eq!((file.path.as_str(), file.size, files.len()), ("model.safetensors", 77, 0));
        assert!(!format!("{session:?}").contains("sig=1"), "a signed address is a secret");
    }

    #[test]
    fn a_host_without_ranges_is_an_offer_that_can_be_taken_up() {
        let mut session = Session::new(1);
        let (call, _) = asked(&session.open_url("https://x.example/big.zip"));
        assert!(session.answered(call, Ok(answer(200, &[("content-length", "4509715661")]))).is_empty());
        let offer = session.offers[0].clone();
        assert!(offer.words.contains("x.example ignores Range") && offer.words.contains("4.20"), "{}", offer.words);
        assert!(session.is_idle());
        let commands = session.answer_offer(offer.id, true);
        let [Command::Load { call, request, .. }] = &commands[..] else { panic!("{commands:?}") };
        assert_eq!((request.headers().len(), session.offers.len()), (0, 0));
        session.loaded_some(*call, 5, Some(10));
        assert_eq!((session.activities()[0].progress.done, session.activities()[0].progress.total), (5, 10));
        assert_eq!(session.loaded(*call, Ok(())), Some(SourceKind::Url));
        assert!(session.is_idle());
        assert!(session.answer_offer(offer.id, true).is_empty(), "only once");
    }

    #[test]
    fn what_cannot_be_had_is_a_problem_in_words() {
        let mut session = Session::new(1);
        assert!(session.open_url("x.example/a").is_empty());
        assert!(session.notices[0].problem.detail.contains("is not a web address"));
        let (call, _) = asked(&session.open_url("https://x.example/a?sig=1"));
        session.answered(call, Err(Failure::Unreachable("Failed to fetch".to_owned())));
        let detail = &session.notices[1].problem.detail;
        assert!(detail.contains("x.example") && detail.contains("CORS") && !detail.contains("sig"), "{detail}");
        let (call, _) = asked(&session.open_url("https://x.example/a"));
        session.answered(call, Ok(answer(404, &[])));
        assert!(session.notices[2].problem.detail.contains("404"));
        assert_eq!((session.finished, session.is_idle()), (2, true));
        let (call, _) = asked(&session.open_url("https://x.example/a"));
        assert_eq!(session.cancel(ActivityId::Remote(call)), [Command::Drop(call)]);
        assert!(session.answered(call, Ok(answer(206, &[]))).is_empty(), "an answer that comes too late is ignored");
    }

    #[test]
    fn a_busy_host_is_asked_again_when_it_says() {
        let mut session = Session::new(1);
        let (call, _) = asked(&session.open_url("https://x.example/a"));
        let busy = || Ok(answer(429, &[("retry-after", "7")]));
        let commands = session.answered(call, busy());
        let [Command::Ask { call, after_ms: 7_000, .. }] = commands[..] else { panic!("{commands:?}") };
        let label = &session.activities()[0].label;
        assert!(label.contains("asking about a, in 7"), "{label}");
        let (call, _) = asked(&session.answered(call, busy()));
        assert!(session.answered(call, busy()).is_empty());
        assert!(session.notices[0].problem.detail.contains("too many requests"));
        assert!(session.is_idle());
    }

    #[test]
    fn pages_of_hubs_become_their_files() {
        assert_eq!(
            file_url("https://huggingface.co/a/b/blob/main/c/d.safetensors?x=1"),
            "https://huggingface.co/a/b/resolve/main/c/d.safetensors"
        );
        assert_eq!(
            file_url("https://github.com/o/r/blob/v1/x.npz#L1"),
            "https://raw.githubusercontent.com/o/r/v1/x.npz"
        );
        assert_eq!(file_url("https://x.example/blob/y?z"), "https://x.example/blob/y?z");
    }
}
