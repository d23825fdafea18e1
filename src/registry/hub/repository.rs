//! Which repository an address is about, and the requests that can be made about it.

use crate::registry::http::{Request, Wants};
use crate::registry::talk::Wanted;
use crate::registry::tinker::escaped;
use crate::source::http::origin;

/// First parts of paths on the Hub that are no owners.
const NO_OWNERS: [&str; 14] = [
    "api",
    "blog",
    "chat",
    "collections",
    "docs",
    "enterprise",
    "join",
    "learn",
    "login",
    "models",
    "organizations",
    "papers",
    "posts",
    "settings",
];

/// A repository at one revision. All parts are as addresses write them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    base: String,
    /// `models`, `datasets`, `spaces`.
    kind: &'static str,
    id: String,
    revision: String,
    folder: String,
}

impl Repository {
    /// Reads the address of a repository's page on the Hub, with a revision and a folder or without. On every host, so on
    /// mirrors too, that of its API: `/api/models/ID` is for its files, `/api/models/ID/tree/REVISION` for the list.
    pub fn parse(url: &str) -> Option<(Self, Wanted)> {
        origin(url)?;
        let url = url.split(['?', '#']).next().unwrap_or(url).trim_end_matches('/');
        let at = url.find("://")?.checked_add(3)?;
        let (host, path) = url.get(at..)?.split_once('/')?;
        let host_end = at.checked_add(host.len())?;
        let is_hub = matches!(host, "huggingface.co" | "hf.co" | "www.huggingface.co");
        let base = if is_hub { "https://huggingface.co" } else { url.get(..host_end)? };
        let parts: Vec<&str> = path.split('/').collect();
        if parts.iter().any(|part| part.is_empty() || *part == "." || *part == "..") {
            return None;
        }
        let of = |kind, id: &[&str], revision: &str, folder: &[&str]| Self {
            base: base.to_owned(),
            kind,
            id: id.join("/"),
            revision: revision.to_owned(),
            folder: folder.join("/"),
        };
        match parts.as_slice() {
            ["api", kind, rest @ ..] => match (kind_of(kind)?, rest) {
                (kind, [owner, name]) => Some((of(kind, &[owner, name], "main", &[]), Wanted::Files)),
                (kind, [owner, name, "revision", revision]) => {
                    Some((of(kind, &[owner, name], revision, &[]), Wanted::Files))
                }
                (kind, [owner, name, "tree", revision, folder @ ..]) => {
                    Some((of(kind, &[owner, name], revision, folder), Wanted::Digests))
                }
                // Of the first years, without an owner.
                (kind, [name, "tree", revision, folder @ ..]) => {
                    Some((of(kind, &[name], revision, folder), Wanted::Digests))
                }
                _ => None,
            },
            _ if !is_hub => None,
            [kind, rest @ ..] if kind_of(kind).is_some_and(|kind| kind != "models") => {
                page(rest).map(|(id, revision, folder)| {
                    (of(kind_of(kind).unwrap_or("models"), id, revision, folder), Wanted::Files)
                })
            }
            [first, ..] if NO_OWNERS.contains(first) => None,
            rest => page(rest).map(|(id, revision, folder)| (of("models", id, revision, folder), Wanted::Files)),
        }
    }

    /// The address of its API, for people and for links.
    pub fn address(&self) -> String {
        let folder = if self.folder.is_empty() { String::new() } else { format!("/{}", self.folder) };
        format!("{}/api/{}/{}/tree/{}{folder}", self.base, self.kind, self.id, self.revision)
    }

    /// A name for people: the repository's own.
    pub fn name(&self) -> &str {
        self.id.rsplit('/').next().unwrap_or(&self.id)
    }

    fn get(&self, path: &str) -> Request {
        // Without a key it may be led on: a repository that was renamed is.
        Request::bare(&format!("{}/api/{}/{}/{path}", self.base, self.kind, self.id), None, Wants::Body)
    }

    /// Which commit the revision is.
    pub fn commit(&self) -> Request {
        self.get(&format!("revision/{}?expand=sha", self.revision))
    }

    /// The first page of the list of all files. Of a commit, so that no page is of another state.
    pub fn tree(&self, commit: &str) -> Request {
        let folder = if self.folder.is_empty() { String::new() } else { format!("/{}", self.folder) };
        self.get(&format!("tree/{commit}{folder}?recursive=true&expand=false"))
    }

    /// The page after one, as its `Link` says; `None` at the end.
    ///
    /// # Errors
    /// When it leads to another host.
    pub fn next(&self, link: Option<&str>) -> Result<Option<Request>, String> {
        let Some(url) = link.and_then(next_of) else { return Ok(None) };
        if origin(url) != origin(&self.base) {
            return Err("the list goes on at another host: it is not followed there".to_owned());
        }
        Ok(Some(Request::bare(url, None, Wants::Body)))
    }

    /// Where a file's bytes are.
    pub fn file(&self, commit: &str, path: &str) -> String {
        let path = path.split('/').map(escaped).collect::<Vec<_>>().join("/");
        let kind = if self.kind == "models" { String::new() } else { format!("{}/", self.kind) };
        format!("{}/{kind}{}/resolve/{commit}/{path}", self.base, self.id)
    }
}

