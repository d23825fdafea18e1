//! Gives every script, module and style sheet a name with a hash of its content, and follows the name to whoever
//! mentions it, so that a file can be cached for ever and a stale one is never met.

use crate::build::hex;
use crate::process::Result;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A site in memory: paths with `/`, relative to its root, and contents.
pub type Site = BTreeMap<String, Vec<u8>>;

/// The one script that keeps its name, because browsers compare what they find under the same name.
pub const SERVICE_WORKER: &str = "sw.js";

/// Renames the files, innermost first, and rewrites the names in every text.
pub fn hash_names(site: Site) -> Result<Site> {
    let (mut waiting, mut rest): (Site, Site) = site.into_iter().partition(|(path, _)| is_hashed(path));
    let mut named = Site::new();
    let mut renamed = Vec::new();
    while !waiting.is_empty() {
        let names: Vec<String> = waiting.keys().cloned().collect();
        let ready: Vec<String> = names.iter().filter(|name| !mentions_any(&waiting, name, &names)).cloned().collect();
        if ready.is_empty() {
            return Err(format!("these files mention each other in a circle: {}", names.join(", ")));
        }
        for name in ready {
            let bytes = rewritten(&name, waiting.remove(&name).unwrap_or_default(), &renamed);
            let new = hashed_name(&name, &bytes);
            named.insert(new.clone(), bytes);
            renamed.push((name, new));
        }
    }
    for (path, bytes) in &mut rest {
        *bytes = rewritten(path, std::mem::take(bytes), &renamed);
    }
    named.extend(rest);
    Ok(named)
}

/// Whether a file's name is to carry a hash.
fn is_hashed(path: &str) -> bool {
    path != SERVICE_WORKER && [".js", ".wasm", ".css"].iter().any(|end| path.ends_with(end))
}

/// Whether a finished file may be cached for ever, by its name.
pub fn carries_hash(path: &str) -> bool {
    let hash = path.rsplit_once('.').and_then(|(stem, _)| stem.rsplit_once('-')).map_or("", |(_, hash)| hash);
    is_hashed(path) && hash.len() == 16 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_text(path: &str) -> bool {
    [".js", ".css", ".html", ".webmanifest"].iter().any(|end| path.ends_with(end))
}

fn hashed_name(path: &str, bytes: &[u8]) -> String {
    let (stem, end) = path.rsplit_once('.').unwrap_or((path, ""));
    format!("{stem}-{}.{end}", &hex(&Sha256::digest(bytes))[..16])
}

fn mentions_any(site: &Site, path: &str, names: &[String]) -> bool {
    let Some(text) = text_of(path, site.get(path)) else { return false };
    names.iter().any(|name| name != path && places(text, name).next().is_some())
}

fn text_of<'a>(path: &str, bytes: Option<&'a Vec<u8>>) -> Option<&'a str> {
    if is_text(path) { std::str::from_utf8(bytes?).ok() } else { None }
}

fn rewritten(path: &str, bytes: Vec<u8>, renamed: &[(String, String)]) -> Vec<u8> {
    let Some(text) = text_of(path, Some(&bytes)) else { return bytes };
    let mut text = text.to_owned();
    for (old, new) in renamed {
        let found: Vec<usize> = places(&text, old).collect();
        for place in found.into_iter().rev() {
            text.replace_range(place..place + old.len(), new);
        }
    }
    text.into_bytes()
}

/// Where `name` stands as a whole name: `app.js` is in `"./app.js"`, not in `myapp.js` or `app.js.map`.
fn places<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    let in_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-');
    let goes_on = move |rest: &str| {
        let mut after = rest.chars();
        // A full stop ends a sentence, or starts another extension.
        after.next().is_some_and(|c| in_name(c) || (c == '.' && after.next().is_some_and(in_name)))
    };
    text.match_indices(name).map(|(at, _)| at).filter(move |at| {
        let (before, after) = (&text[..*at], &text[at + name.len()..]);
        !before.ends_with(in_name) && !before.ends_with('.') && !goes_on(after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(files: &[(&str, &str)]) -> Site {
        files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn names_follow_to_whoever_mentions_them() {
        let site = site(&[
            ("index.html", "<script src=\"./boot.js\"></script><meta content='./app.js?x'>"),
            ("boot.js", "import init from \"./app.js\"; // not myapp.js, nor app.js.map"),
            ("app.js", "new URL('app_bg.wasm', import.meta.url)"),
            ("app_bg.wasm", "\0asm"),
            ("sw.js", "self"),
        ]);
        let done = hash_names(site).unwrap();
        // printf '\0asm' | sha256sum
        assert!(done.contains_key("app_bg-cd5d4935a48c0672.wasm"), "{:?}", done.keys());
        assert!(done.contains_key("sw.js"));
        let text = |start: &str| {
            let (_, bytes) = done.iter().find(|(path, _)| path.starts_with(start)).unwrap();
            String::from_utf8(bytes.clone()).unwrap()
        };
        let app = done.keys().find(|path| path.starts_with("app-")).unwrap();
        assert!(text("app-").contains("'app_bg-cd5d4935a48c0672.wasm'"));
        assert!(text("boot-").contains(&format!("\"./{app}\"; // not myapp.js, nor app.js.map")));
        assert!(text("index").contains(&format!("'./{app}?x'")));
        assert!(text("index").contains("./boot-"));
    }

    #[test]
    fn a_change_deep_down_changes_every_name_above() {
        let with = |wasm: &str| {
            hash_names(site(&[("boot.js", "'./app.js'"), ("app.js", "'app_bg.wasm'"), ("app_bg.wasm", wasm)])).unwrap()
        };
        let (one, two) = (with("1"), with("2"));
        assert!(one.keys().zip(two.keys()).all(|(a, b)| a != b));
    }

    #[test]
    fn a_circle_is_refused() {
        assert!(hash_names(site(&[("a.js", "'./b.js'"), ("b.js", "'./a.js'")])).is_err());
    }
}
