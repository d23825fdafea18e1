//! What an address names.

use crate::registry::http::{Request, Wants};
use crate::source::http::origin;

/// A registry; and where they are not empty, a repository of it, and a tag or digest of that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    /// Scheme and host.
    pub(super) base: String,
    pub(super) repository: String,
    /// A tag, or a digest.
    pub(super) what: String,
}

impl Reference {
    /// Reads `[https://]host[/repository[:tag | @sha256:…]]`; also with `oci://`, and addresses of the registry's own API.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim().trim_end_matches('/');
        let text = text.strip_prefix("oci://").unwrap_or(text);
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
            None => (scheme_of(text).to_owned(), text),
        };
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let base = format!("{scheme}://{host}");
        origin(&base)?;
        // A word alone is a name, not a host.
        if !host.contains(['.', ':']) && host != "localhost" {
            return None;
        }
        let path = path.strip_prefix("v2/").unwrap_or(if path == "v2" { "" } else { path });
        let path = path.strip_suffix("/tags/list").unwrap_or(path).replacen("/manifests/", "@", 1);
        let (repository, what) = match path.split_once('@') {
            Some((repository, what)) => (repository, what),
            None => path.split_once(':').unwrap_or((&path, "")),
        };
        // `name:tag@digest` is the digest's.
        let repository = repository.split(':').next().unwrap_or(repository);
        let is_name = repository.is_empty() || repository.split('/').all(is_part);
        let is_named = is_tag(what) || is_digest(what);
        let is_there = what.is_empty() || (is_named && !repository.is_empty());
        (is_name && is_there).then(|| Self { base, repository: repository.to_owned(), what: what.to_owned() })
    }

    /// A question, by what is behind `v2/`.
    pub(super) fn get(&self, path: &str) -> Request {
        Request::bare(&format!("{}/v2/{path}", self.base), None, Wants::Body)
    }

    /// A manifest of the repository.
    pub(super) fn manifest(&self, what: &str) -> Request {
        let request = self.get(&format!("{}/manifests/{what}", self.repository));
        Request { accept: Some(super::ACCEPT), ..request }
    }

    /// Where a blob is.
    pub(super) fn blob(&self, digest: &str) -> String {
        self.get(&format!("{}/blobs/{digest}", self.repository)).url
    }

    /// The next page that an answer's `Link` names.
    ///
    /// # Errors
    /// In words, when it leads to another host.
    pub(super) fn next(&self, link: Option<&str>) -> Result<Option<Request>, String> {
        let next = link.and_then(|link| link.split(", <").find(|part| part.contains("rel=\"next\"")));
        let Some((url, _)) = next.and_then(|part| part.trim().trim_start_matches('<').split_once('>')) else {
            return Ok(None);
        };
        let is_path = url.starts_with('/') && !url.starts_with("//");
        let url = if is_path { format!("{}{url}", self.base) } else { url.to_owned() };
        if origin(&url).is_none() || origin(&url) != origin(&self.base) {
            return Err("the list goes on at another host, which is not asked".to_owned());
        }
        Ok(Some(Request::bare(&url, None, Wants::Body)))
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.base)?;
        if !self.repository.is_empty() {
            write!(f, "/{}", self.repository)?;
        }
        match self.what.as_str() {
            "" => Ok(()),
            digest if is_digest(digest) => write!(f, "@{digest}"),
            tag => write!(f, ":{tag}"),
        }
    }
}

/// Registries on this machine speak plainly.
fn scheme_of(text: &str) -> &'static str {
    let host = text.split(['/', ':']).next().unwrap_or(text);
    if matches!(host, "localhost" | "127.0.0.1") { "http" } else { "https" }
}

/// A part of a repository's name, as the specification has them.
fn is_part(part: &str) -> bool {
    let is_letter = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_inner = |byte: &u8| is_letter(byte) || matches!(byte, b'.' | b'_' | b'-');
    let bytes = part.as_bytes();
    bytes.first().is_some_and(is_letter) && bytes.last().is_some_and(is_letter) && bytes.iter().all(is_inner)
}

/// A tag, as the specification has them.
pub(super) fn is_tag(text: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let is_inner = |byte: u8| is_word(byte) || matches!(byte, b'.' | b'-');
    text.len() <= 128 && text.bytes().next().is_some_and(is_word) && text.bytes().all(is_inner)
}

/// `sha256:` and 64 hexadecimal digits: the one kind that can be verified here.
pub(super) fn is_digest(text: &str) -> bool {
    let digits = text.strip_prefix("sha256:").unwrap_or_default();
    digits.len() == 64 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_registries_repositories_and_artifacts() {
        let digest = format!("sha256:{}", "0".repeat(64));
        for (text, whole) in [
            ("https://r.example", "https://r.example".to_owned()),
            ("r.example/models/tiny", "https://r.example/models/tiny".to_owned()),
            ("r.example:5000/models/tiny:v1.0", "https://r.example:5000/models/tiny:v1.0".to_owned()),
            ("127.0.0.1:5000/tiny", "http://127.0.0.1:5000/tiny".to_owned()),
            ("oci://r.example/tiny:v1", "https://r.example/tiny:v1".to_owned()),
            (&format!("r.example/tiny@{digest}"), format!("https://r.example/tiny@{digest}")),
            (&format!("r.example/tiny:v1@{digest}"), format!("https://r.example/tiny@{digest}")),
            ("http://r.example/v2/", "http://r.example".to_owned()),
            ("http://r.example/v2/a/b/tags/list", "http://r.example/a/b".to_owned()),
            (&format!("http://r.example/v2/a/b/manifests/{digest}"), format!("http://r.example/a/b@{digest}")),
            ("http://r.example/v2/a/b/manifests/v1", "http://r.example/a/b:v1".to_owned()),
        ] {
            assert_eq!(Reference::parse(text).map(|found| found.to_string()), Some(whole), "{text}");
        }
        for wrong in [
            "",
            "tiny",
            "models/tiny",
            "r.example/Big",
            "r.example/a//b",
            "r.example/a/../b",
            "r.example/a:b c",
            "r.example/a@md5:00",
            "ftp://r.example/a",
            "https://u:p@r.example/a",
            "r.example/-a",
            "r.example/:v1",
        ] {
            assert_eq!(Reference::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn lists_go_on_at_the_same_host_only() {
        let at = Reference::parse("https://r.example/a").unwrap();
        let next = |link: &str| at.next(Some(link)).map(|request| request.map(|request| request.url));
        let url = "https://r.example/v2/a/tags/list?last=x&n=2";
        assert_eq!(next("</v2/a/tags/list?last=x&n=2>; rel=\"next\""), Ok(Some(url.to_owned())));
        assert_eq!(next(&format!("<{url}>; rel=\"next\"")), Ok(Some(url.to_owned())));
        for evil in ["//evil.example/x", "https://evil.example/x", "x"] {
            assert!(next(&format!("<{evil}>; rel=\"next\"")).is_err(), "{evil}");
        }
        assert_eq!((next("</x>; rel=\"prev\""), at.next(None)), (Ok(None), Ok(None)));
    }
}
