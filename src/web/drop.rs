//! What was dropped on the page: files, and folders walked through their entries. The list of a drop is gone after the
//! event, so entries are taken at once and walked afterwards.

use js_sys::{Array, Function, Promise};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File, FileSystemDirectoryEntry, FileSystemEntry, FileSystemFileEntry};

use super::files::{PickedFiles, from_files};

/// Entries of a drop, taken during the event.
pub struct Dropped {
    entries: Vec<FileSystemEntry>,
    loose: Vec<File>,
}

/// Takes the entries out of a drop event's data.
pub fn dropped(data: &DataTransfer) -> Dropped {
    let items = data.items();
    let items = (0..items.length()).filter_map(|index| items.get(index)).filter(|item| item.kind() == "file");
    let (mut entries, mut loose) = (Vec::new(), Vec::new());
    for item in items {
        match item.webkit_get_as_entry() {
            Ok(Some(entry)) => entries.push(entry),
            _ => loose.extend(item.get_as_file().ok().flatten()),
        }
    }
    Dropped { entries, loose }
}

impl Dropped {
    /// Walks the folders and collects every file.
    ///
    /// # Errors
    /// What the browser says of a folder or file that cannot be read.
    pub async fn collect(self) -> Result<PickedFiles, JsValue> {
        let mut files: Vec<(String, File)> = self.loose.into_iter().map(|file| (file.name(), file)).collect();
        let mut waiting: Vec<(String, FileSystemEntry)> =
            self.entries.into_iter().map(|entry| (entry.name(), entry)).collect();
        waiting.reverse();
        while let Some((path, entry)) = waiting.pop() {
            if entry.is_directory() {
                let children = read_folder(entry.unchecked_ref()).await?;
                waiting.extend(children.into_iter().rev().map(|child| (format!("{path}/{}", child.name()), child)));
            } else {
                files.push((path, file_of(entry.unchecked_ref()).await?));
            }
        }
        Ok(from_files(files))
    }
}

/// Every child of a folder: browsers hand them out in batches, an empty one ends the list.
async fn read_folder(folder: &FileSystemDirectoryEntry) -> Result<Vec<FileSystemEntry>, JsValue> {
    let reader = folder.create_reader();
    let mut children = Vec::new();
    loop {
        let batch =
            JsFuture::from(called_back(|done, failed| reader.read_entries_with_callback_and_callback(done, failed)))
                .await?;
        let batch = Array::from(&batch);
        if batch.length() == 0 {
            return Ok(children);
        }
        // Not checked: Chromium has no such name to check against.
        children.extend(batch.iter().map(JsCast::unchecked_into::<FileSystemEntry>));
    }
}

async fn file_of(entry: &FileSystemFileEntry) -> Result<File, JsValue> {
    let file = JsFuture::from(called_back(|done, failed| {
        entry.file_with_callback_and_callback(done, failed);
        Ok(())
    }));
    file.await?.dyn_into()
}

/// A promise of what a pair of callbacks is called with.
fn called_back(call: impl Fn(&Function, &Function) -> Result<(), JsValue>) -> Promise {
    Promise::new(&mut |done: Function, failed: Function| {
        if let Err(cause) = call(&done, &failed) {
            let reject = Closure::once_into_js(move || failed.call1(&JsValue::NULL, &cause).unwrap_or_default());
            reject.unchecked_into::<Function>().call0(&JsValue::NULL).unwrap_or_default();
        }
    })
}
