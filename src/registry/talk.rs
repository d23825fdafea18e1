//! What the registries that are only read have in common: they are asked one thing after the other, and in the end there
//! are rows of a table, or files that can be opened by ranges.

use std::fmt::Debug;

use super::http::{Answer, Request};
use crate::source::http::Key;

/// Something that is listed: a row of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Tells it apart from all others of its server.
    pub id: String,
    /// What it is a part of: a model, a repository, a folder.
    pub group: String,
    /// What it is called there.
    pub name: String,
    /// What it is, in a word or two.
    pub kind: &'static str,
    /// What else there is to say.
    pub notes: String,
    /// When it was made, in seconds since 1970.
    pub time: Option<u64>,
    /// Bytes.
    pub size: Option<u64>,
    /// Where its files are, in the service's own words; `None` for what has none.
    pub place: Option<String>,
}

/// A file that can be opened by ranges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteFile {
    /// Where it is among the others.
    pub path: String,
    /// Bytes of it.
    pub size: u64,
    /// Where its bytes are.
    pub url: String,
}

/// The files of what was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// What to call them together.
    pub name: String,
    /// Each of them.
    pub files: Vec<RemoteFile>,
    /// What is sent along with each range, to its own origin.
    pub key: Option<Key>,
}

/// What is wanted of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Its files are opened, by ranges.
    Files,
    /// The registry's own list of digests is opened, as a manifest to verify other files with.
    Digests,
}

/// What comes after an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Another request.
    Ask,
    /// Nothing: everything is listed.
    Listed,
    /// The files.
    Files(Files),
    /// A text to open: its name, and what it says.
    Text(String, String),
}

/// A conversation with a server, one request at a time.
pub trait Talk: Debug + Send + Sync {
    /// What it is about, for the job bar.
    fn label(&self) -> String;

    /// What it is about, for a problem.
    fn name(&self) -> String;

    /// The request to send now.
    fn request(&self) -> Request;

    /// Takes the answer to it. Rows that became known are added to `found`; a later one replaces an earlier one of the same
    /// id.
    ///
    /// # Errors
    /// In words, when it cannot go on.
    fn answered(&mut self, answer: &Answer, found: &mut Vec<Item>) -> Result<Next, String>;

    /// What was left out, in words.
    fn left_out(&mut self) -> Vec<String> {
        Vec::new()
    }
}

/// A server that is only read.
pub trait Shelf: Debug + Send + Sync {
    /// Its address, for people and for links: it holds no secret.
    fn base(&self) -> &str;

    /// The key, if there is one.
    fn key(&self) -> Option<&Key>;

    /// Lists everything.
    fn list(&self) -> Box<dyn Talk>;

    /// Asks for the files or the digests of some items; of everything when none is given and that makes sense.
    fn open(&self, items: &[Item], wanted: Wanted) -> Vec<Box<dyn Talk>>;
}
