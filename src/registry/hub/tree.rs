//! Pages of the list of a repository's files.

use serde_json::Value;

use crate::registry::http::Answer;
use crate::registry::json::{number, text};
use crate::registry::refusal::Refusal;
use crate::source::http::Key;

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HubFile {
    /// Where it is in the repository.
    pub path: String,
    /// Bytes of it.
    pub size: u64,
    /// `sha256:…` of a large file, `git:…` of a small one.
    pub digest: String,
}

/// Some of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Page {
    /// The items as the Hub wrote them, one a line: what a manifest is made of.
    pub lines: Vec<String>,
    /// The files among them.
    pub files: Vec<HubFile>,
}

impl Page {
    /// Reads a page; `None` when it is none. Paths that lead out of the repository are left out.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let Ok(Value::Array(items)) = serde_json::from_slice(body) else { return None };
        let mut page = Self::default();
        for item in items {
            let path = text(&item, "path")?;
            let is_plain = path.split('/').all(|part| !matches!(part, "" | "." | "..")) && !path.contains(['\\', '\0']);
            if is_plain && text(&item, "type")? == "file" {
                let sha256 = item.get("lfs").and_then(|lfs| text(lfs, "oid")).map(|oid| format!("sha256:{oid}"));
                let git = || text(&item, "oid").map(|oid| format!("git:{oid}"));
                let digest = sha256.or_else(git).unwrap_or_default();
                page.files.push(HubFile { path, size: number(&item, "size")?, digest });
            }
            page.lines.push(item.to_string());
        }
        Some(page)
    }
}

/// The commit in an answer about a revision.
pub(super) fn commit(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    text(&value, "sha").filter(|sha| sha.len() == 40 && sha.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Why the Hub said no: it tells by a header, and answers 401 for what it would not even say is there.
pub(super) fn refused(answer: &Answer, key: Option<&Key>) -> String {
    let has_key = key.is_some();
    let known = match (answer.header("x-error-code"), answer.status) {
        (Some("GatedRepo"), _) if has_key => {
            "it is gated, and its owner has not let this token's account in: ask for access on its page first"
        }
        (Some("GatedRepo"), _) => {
            "it is gated: its owner lets in those who asked. Connect on the Registry page with a token of an account that was let in"
        }
        (Some("RevisionNotFound"), _) => "the repository has no such revision",
        (Some("EntryNotFound"), _) => "the repository has no such file or folder",
        (Some("RepoNotFound"), _) | (None, 401) if has_key => {
            "there is no such repository, or it is private and this token may not read it"
        }
        (Some("RepoNotFound"), _) | (None, 401) => {
            "there is no such repository, or it is private: for a private one connect on the Registry page with a token"
        }
        (_, 429) => "too many requests: the Hub allows so many every five minutes to one address, try again then",
        _ => return Refusal::new(answer, key).to_string(),
    };
    format!("the Hub answered {}: {known}", answer.status)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An entry of the Hub's JavaScript client's tests, and others in the same shape.
    #[test]
    fn pages_are_read_and_paths_that_lead_out_are_not() {
        let sha256 = "a7a17d6d844b5de815ccab5f42cad6d24496db3850a2a43d8258221018ce87d2";
        let file = format!(
            r#"{{"type":"file","oid":"9eb98c817f04b051b3bcca591bcd4e03cec88018","size":536063208,"lfs":{{"oid":"{sha256}","size":536063208,"pointerSize":134}},"path":"tf_model.h5"}}"#
        );
        let body = format!(
            r#"[{file},{{"type":"directory","oid":"x","size":0,"path":"d"}},{{"type":"file","oid":"x","size":28,"path":"../evil"}}]"#
        );
        let page = Page::read(body.as_bytes()).unwrap();
        assert_eq!(
            page.files,
            [HubFile { path: "tf_model.h5".to_owned(), size: 536_063_208, digest: format!("sha256:{sha256}") }]
        );
        assert!(page.lines.len() == 3 && page.lines[0].contains(sha256));
        for wrong in ["{}", "[1]", "<html>", "", r#"[{"type":"file","path":"a"}]"#, r#"[{"path":"a"}]"#] {
            assert_eq!(Page::read(wrong.as_bytes()), None, "{wrong}");
        }
        assert_eq!(Page::read(b"[]"), Some(Page::default()));
    }

    #[test]
    fn a_commit_is_forty_hexadecimal_digits() {
        let sha = "dd4bc8b21efa05ec961e3efc4ee5e3832a3679c7";
        assert_eq!(commit(format!(r#"{{"_id":"1","id":"a/b","sha":"{sha}"}}"#).as_bytes()).as_deref(), Some(sha));
        for wrong in [r#"{"sha":"../../x"}"#, "{}", "no", r#"{"sha":null}"#] {
            assert_eq!(commit(wrong.as_bytes()), None, "{wrong}");
        }
    }

    #[test]
    fn refusals_say_what_the_hub_means() {
        let words = |status, code: Option<&str>, body: &str| {
            let headers = code.map(|code| ("x-error-code".to_owned(), code.to_owned()));
            let headers = headers.into_iter().collect();
            refused(&Answer { status, headers, body: body.as_bytes().to_vec() }, None)
        };
        for (status, code, part) in [
            (401, Some("GatedRepo"), "with a token"),
            (401, Some("RepoNotFound"), "private"),
            (401, None, "private"),
            (404, Some("RevisionNotFound"), "no such revision"),
            (404, Some("EntryNotFound"), "no such file or folder"),
            (429, None, "five minutes"),
        ] {
            let words = words(status, code, r#"{"error":"x"}"#);
            assert!(words.contains(part) && words.contains(&status.to_string()), "{words}");
        }
        assert!(words(500, None, r#"{"error":"Internal Error"}"#).contains("Internal Error"));
        let key =
            Key::new("hf_secretsecretsecret", "https://huggingface.co", crate::source::http::Scheme::Bearer).unwrap();
        for (status, code, part) in [(403, "GatedRepo", "ask for access"), (404, "RepoNotFound", "this token")] {
            let headers = vec![("x-error-code".to_owned(), code.to_owned())];
            let words = refused(&Answer { status, headers, body: Vec::new() }, Some(&key));
            assert!(words.contains(part), "{words}");
        }
    }
}
