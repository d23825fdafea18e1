//! Files the user picked, as sources: loose files each for themselves, folders as a whole.

use std::collections::BTreeMap;

use js_sys::Reflect;
use wasm_bindgen::JsValue;
use web_sys::{File, FileList};

use crate::model::{SourceKind, order_by};
use crate::session::{NewFile, NewSource};

/// What was picked: the sources, and their browser files in the order of their indexes.
#[derive(Default)]
pub struct PickedFiles {
    /// Sources in the order given.
    pub sources: Vec<NewSource>,
    /// Browser files over all sources.
    pub files: Vec<File>,
}

/// Files of an input. Those with a folder path (`webkitRelativePath`) are grouped by their top folder.
pub fn from_list(list: &FileList) -> PickedFiles {
    let files = (0..list.length()).filter_map(|index| list.get(index));
    from_files(files.map(|file| (relative_path(&file), file)).collect())
}

/// One loose file.
pub fn from_named(name: &str, file: File) -> PickedFiles {
    from_files(vec![(name.to_owned(), file)])
}

/// Files with their paths; a path without `/` is a loose file.
pub(super) fn from_files(files: Vec<(String, File)>) -> PickedFiles {
    let mut picked = PickedFiles::default();
    let mut folders: BTreeMap<String, Vec<(String, File)>> = BTreeMap::new();
    for (path, file) in files {
        match path.split_once('/') {
            Some((folder, rest)) => folders.entry(folder.to_owned()).or_default().push((rest.to_owned(), file)),
            None => picked.push(&path, SourceKind::File, vec![(String::new(), file)]),
        }
    }
    for (name, mut files) in folders {
        order_by(&mut files, |a, b| crate::model::natural_cmp(&a.0, &b.0));
        picked.push(&name, SourceKind::Folder, files);
    }
    picked
}

impl PickedFiles {
    fn push(&mut self, name: &str, kind: SourceKind, files: Vec<(String, File)>) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a length in whole bytes, below 2^53"
        )]
        let new = files.iter().map(|(path, file)| NewFile { path: path.clone(), size: file.size() as u64, url: None });
        self.sources.push(NewSource { name: name.to_owned(), kind, files: new.collect() });
        self.files.extend(files.into_iter().map(|(_, file)| file));
    }
}

/// `webkitRelativePath`, which web-sys has no accessor for, else the name.
fn relative_path(file: &File) -> String {
    let path = Reflect::get(file, &JsValue::from_str("webkitRelativePath")).ok().and_then(|path| path.as_string());
    path.filter(|path| !path.is_empty()).unwrap_or_else(|| file.name())
}
