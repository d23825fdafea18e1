//! The files of one artifact, by its manifest.

use super::door::{Door, Let};
use super::manifest::Manifest;
use super::reference::{Reference, is_digest};
use crate::digest::Sha256;
use crate::registry::http::{Answer, Request};
use crate::registry::talk::{Files, Item, Next, RemoteFile, Talk, Wanted};

/// Asks for one manifest.
#[derive(Debug)]
pub(super) struct Opening {
    at: Reference,
    door: Door,
    name: String,
    wanted: Wanted,
}

impl Opening {
    pub(super) fn new(at: Reference, door: Door, name: String, wanted: Wanted) -> Self {
        Self { at, door, name, wanted }
    }
}

impl Talk for Opening {
    fn label(&self) -> String {
        format!("asking for the manifest of {}", self.name)
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn request(&self) -> Request {
        self.door.request(self.at.manifest(&self.at.what))
    }

    fn answered(&mut self, answer: &Answer, _found: &mut Vec<Item>) -> Result<Next, String> {
        if self.door.answered(answer)? == Let::Again {
            return Ok(Next::Ask);
        }
        digest_of(answer, &self.at.what)?;
        let Manifest::Artifact(artifact) = Manifest::read(&answer.body)? else {
            return Err("it is an index of several artifacts: open one of them".to_owned());
        };
        if artifact.layers.is_empty() {
            return Err("it has no layers, so no files".to_owned());
        }
        if self.wanted == Wanted::Digests {
            let text = String::from_utf8_lossy(&answer.body).into_owned();
            return Ok(Next::Text(format!("{}.json", self.name), text));
        }
        let file = |layer: super::manifest::Layer| RemoteFile {
            url: self.at.blob(&layer.digest),
            path: layer.path,
            size: layer.size,
        };
        let files = artifact.layers.into_iter().map(file).collect();
        Ok(Next::Files(Files { name: self.name.clone(), files, key: self.door.pass().cloned() }))
    }
}

/// The digest of a manifest, which is that of its bytes.
///
/// # Errors
/// In words, when another was asked for, or the registry says another.
pub(super) fn digest_of(answer: &Answer, what: &str) -> Result<String, String> {
    let found = format!("sha256:{}", Sha256::of(&answer.body));
    let asked = Some(what).filter(|what| is_digest(what));
    let told = answer.header("docker-content-digest").filter(|told| is_digest(told));
    match asked.or(told).filter(|expected| *expected != found) {
        Some(expected) => Err(format!("the manifest is not the one it should be: expected {expected}, found {found}")),
        None => Ok(found),
    }
}

/// `sha256:9bbcbf73561f`: as much as people compare.
pub(super) fn short(digest: &str) -> String {
    digest.chars().take("sha256:".len().saturating_add(12)).collect()
}
