//! A manifest of what was hashed: every dropped file whose SHA-256 was computed, in the forms that tools read. Members of
//! archives are not files to them and are left out; a file that lies beside and was not hashed is named as such, so that
//! the manifest does not pass for one of everything.

use std::collections::{BTreeMap, BTreeSet};

use crate::digest::{Sha256, from_hexadecimal};
use crate::model::{Opened, order_by};

/// A form that a manifest is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Lines for `sha256sum -c` (GNU coreutils 9.1).
    Sha256Sums,
    /// `{"files": {"path": {"sha256": …, "bytes": …}}}`.
    Json,
    /// The in-toto statement that `model-signing` 1.1 signs (`https://model_signing/signature/v1.0`), without a signature.
    Statement,
}

impl Form {
    /// What the file is usually called.
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Sha256Sums => "SHA256SUMS",
            Self::Json => "checksums.json",
            Self::Statement => "model.statement.json",
        }
    }
}

/// A digest and a length, by path.
type Files<'a> = BTreeMap<&'a str, (&'a str, u64)>;

/// Files named for not having been hashed.
const MOST: usize = 10_000;

/// The manifest of `digests`: the SHA-256 of whole entries, each by its pick among `opened` and its index there. Paths start
/// from the one folder that was dropped, so that the manifest belongs into it; from above all of them where there were
/// several. `None` when no file was hashed.
pub fn write(opened: &[&Opened], digests: &[((usize, usize), &str)], form: Form) -> Option<String> {
    let files = digests.iter().filter_map(|&((pick, entry), digest)| {
        let entry = opened.get(pick)?.entries.get(entry)?;
        entry.locator.layers.is_empty().then_some((entry.path.as_str(), (digest, entry.size)))
    });
    let files: Files<'_> = files.collect();
    let tops: BTreeSet<&str> = files.keys().map(|path| path.split('/').next().unwrap_or_default()).collect();
    let is_folder = files.keys().all(|path| path.contains('/'));
    let top = tops.first().copied().filter(|_| tops.len() == 1 && is_folder);
    let start = top.map_or(0, |top| top.len().saturating_add(1));
    let beside = beside(opened, &files, top);
    let files: Files<'_> = files.into_iter().map(|(path, file)| (path.get(start..).unwrap_or(path), file)).collect();
    let beside: Vec<&str> = beside.into_iter().map(|path| path.get(start..).unwrap_or(path)).take(MOST).collect();
    (!files.is_empty()).then(|| match form {
        Form::Sha256Sums => {
            let lines = files.iter().map(|(path, (digest, _))| line(path, digest));
            lines.chain(beside.iter().map(|path| format!("# not hashed: {}\n", escaped(path)))).collect()
        }
        Form::Json => json(&files, &beside),
        Form::Statement => statement(top.unwrap_or("model"), &files, &beside),
    })
}

/// Dropped files that were not hashed, in the folder that the manifest is about, or anywhere when it is about more.
fn beside<'a>(opened: &[&'a Opened], files: &Files<'a>, top: Option<&str>) -> BTreeSet<&'a str> {
    let entries = opened.iter().flat_map(|opened| &opened.entries);
    let paths = entries.filter(|entry| entry.locator.layers.is_empty()).map(|entry| entry.path.as_str());
    let is_inside = |path: &&str| top.is_none_or(|top| path.split('/').next() == Some(top));
    paths.filter(|path| !files.contains_key(path)).filter(is_inside).collect()
}

fn escaped(path: &str) -> String {
    path.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r")
}

fn names(paths: &[&str]) -> String {
    paths.iter().map(|path| quoted(path)).collect::<Vec<_>>().join(", ")
}

/// As `sha256sum` writes it: a backslash in front of a name with one, or with a line end.
fn line(path: &str, digest: &str) -> String {
    let escaped = escaped(path);
    let mark = if escaped == path { "" } else { "\\" };
    format!("{mark}{digest}  {escaped}\n")
}

fn json(files: &Files<'_>, beside: &[&str]) -> String {
    let rows = files.iter().map(|(path, (digest, bytes))| {
        format!("    {}: {{\"sha256\": \"{digest}\", \"bytes\": {bytes}}}", quoted(path))
    });
    let rows = rows.collect::<Vec<_>>().join(",\n");
    format!("{{\n  \"files\": {{\n{rows}\n  }},\n  \"not_hashed\": [{}]\n}}\n", names(beside))
}

