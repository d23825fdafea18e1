//! The files of a version: folder by folder, from the run, the logged model or the store that they lie with.

use std::collections::VecDeque;

use serde_json::Value;

use super::Server;
use super::listing::refused;
use crate::limits;
use crate::registry::http::{Answer, Request};
use crate::registry::json::{flag, list, number, text};
use crate::registry::talk::{Files, Item, Next, RemoteFile, Talk};
use crate::registry::tinker::escaped;

/// Folders in folders: deeper ones are not looked into.
const DEPTH: usize = 32;
/// Versions that are copies of versions that are copies.
const COPIES: u32 = 8;

/// Where files lie.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// With a run.
    Run(String),
    /// With a logged model.
    Model(String),
    /// In the server's own store, under this path.
    Store(String),
    /// With another version of a model: its name, and its version.
    Copy(String, String),
    /// Elsewhere.
    Other(String),
}

/// Lists the files of one version.
#[derive(Debug)]
pub(super) struct Opening {
    server: Server,
    name: String,
    place: Place,
    /// The version's own folder there.
    folder: String,
    waiting: VecDeque<String>,
    /// The folder that is asked about; `None` before the first.
    at: Option<String>,
    /// What the version names is a file, of which its folder tells.
    is_file: bool,
    folders: usize,
    copies: u32,
    files: Vec<RemoteFile>,
}

impl Opening {
    /// `place` is the run, or nothing, and the source, in two lines.
    pub(super) fn new(server: Server, name: String, place: &str) -> Self {
        let (run, source) = place.split_once('\n').unwrap_or(("", place));
        let (place, folder) = place_of(run, source);
        let at = Some(folder.clone());
        Self {
            server,
            name,
            place,
            folder,
            waiting: VecDeque::new(),
            at,
            is_file: false,
            folders: 1,
            copies: 0,
            files: Vec::new(),
        }
    }

    fn take_item(&mut self, item: &Value, root: &str) -> Option<()> {
        let named = text(item, "path")?;
        // The store names files in the folder that is asked about, the others from the root on.
        let at = self.at.clone().unwrap_or_default();
        let path = match &self.place {
            Place::Store(_) => joined(&at, &named),
            _ => named,
        };
        let is_plain = path.split('/').all(|part| !matches!(part, "" | "." | "..")) && !path.contains(['\\', '\0']);
        let is_wanted = !self.is_file || path == self.folder;
        if !is_plain || !is_wanted {
            return None;
        }
        let (parent, _) = self.folder.rsplit_once('/').unwrap_or_default();
        let above = if self.is_file { parent } else { &self.folder };
        let inner = path.strip_prefix(above).map_or(path.as_str(), |rest| rest.trim_start_matches('/'));
        if flag(item, "is_dir") == Some(true) {
            self.waiting.extend(Some(path.clone()).filter(|_| inner.split('/').count() < DEPTH && !self.is_file));
            return Some(());
        }
        // What is empty has no size in the answer.
        let (url, size) = (self.bytes(&path, root), number(item, "file_size").unwrap_or(0));
        self.files.push(RemoteFile { path: inner.to_owned(), size, url });
        Some(())
    }

    /// Where the bytes of a file are: straight from the server's store, where the files lie there.
    fn bytes(&self, path: &str, root: &str) -> String {
        let stored = match &self.place {
            Place::Store(store) => Some(store.clone()),
            _ => stored(root),
        };
        if let Some(store) = stored {
            let place: Vec<String> = joined(&store, path).split('/').map(escaped).collect();
            return format!("{}/api/2.0/mlflow-artifacts/artifacts/{}", self.server.base, place.join("/"));
        }
        match &self.place {
            Place::Model(model) => {
                let what = format!("ajax-api/2.0/mlflow/logged-models/{}/artifacts/files", escaped(model));
                self.server.get(&what, &[("artifact_file_path", path)]).url
            }
            Place::Run(run) => self.server.get("get-artifact", &[("run_uuid", run), ("path", path)]).url,
            _ => String::new(),
        }
    }

    /// After a page of a folder.
    fn go_on(&mut self) -> Result<Next, String> {
        if self.files.len() > limits::HUB_ITEMS || self.folders > limits::HUB_ITEMS {
            return Err(format!("there are more than {} files and folders", limits::HUB_ITEMS));
        }
        self.at = self.waiting.pop_front();
        if self.at.is_some() {
            self.folders = self.folders.saturating_add(1);
            return Ok(Next::Ask);
        }
        if !self.files.is_empty() {
            let files = std::mem::take(&mut self.files);
            return Ok(Next::Files(Files { name: self.name.clone(), files, key: self.server.key.clone() }));
        }
        if self.is_file || self.folder.is_empty() {
            return Err("MLflow lists no files there".to_owned());
        }
        self.is_file = true;
        self.at = Some(self.folder.rsplit_once('/').map_or("", |(parent, _)| parent).to_owned());
        Ok(Next::Ask)
    }
}

