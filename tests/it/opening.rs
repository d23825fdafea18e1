//! Opens fixtures the way the worker does, natively.

use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use weighbridge::model::{Opened, OpenedSource, SourceId, SourceKind};
use weighbridge::source::{NativeFile, ReadAt};
use weighbridge::task::{Inspect, Outcome, Part, SourceFiles, run_to_end};

/// A path below `tests/fixtures`.
pub(crate) fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path)
}

/// One pick of these files and folders, each a source, as if dropped together.
pub(crate) fn open(dropped: &[&Path]) -> Opened {
    open_but(dropped, |_| true)
}

/// The same, without the files whose path `keep` does not want.
pub(crate) fn open_but(dropped: &[&Path], keep: impl Fn(&str) -> bool) -> Opened {
    let (mut opened, mut sources) = (Vec::new(), Vec::new());
    for (number, path) in dropped.iter().enumerate() {
        let id = SourceId(u32::try_from(number).unwrap());
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let mut files = Vec::new();
        list(path, &name, &mut files);
        files.retain(|(path, _)| keep(path));
        let size_bytes = files.iter().map(|(_, file)| file.len()).sum();
        let kind = if path.is_dir() { SourceKind::Folder } else { SourceKind::File };
        opened.push(OpenedSource { id, name, kind, size_bytes, bytes_read: 0 });
        sources.push(SourceFiles { id, files });
    }
    inspect(opened, sources)
}

/// What the worker finds in `sources`, put together as the page does.
pub(crate) fn inspect(opened: Vec<OpenedSource>, sources: Vec<SourceFiles>) -> Opened {
    let mut opened = Opened { sources: opened, ..Opened::default() };
    let (parts, outcome) = run_to_end(&mut Inspect::new(sources, |bytes| bytes)).unwrap();
    for part in parts {
        match part {
            Part::Entries(entries) => opened.entries.extend(entries),
            Part::Contents(contents) => {
                opened.contents.resize(opened.entries.len(), None);
                for (index, contents) in contents {
                    opened.contents[index] = Some(contents);
                }
            }
            Part::Digest(..)
            | Part::CrcMismatch(..)
            | Part::Members(..)
            | Part::Statistics(_)
            | Part::Differences(_) => {
                unreachable!("nothing was to be hashed or counted")
            }
        }
    }
    let Outcome::Inspect { runs, findings, bytes_read } = outcome else { unreachable!("an inspection") };
    for (id, read) in bytes_read {
        opened.sources.iter_mut().filter(|source| source.id == id).for_each(|source| source.bytes_read = read);
    }
    Opened { runs, findings, ..opened }
}

/// One folder of files in memory.
pub(crate) fn inspect_folder(name: &str, files: Vec<(String, Rc<dyn ReadAt>)>) -> Opened {
    let size_bytes = files.iter().map(|(_, bytes)| bytes.len()).sum();
    let (id, kind) = (SourceId(1), SourceKind::Folder);
    let source = OpenedSource { id, name: name.to_owned(), kind, size_bytes, bytes_read: 0 };
    inspect(vec![source], vec![SourceFiles { id, files }])
}

/// Files below `path`, which the tree calls `name`, in no order that could be relied on.
fn list(path: &Path, name: &str, files: &mut Vec<(String, Rc<dyn ReadAt>)>) {
    if !path.is_dir() {
        files.push((name.to_owned(), Rc::new(NativeFile::open(path).unwrap())));
        return;
    }
    for entry in fs::read_dir(path).unwrap() {
        let entry = entry.unwrap();
        list(&entry.path(), &format!("{name}/{}", entry.file_name().to_string_lossy()), files);
    }
}
