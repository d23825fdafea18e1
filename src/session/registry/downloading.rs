//! Getting checkpoints: files by their addresses, opened by ranges; or an archive, loaded and opened, or saved.

use super::{About, Outcome};
use crate::model::SourceKind;
use crate::registry::tinker::{Download, Feature, Next, REDIRECTED, Server, TinkerPath, is_encrypted};
use crate::registry::{Answer, Failure, Refusal, Request, Wants, unreachable_words};
use crate::session::{Command, Session, Then};
use crate::source::http::Stream;

impl Session {
    /// Opens a checkpoint, saves it, or (with `None`) only asks whether it can be had.
    pub fn get_registered(&mut self, path: &TinkerPath, then: Option<Then>) -> Vec<Command> {
        let Some(server) = self.registry.server.clone() else { return Vec::new() };
        let download = Download::new(path.clone());
        let request = download.request(&server);
        vec![self.question(About::Download(download, then), request)]
    }

    pub(super) fn download_answered(
        &mut self,
        server: &Server,
        mut download: Download,
        then: Option<Then>,
        answer: Result<Answer, Failure>,
    ) -> Vec<Command> {
        let path = download.path.clone();
        let feature = if download.is_files() { Feature::FileUrls } else { Feature::Archive };
        let next = match &answer {
            Ok(answer) => download.answered(server, answer, self.clock),
            Err(failure) => Next::No(unreachable_words(failure).to_owned(), false),
        };
        match (next, then) {
            (Next::Ask(request, wait), _) => {
                let question =
                    super::Question { about: About::Download(download, then), request: request.clone(), tried: 1 };
                vec![self.send(super::Call::Registry(Box::new(question)), request, wait)]
            }
            (Next::No(why, _), _) => {
                if let Ok(answer) = &answer {
                    let refusal = Refusal::new(answer, server.key());
                    self.registry.features.refused(feature, &refusal);
                }
                self.download_ended(path, why, false);
                Vec::new()
            }
            (Next::Files(files), None) => {
                self.download_ended(path, format!("it can be had: {} files", files.len()), true);
                Vec::new()
            }
            (Next::Archive(_), None) => {
                self.download_ended(path, "it can be had, as an archive".to_owned(), true);
                Vec::new()
            }
            (Next::Files(files), Some(then)) => self.get_files(&path, files, then),
            (Next::Archive(request), Some(then)) => {
                self.get_archive(&path, request, then, answer.is_ok_and(|answer| answer.is_redirect()))
            }
        }
    }

    fn download_ended(&mut self, path: TinkerPath, words: String, is_good: bool) {
        self.registry.outcomes.push(Outcome { path, words, is_good });
        self.finished = self.finished.saturating_add(1);
        self.registry_changed();
    }

    /// Encrypted files are named and left alone.
    fn get_files(&mut self, path: &TinkerPath, files: Vec<(String, String)>, then: Then) -> Vec<Command> {
        self.registry.features.is_there(Feature::FileUrls);
        let (sealed, open): (Vec<_>, Vec<_>) = files.into_iter().partition(|(name, _)| is_encrypted(name));
        for (name, _) in &sealed {
            let words = format!("{name} is encrypted for its owner (age): it cannot be looked into");
            self.registry.outcomes.push(Outcome { path: path.clone(), words, is_good: false });
        }
        if open.is_empty() {
            return Vec::new();
        }
        match then {
            Then::Open => self.open_addresses(source_name(path), SourceKind::Registry, open),
            Then::Save => {
                let load = |(name, url): (String, String)| {
                    let name = name.rsplit('/').next().unwrap_or(&name).to_owned();
                    let request = Request::bare(&url, None, Wants::Body);
                    self.load(name, request, Stream::whole(None), (then, SourceKind::Registry, None))
                };
                open.into_iter().flat_map(load).collect()
            }
        }
    }

    fn get_archive(&mut self, path: &TinkerPath, request: Request, then: Then, was_redirect: bool) -> Vec<Command> {
        self.registry.features.is_there(Feature::Archive);
        let is_own = request.key.is_some() || self.registry_base().is_some_and(|base| request.url.starts_with(base));
        let explain = if was_redirect && is_own { Some(REDIRECTED) } else { None };
        self.load(
            format!("{}.tar", source_name(path)),
            request,
            Stream::whole(None),
            (then, SourceKind::Registry, explain),
        )
    }
}

/// A name that tells run and checkpoint apart from others.
fn source_name(path: &TinkerPath) -> String {
    let plain = |text: &str| text.replace([':', '/', '\\'], "-");
    format!("{} {} {}", plain(&path.run), path.kind.name(), plain(&path.name))
}