impl Talk for Opening {
    fn label(&self) -> String {
        format!("listing the files of {}: {}", self.name, self.files.len())
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn request(&self) -> Request {
        let at = self.at.clone().unwrap_or_default();
        match &self.place {
            Place::Run(run) => self.server.get("api/2.0/mlflow/artifacts/list", &[("run_id", run), ("path", &at)]),
            Place::Model(model) => {
                let what = format!("api/2.0/mlflow/logged-models/{}/artifacts/directories", escaped(model));
                self.server.get(&what, &[("artifact_directory_path", &at)])
            }
            Place::Store(store) => {
                self.server.get("api/2.0/mlflow-artifacts/artifacts", &[("path", &joined(store, &at))])
            }
            Place::Copy(model, version) => {
                self.server.get("api/2.0/mlflow/model-versions/get", &[("name", model), ("version", version)])
            }
            // Nobody can be asked: the version is, which tells the same once more.
            Place::Other(_) => self.server.get("api/2.0/mlflow/registered-models/search", &[("max_results", "1")]),
        }
    }

    fn answered(&mut self, answer: &Answer, _found: &mut Vec<Item>) -> Result<Next, String> {
        let value = value(answer, &self.server)?;
        match &self.place {
            Place::Other(source) => {
                let words = "its files lie elsewhere, where MLflow does not hand them out";
                return Err(format!("{words}: \"{}\"", source.chars().take(200).collect::<String>()));
            }
            Place::Copy(..) if self.copies >= COPIES => {
                return Err(format!("it is a copy of a copy, {COPIES} times over"));
            }
            Place::Copy(..) => {
                let version = value.get("model_version").ok_or("MLflow does not say where its files are")?;
                let (run, source) = (text(version, "run_id").unwrap_or_default(), text(version, "source"));
                let (place, folder) = place_of(&run, &source.unwrap_or_default());
                (self.at, self.folder, self.place) = (Some(folder.clone()), folder, place);
                self.copies = self.copies.saturating_add(1);
                return Ok(Next::Ask);
            }
            _ => {}
        }
        let root = text(&value, "root_uri").unwrap_or_default();
        for item in list(&value, "files") {
            self.take_item(item, &root);
        }
        self.go_on()
    }
}

/// What a version's source means: where its files are, and in which folder there.
fn place_of(run: &str, source: &str) -> (Place, String) {
    let source = source.trim_end_matches('/');
    if let Some((run, path)) = source.strip_prefix("runs:/").map(|rest| cut(rest.trim_start_matches('/'))) {
        return (Place::Run(run.to_owned()), path.to_owned());
    }
    if let Some((model, path)) = source.strip_prefix("models:/").map(|rest| cut(rest.trim_start_matches('/'))) {
        // `models:/NAME/1` is another version, `models:/m-1f…` a logged model.
        return match path {
            "" => (Place::Model(model.to_owned()), String::new()),
            version => (Place::Copy(model.to_owned(), version.to_owned()), String::new()),
        };
    }
    // The whole address of the store: of a run's files the run is the better place to ask for them.
    let of_run = || source.split_once(&format!("/{run}/artifacts")).filter(|_| !run.is_empty());
    match (of_run(), stored(source)) {
        (Some((_, path)), _) => (Place::Run(run.to_owned()), path.trim_start_matches('/').to_owned()),
        (None, Some(store)) => (Place::Store(store), String::new()),
        (None, None) => (Place::Other(source.to_owned()), String::new()),
    }
}

/// The path in the server's own store: `mlflow-artifacts:/0/RUN/artifacts`, with a host or without.
fn stored(uri: &str) -> Option<String> {
    let rest = uri.strip_prefix("mlflow-artifacts:/")?;
    let path = match rest.strip_prefix('/') {
        Some(host) if !host.starts_with('/') => host.split_once('/').map_or("", |(_, path)| path),
        _ => rest,
    };
    Some(path.trim_matches('/').to_owned())
}

/// The first part of a path, and the others.
fn cut(path: &str) -> (&str, &str) {
    path.split_once('/').unwrap_or((path, ""))
}

fn joined(folder: &str, name: &str) -> String {
    if folder.is_empty() || name.is_empty() { format!("{folder}{name}") } else { format!("{folder}/{name}") }
}

/// The value of a good answer.
pub(super) fn value(answer: &Answer, server: &Server) -> Result<Value, String> {
    if answer.status != 200 {
        return Err(refused(answer, server));
    }
    let value: Option<Value> = serde_json::from_slice(&answer.body).ok();
    value.filter(Value::is_object).ok_or_else(|| {
        "somebody answers at this address, but not as MLflow does: is a part of the path missing?".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_say_where_the_files_are() {
        let run = "edb82a83994b462fa429491377d2dda4";
        for (source, place, folder) in [
            (format!("runs:/{run}/adapter"), Place::Run(run.to_owned()), "adapter"),
            (format!("runs:/{run}/a/b/"), Place::Run(run.to_owned()), "a/b"),
            (format!("runs:/{run}"), Place::Run(run.to_owned()), ""),
            ("models:/m-1f".to_owned(), Place::Model("m-1f".to_owned()), ""),
            ("models:/tiny/3".to_owned(), Place::Copy("tiny".to_owned(), "3".to_owned()), ""),
            (format!("s3://bucket/x/0/{run}/artifacts/adapter"), Place::Run(run.to_owned()), "adapter"),
            (format!("mlflow-artifacts:/0/{run}/artifacts"), Place::Run(run.to_owned()), ""),
            ("mlflow-artifacts:/0/models/m-1".to_owned(), Place::Store("0/models/m-1".to_owned()), ""),
            ("mlflow-artifacts://host:80/0/m".to_owned(), Place::Store("0/m".to_owned()), ""),
            ("mlflow-artifacts:///0/m".to_owned(), Place::Store("0/m".to_owned()), ""),
            ("s3://bucket/elsewhere".to_owned(), Place::Other("s3://bucket/elsewhere".to_owned()), ""),
            ("file:///etc".to_owned(), Place::Other("file:///etc".to_owned()), ""),
        ] {
            assert_eq!(place_of(run, &source), (place, folder.to_owned()), "{source}");
        }
        assert_eq!(place_of("", "dbfs:/x//artifacts/y").0, Place::Other("dbfs:/x//artifacts/y".to_owned()));
    }
}
