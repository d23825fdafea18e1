//! What a repository holds: the commit, and then the list of its files, page by page.

use std::collections::BTreeSet;

use super::repository::Repository;
use super::tree::{HubFile, Page, commit, refused};
use crate::limits;
use crate::registry::http::{Answer, Request};
use crate::registry::talk::{Files, Item, Next, RemoteFile, Talk, Wanted};
use crate::source::http::Key;

/// What is made of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Made {
    /// Rows of a table.
    Rows,
    /// The files, or those of these paths.
    Files(Option<BTreeSet<String>>),
    /// A manifest.
    Manifest,
}

/// Lists one repository.
#[derive(Debug)]
pub struct Listing {
    repository: Repository,
    key: Option<Key>,
    made: Made,
    /// The commit, once it is known.
    commit: Option<String>,
    request: Request,
    files: Vec<HubFile>,
    lines: Vec<String>,
}

impl Listing {
    fn new(repository: Repository, key: Option<Key>, made: Made) -> Self {
        let request = repository.commit();
        Self { repository, key, made, commit: None, request, files: Vec::new(), lines: Vec::new() }
    }

    /// For a table.
    pub(super) fn rows(repository: Repository, key: Option<Key>) -> Self {
        Self::new(repository, key, Made::Rows)
    }

    /// For some files of it.
    pub(super) fn of(repository: Repository, key: Option<Key>, paths: BTreeSet<String>) -> Self {
        Self::new(repository, key, Made::Files(Some(paths)))
    }

    /// For all of them, or for their digests.
    pub fn whole(repository: Repository, key: Option<Key>, wanted: Wanted) -> Self {
        let made = match wanted {
            Wanted::Files => Made::Files(None),
            Wanted::Digests => Made::Manifest,
        };
        Self::new(repository, key, made)
    }

    fn end(&mut self, commit: &str) -> Next {
        let name = self.repository.name().to_owned();
        let files = std::mem::take(&mut self.files);
        let chosen = match &self.made {
            Made::Rows => return Next::Listed,
            Made::Manifest => {
                let short = commit.get(..7).unwrap_or(commit);
                return Next::Text(format!("{name} at {short}.json"), format!("[{}]\n", self.lines.join(",\n")));
            }
            Made::Files(chosen) => chosen.clone(),
        };
        let is_chosen = |file: &HubFile| chosen.as_ref().is_none_or(|chosen| chosen.contains(&file.path));
        let file = |file: HubFile| {
            let url = self.repository.file(commit, &file.path);
            RemoteFile { path: file.path, size: file.size, url }
        };
        let files = files.into_iter().filter(is_chosen).map(file).collect();
        Next::Files(Files { name, files, key: self.key.clone() })
    }
}

impl Talk for Listing {
    fn label(&self) -> String {
        format!("listing {} on the Hub: {} files", self.repository.name(), self.files.len())
    }

    fn name(&self) -> String {
        self.repository.name().to_owned()
    }

    fn request(&self) -> Request {
        self.request.clone().with_key(self.key.clone())
    }

    fn answered(&mut self, answer: &Answer, found: &mut Vec<Item>) -> Result<Next, String> {
        if answer.status != 200 {
            return Err(refused(answer, self.key.as_ref()));
        }
        let Some(commit) = self.commit.clone() else {
            let found =
                commit(&answer.body).ok_or("the answer names no commit: this is not a repository of the Hub")?;
            self.request = self.repository.tree(&found);
            self.commit = Some(found);
            return Ok(Next::Ask);
        };
        let page = Page::read(&answer.body).ok_or("the answer is not a list of files")?;
        let is_new = !page.lines.is_empty();
        if self.made == Made::Rows {
            found.extend(page.files.iter().map(row));
        }
        self.files.extend(page.files);
        self.lines.extend(page.lines);
        match self.repository.next(answer.header("link"))?.filter(|_| is_new) {
            Some(_) if self.lines.len() >= limits::HUB_ITEMS => {
                Err(format!("the repository has more than {} files: open a folder of it", limits::HUB_ITEMS))
            }
            Some(request) => {
                self.request = request;
                Ok(Next::Ask)
            }
            None if self.files.is_empty() => Err("there are no files".to_owned()),
            None => Ok(self.end(&commit)),
        }
    }
}

fn row(file: &HubFile) -> Item {
    let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
    Item {
        id: file.path.clone(),
        group: folder.to_owned(),
        name: name.to_owned(),
        kind: if file.digest.starts_with("sha256:") { "large file" } else { "file" },
        notes: file.digest.chars().take(20).collect(),
        time: None,
        size: Some(file.size),
        place: Some(file.path.clone()),
    }
}
