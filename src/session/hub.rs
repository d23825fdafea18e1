//! Repositories of the Hugging Face Hub: listed page by page, then opened; or the list itself, to verify other files with.

use super::calls::Call;
use super::{Command, NewFile, NewSource, Session};
use crate::limits;
use crate::model::SourceKind;
use crate::protocol::{Address, Problem, ProblemKind};
use crate::registry::hub::{HubFile, Page, Repository, Wanted, commit, refused};
use crate::registry::{Answer, Failure, Request, retry_after, unreachable_words};

/// A repository that is being listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HubListing {
    repository: Repository,
    wanted: Wanted,
    /// The commit, once it is known.
    commit: Option<String>,
    files: Vec<HubFile>,
    lines: Vec<String>,
    request: Request,
    tried: u32,
}

impl HubListing {
    /// What is being done, for the job bar.
    pub(super) fn label(&self) -> String {
        format!("listing {} on the Hub: {} files", self.repository.name(), self.files.len())
    }
}

impl Session {
    /// Opens a repository, or the list of its files.
    pub(super) fn open_hub(&mut self, repository: Repository, wanted: Wanted) -> Vec<Command> {
        let request = repository.commit();
        let (files, lines) = (Vec::new(), Vec::new());
        self.ask_hub(HubListing { repository, wanted, commit: None, files, lines, request, tried: 0 }, 0)
    }

    fn ask_hub(&mut self, mut listing: HubListing, after_ms: u32) -> Vec<Command> {
        listing.tried = listing.tried.saturating_add(1);
        let request = listing.request.clone();
        vec![self.send(Call::Hub(Box::new(listing)), request, after_ms)]
    }

    pub(super) fn hub_answered(&mut self, listing: HubListing, answer: Result<Answer, Failure>) -> Vec<Command> {
        if let Some(wait) = retry_after(listing.request.method, listing.tried, &answer, self.clock) {
            return self.ask_hub(listing, wait);
        }
        let name = listing.repository.name().to_owned();
        let next = match answer {
            Ok(answer) if answer.status == 200 => self.hub_page(listing, &answer),
            Ok(answer) => Err(refused(&answer)),
            Err(failure) => Err(format!("{}.", unreachable_words(&failure))),
        };
        next.unwrap_or_else(|detail| {
            self.notify(Some(name), Problem { kind: ProblemKind::Remote, detail });
            self.finished = self.finished.saturating_add(1);
            Vec::new()
        })
    }

    fn hub_page(&mut self, mut listing: HubListing, answer: &Answer) -> Result<Vec<Command>, String> {
        let Some(found) = listing.commit.clone() else {
            let found =
                commit(&answer.body).ok_or("the answer names no commit: this is not a repository of the Hub")?;
            (listing.request, listing.tried) = (listing.repository.tree(&found), 0);
            listing.commit = Some(found);
            return Ok(self.ask_hub(listing, 0));
        };
        let page = Page::read(&answer.body).ok_or("the answer is not a list of files")?;
        let is_new = !page.lines.is_empty();
        listing.files.extend(page.files);
        listing.lines.extend(page.lines);
        match listing.repository.next(answer.header("link"))?.filter(|_| is_new) {
            Some(_) if listing.lines.len() >= limits::HUB_ITEMS => {
                Err(format!("the repository has more than {} files: open a folder of it", limits::HUB_ITEMS))
            }
            Some(request) => {
                (listing.request, listing.tried) = (request, 0);
                Ok(self.ask_hub(listing, 0))
            }
            None if listing.files.is_empty() => Err("there are no files".to_owned()),
            None => Ok(self.hub_listed(listing, &found)),
        }
    }

    fn hub_listed(&mut self, listing: HubListing, commit: &str) -> Vec<Command> {
        let HubListing { repository, wanted, files, lines, .. } = listing;
        match wanted {
            Wanted::Listing => {
                let text = format!("[{}]\n", lines.join(",\n"));
                let short = commit.get(..7).unwrap_or(commit);
                vec![Command::OpenText { name: format!("{} at {short}.json", repository.name()), text }]
            }
            Wanted::Files => {
                let file = |file: HubFile| {
                    let url = repository.file(commit, &file.path);
                    NewFile { path: file.path, size: file.size, url: Some(Address { url, etag: None }) }
                };
                let files = files.into_iter().map(file).collect();
                self.open(vec![NewSource { name: repository.name().to_owned(), kind: SourceKind::Url, files }]).1
            }
        }
    }
}