fn statement(name: &str, files: &Files<'_>, beside: &[&str]) -> String {
    let mut all = Vec::new();
    // Its writer sorts paths part by part (`sub/x` before `sub.txt`), and the digest of the subject goes by that.
    let mut sorted: Vec<_> = files.iter().collect();
    order_by(&mut sorted, |(a, _), (b, _)| a.split('/').cmp(b.split('/')));
    let rows = sorted.iter().map(|(path, (digest, _))| {
        all.extend(from_hexadecimal(digest).unwrap_or_default());
        format!("      {{\"name\": {}, \"algorithm\": \"sha256\", \"digest\": \"{digest}\"}}", quoted(path))
    });
    let rows = rows.collect::<Vec<_>>().join(",\n");
    let root = Sha256::of(&all);
    format!(
        "{{\n  \"_type\": \"https://in-toto.io/Statement/v1\",\n  \"subject\": [{{\"name\": {}, \"digest\": {{\"sha256\": \
         \"{root}\"}}}}],\n  \"predicateType\": \"https://model_signing/signature/v1.0\",\n  \"predicate\": {{\n    \
         \"serialization\": {{\"method\": \"files\", \"hash_type\": \"sha256\", \"allow_symlinks\": false, \
         \"ignore_paths\": [{}]}},\n    \"resources\": [\n{rows}\n    ]\n  }}\n}}\n",
        quoted(name),
        names(beside)
    )
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::parse;
    use crate::model::{Entry, EntryKind, Layer, Locator, SourceId};

    const X: &str = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";

    fn opened(paths: &[&str]) -> Opened {
        let entry = |path: &&str| Entry {
            source: SourceId(1),
            path: (*path).to_owned(),
            size: 1,
            kind: EntryKind::File,
            locator: Locator::root(0),
            crc32: None,
        };
        Opened { entries: paths.iter().map(entry).collect(), ..Opened::default() }
    }

    fn paths(opened: &Opened, form: Form) -> Vec<String> {
        let digests: Vec<_> = (0..opened.entries.len()).map(|entry| ((0, entry), X)).collect();
        let text = write(&[opened], &digests, form).unwrap();
        let (manifest, _) = parse(form.file_name(), text.as_bytes()).unwrap();
        manifest.lines.into_iter().map(|line| line.path).collect()
    }

    /// `sorted(map(pathlib.PurePosixPath, …))` in Python 3.11, as `model_signing.manifest` sorts.
    #[test]
    fn a_statement_sorts_paths_part_by_part() {
        let opened = opened(&["m/sub.txt", "m/sub/x", "m/sub-a/b", "m/a"]);
        assert_eq!(paths(&opened, Form::Statement), ["a", "sub/x", "sub-a/b", "sub.txt"]);
    }

    #[test]
    fn paths_start_from_the_one_folder_that_was_dropped() {
        assert_eq!(paths(&opened(&["m/a", "m/s/b"]), Form::Sha256Sums), ["a", "s/b"]);
        assert_eq!(paths(&opened(&["m/a", "n/b"]), Form::Sha256Sums), ["m/a", "n/b"]);
        assert_eq!(paths(&opened(&["a", "m/b"]), Form::Json), ["a", "m/b"]);
    }

    #[test]
    fn files_beside_that_were_not_hashed_are_named() {
        let opened = opened(&["m/a", "m/s/b", "n/c"]);
        let text = |form| write(&[&opened], &[((0, 0), X)], form).unwrap();
        assert_eq!(text(Form::Sha256Sums), format!("{X}  a\n# not hashed: s/b\n"));
        assert!(text(Form::Json).contains("\"not_hashed\": [\"s/b\"]"));
        assert!(text(Form::Statement).contains("\"ignore_paths\": [\"s/b\"]"));
        assert_eq!(paths(&opened, Form::Json), ["m/a", "m/s/b", "n/c"]);
    }

    #[test]
    fn members_of_archives_and_what_was_not_hashed_are_left_out() {
        let mut opened = opened(&["a.zip", "a.zip/b", "c"]);
        opened.entries[1].locator = Locator::root(0).then(&[Layer::Window { offset: 0, len: 1 }]);
        assert_eq!(paths(&opened, Form::Sha256Sums), ["a.zip", "c"]);
        assert_eq!(write(&[&opened], &[], Form::Json), None);
        assert_eq!(write(&[&opened], &[((0, 1), X)], Form::Json), None);
    }
}
