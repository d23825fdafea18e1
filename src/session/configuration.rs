//! Everything that tells how a checkpoint was trained, as one document: its configuration files, what its pickles hold
//! of arguments, and what its files say of themselves.

use super::Session;
use crate::layout::configurations;
use crate::model::{Contents, Role, Value, base_name};

/// The configuration of a checkpoint.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Configuration {
    /// A map with one entry a place: `config.json`, `best.pt › args`, `model.safetensors › metadata`.
    pub tree: Vec<(String, Value)>,
    /// Paths of the files it comes from, in the order of the tree.
    pub files: Vec<String>,
    /// Paths of files that hold configuration and could not be read as a document.
    pub unread: Vec<String>,
}

impl Session {
    /// The configuration of the selected checkpoint; `None` without one.
    pub fn configuration(&self) -> Option<Configuration> {
        let found = self.selected_checkpoint()?;
        let mut all = Configuration::default();
        for path in &found.checkpoint.config {
            let contents = found.opened.find(path).and_then(|index| found.opened.contents_at(index));
            match contents.and_then(|contents| contents.document.as_ref()) {
                Some(document) => all.add(path, "", document.clone()),
                None => all.unread.push(path.clone()),
            }
        }
        for (entry, contents) in found.files() {
            let member = found.checkpoint.files.iter().find(|member| member.path == entry.path);
            if let (Some(contents), Some(member)) = (contents, member) {
                all.add_own(&entry.path, contents, member.role);
            }
        }
        Some(all)
    }
}

impl Configuration {
    /// True when there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.tree.is_empty() && self.unread.is_empty()
    }

    /// What a file of the checkpoint says besides its tensors.
    fn add_own(&mut self, path: &str, contents: &Contents, role: Role) {
        let is_told = self.files.iter().any(|file| file == path);
        let holds_all =
            contents.format.starts_with("torch") || matches!(contents.format.as_str(), "pickle" | "msgpack" | "hdf5");
        if let Some(document) = contents.document.as_ref().filter(|_| holds_all && !is_told) {
            for (key, value) in configurations(document) {
                self.add(path, &key, value.clone());
            }
        }
        // What a torch file's container says (its byte order, its versions) is no configuration, nor what is found out
        // about the arrays of an optimizer.
        if role == Role::Model && !contents.metadata.is_empty() && !contents.format.starts_with("torch") {
            let pairs = contents.metadata.iter().map(|(key, value)| (key.clone(), Value::Text(value.clone())));
            self.add(path, "metadata", Value::Map(pairs.collect()));
        }
    }

    fn add(&mut self, path: &str, inside: &str, value: Value) {
        let name = |path: &str| if inside.is_empty() { path.to_owned() } else { format!("{path} › {inside}") };
        let short = name(base_name(path));
        let is_taken = self.tree.iter().any(|(taken, _)| *taken == short);
        self.tree.push((if is_taken { name(path) } else { short }, value));
        if !self.files.iter().any(|file| file == path) {
            self.files.push(path.to_owned());
        }
    }
}