fn kind_of(text: &str) -> Option<&'static str> {
    ["models", "datasets", "spaces"].into_iter().find(|kind| *kind == text)
}

type Parts<'a> = (&'a [&'a str], &'a str, &'a [&'a str]);

/// `OWNER/NAME`, with `/tree/REVISION/FOLDER` behind it or not; pages of single files are for others.
fn page<'a>(parts: &'a [&'a str]) -> Option<Parts<'a>> {
    match parts {
        [_, _] => Some((parts, "main", &[])),
        [_, _, "tree", revision, folder @ ..] => Some((parts.get(..2)?, revision, folder)),
        [_, "tree", revision, folder @ ..] => Some((parts.get(..1)?, revision, folder)),
        _ => None,
    }
}

/// `<https://…>; rel="next"`, among others.
fn next_of(link: &str) -> Option<&str> {
    let is_next = |part: &&str| part.contains("rel=\"next\"") || part.contains("rel=next");
    // A comma may be in an address, but not followed by `<`.
    let part = link.split(", <").find(is_next)?;
    part.trim_start().trim_start_matches('<').split_once('>').map(|(url, _)| url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_and_api_addresses_name_repositories() {
        let tree = |url: &str| Repository::parse(url).map(|(found, wanted)| (found.tree(&found.revision).url, wanted));
        let hub = "https://huggingface.co/api";
        let end = "?recursive=true&expand=false";
        for (url, api, wanted) in [
            (
                "https://huggingface.co/google-bert/bert-base-uncased",
                "models/google-bert/bert-base-uncased/tree/main",
                Wanted::Files,
            ),
            ("https://hf.co/a/b/", "models/a/b/tree/main", Wanted::Files),
            (
                "https://huggingface.co/a/b/tree/refs%2Fpr%2F1/c/d?x#y",
                "models/a/b/tree/refs%2Fpr%2F1/c/d",
                Wanted::Files,
            ),
            ("https://huggingface.co/datasets/a/b/tree/v1", "datasets/a/b/tree/v1", Wanted::Files),
            ("https://huggingface.co/spaces/a/b", "spaces/a/b/tree/main", Wanted::Files),
            ("https://huggingface.co/gpt2/tree/main", "models/gpt2/tree/main", Wanted::Files),
            ("https://huggingface.co/api/models/a/b", "models/a/b/tree/main", Wanted::Files),
            ("https://huggingface.co/api/models/a/b/revision/v2", "models/a/b/tree/v2", Wanted::Files),
            (
                "https://huggingface.co/api/datasets/a/b/tree/main?recursive=1",
                "datasets/a/b/tree/main",
                Wanted::Digests,
            ),
        ] {
            assert_eq!(tree(url), Some((format!("{hub}/{api}{end}"), wanted)), "{url}");
        }
        let mirror = tree("http://127.0.0.1:8000/api/models/a/b/tree/main").unwrap().0;
        assert_eq!(mirror, format!("http://127.0.0.1:8000/api/models/a/b/tree/main{end}"));
        for other in [
            "https://huggingface.co",
            "https://huggingface.co/a",
            "https://huggingface.co/docs/hub",
            "https://huggingface.co/datasets/a",
            "https://huggingface.co/a/b/blob/main/c.json",
            "https://huggingface.co/a/b/resolve/main/c.json",
            "https://huggingface.co/a/b/discussions",
            "https://huggingface.co/a/..",
            "https://x.example/a/b",
            "https://x.example/api/users/a/b",
            "https://huggingface.co.evil/a/b",
            "a/b",
        ] {
            assert_eq!(Repository::parse(other), None, "{other}");
        }
    }

    #[test]
    fn files_lie_where_the_hub_resolves_them() {
        let file = |url: &str, path: &str| Repository::parse(url).unwrap().0.file("c0ffee", path);
        assert_eq!(
            file("https://huggingface.co/a/b", "d/model 1#.safetensors"),
            "https://huggingface.co/a/b/resolve/c0ffee/d/model%201%23.safetensors"
        );
        assert_eq!(
            file("https://huggingface.co/datasets/a/b", "x"),
            "https://huggingface.co/datasets/a/b/resolve/c0ffee/x"
        );
    }

    #[test]
    fn the_next_page_is_asked_for_on_the_same_host_only() {
        let repository = Repository::parse("https://huggingface.co/a/b").unwrap().0;
        let next = |link: &str| repository.next(Some(link)).map(|request| request.map(|request| request.url));
        let url = "https://huggingface.co/api/models/a/b/tree/main?cursor=Z,m&limit=1000";
        assert_eq!(next(&format!("<{url}>; rel=\"next\"")), Ok(Some(url.to_owned())));
        assert_eq!(
            next(&format!("<https://x.example/>; rel=\"first\", <{url}>; rel=\"next\"")),
            Ok(Some(url.to_owned()))
        );
        assert_eq!((next(""), next("<x>; rel=\"prev\""), repository.next(None).unwrap()), (Ok(None), Ok(None), None));
        assert!(next("<https://evil.example/x>; rel=\"next\"").unwrap_err().contains("another host"));
        assert!(next("</relative>; rel=\"next\"").is_err());
    }
}
