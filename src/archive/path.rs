//! Paths of members: made safe, and made distinct.

use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::hash::BuildHasher;

use crate::limits;
use crate::model::base_name;

/// A member's path, made safe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CleanPath {
    /// `/`-joined, never absolute, never out of the tree; empty when nothing is left.
    pub path: String,
    /// What had to be taken out, if anything.
    pub removed: Option<Removed>,
}

/// What was taken out of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Removed {
    Nul,
    Backslash,
    Drive,
    Root,
    Above,
    Length,
}

impl Removed {
    /// For people.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Nul => "a NUL character and what follows it",
            Self::Backslash => "backslashes",
            Self::Drive => "a drive letter",
            Self::Root => "a leading slash",
            Self::Above => "steps to a folder above (..)",
            Self::Length => "the end of an over-long path",
        }
    }
}

/// Makes `raw` safe to hang into a tree. `./` and doubled slashes are harmless and go without a word.
pub(super) fn clean(raw: &str) -> CleanPath {
    let mut removed = None;
    let mut text = raw;
    if let Some(end) = text.find('\0') {
        note(&mut removed, Removed::Nul);
        text = text.get(..end).unwrap_or_default();
    }
    let slashed = if text.contains('\\') {
        note(&mut removed, Removed::Backslash);
        text.replace('\\', "/")
    } else {
        text.to_owned()
    };
    let mut rest = slashed.as_str();
    if let [letter, b':', b'/', ..] = rest.as_bytes()
        && letter.is_ascii_alphabetic()
    {
        note(&mut removed, Removed::Drive);
        rest = rest.get(2..).unwrap_or_default();
    } else if rest.starts_with('/') {
        note(&mut removed, Removed::Root);
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in rest.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part != ".." {
            parts.push(part);
        } else {
            removed = Some(Removed::Above);
            parts.pop();
        }
    }
    let mut path = parts.join("/");
    if path.len() > limits::PATH {
        note(&mut removed, Removed::Length);
        let cut = (0..=limits::PATH).rev().find(|&at| path.is_char_boundary(at)).unwrap_or(0);
        path.truncate(cut);
    }
    CleanPath { path, removed }
}

/// The first thing taken out is named, unless a later one is worse.
fn note(removed: &mut Option<Removed>, what: Removed) {
    removed.get_or_insert(what);
}

/// Paths given out so far, as hashes: an archive may hold millions.
#[derive(Default)]
pub(crate) struct Distinct {
    hasher: RandomState,
    seen: HashMap<u64, u32>,
}

impl Distinct {
    /// `path` itself the first time, `name (2).ext` and so on after that; whether it had to be changed.
    pub(crate) fn take(&mut self, path: String) -> (String, bool) {
        self.take_with(path, numbered)
    }

    /// `name` itself the first time, `name (2)` and so on after that.
    pub(crate) fn take_name(&mut self, name: String) -> (String, bool) {
        self.take_with(name, |name, number| format!("{name} ({number})"))
    }

    fn take_with(&mut self, path: String, numbered: impl Fn(&str, u32) -> String) -> (String, bool) {
        let key = self.hasher.hash_one(&path);
        loop {
            let times = self.seen.entry(key).or_insert(0);
            *times = times.saturating_add(1);
            let number = *times;
            if number == 1 {
                return (path, false);
            }
            let other = numbered(&path, number);
            if let Entry::Vacant(free) = self.seen.entry(self.hasher.hash_one(&other)) {
                free.insert(1);
                return (other, true);
            }
        }
    }
}

/// `a/b.npz` becomes `a/b (2).npz`.
fn numbered(path: &str, number: u32) -> String {
    match base_name(path).rfind('.').filter(|&dot| dot > 0) {
        Some(dot) => {
            let cut = path.len().saturating_sub(base_name(path).len()).saturating_add(dot);
            let (stem, extension) = path.split_at(cut);
            format!("{stem} ({number}){extension}")
        }
        None => format!("{path} ({number})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn harmless_paths_stay() {
        for path in ["a/b.npz", "x", "79db:train:0/checkpoint_complete", "ä/ö", "..a/b.."] {
            assert_eq!(clean(path), CleanPath { path: path.to_owned(), removed: None });
        }
        assert_eq!(clean("./a//b/.").path, "a/b");
        assert_eq!(clean("./a//b/.").removed, None);
    }

    #[test]
    fn nothing_leaves_the_tree() {
        let cases = [
            ("../../etc/passwd", "etc/passwd"),
            ("/etc/passwd", "etc/passwd"),
            ("a/../../b", "b"),
            ("..\\..\\b", "b"),
            ("C:\\temp\\x", "temp/x"),
            ("a\0.npz", "a"),
            ("..", ""),
        ];
        for (raw, path) in cases {
            let clean = clean(raw);
            assert_eq!(clean.path, path, "{raw:?}");
            assert!(clean.removed.is_some(), "{raw:?}");
        }
    }

    #[test]
    fn an_over_long_path_is_cut_at_a_character() {
        let clean = clean(&"ä".repeat(5000));
        assert_eq!(clean.path.len(), 4096);
        assert!(clean.removed.is_some());
    }

    #[test]
    fn every_path_is_given_out_once() {
        let mut distinct = Distinct::default();
        let mut take = |path: &str| distinct.take(path.to_owned()).0;
        assert_eq!(take("a/m.npz"), "a/m.npz");
        assert_eq!(take("a/m (2).npz"), "a/m (2).npz");
        assert_eq!(take("a/m.npz"), "a/m (3).npz");
        assert_eq!(take("a/m.npz"), "a/m (4).npz");
        assert_eq!(take(".x"), ".x");
        assert_eq!(take(".x"), ".x (2)");
        assert_eq!(take("a/m (2).npz"), "a/m (2) (2).npz");
    }
}
