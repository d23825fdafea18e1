//! The models, page by page, and then all versions of all of them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{PAGE, Server};
use crate::limits;
use crate::registry::http::{Answer, Request};
use crate::registry::json::{list, number, text};
use crate::registry::refusal::Refusal;
use crate::registry::talk::{Item, Next, Talk};

/// Lists models and versions.
#[derive(Debug)]
pub(super) struct Listing {
    server: Server,
    /// The models are read, and these are the aliases of their versions.
    aliases: BTreeMap<(String, String), Vec<String>>,
    reads_versions: bool,
    token: String,
    count: usize,
    left_out: Vec<String>,
}

impl Listing {
    pub(super) fn new(server: Server) -> Self {
        let (aliases, token, left_out) = (BTreeMap::new(), String::new(), Vec::new());
        Self { server, aliases, reads_versions: false, token, count: 0, left_out }
    }

    fn model(&mut self, model: &Value) -> Option<Item> {
        let name = text(model, "name")?;
        for given in list(model, "aliases") {
            if let (Some(alias), Some(version)) = (text(given, "alias"), version_of(given)) {
                self.aliases.entry((name.clone(), version)).or_default().push(alias);
            }
        }
        Some(Item {
            id: name.clone(),
            group: name,
            name: String::new(),
            kind: "model",
            notes: text(model, "description").unwrap_or_default(),
            time: seconds(model, "last_updated_timestamp"),
            size: None,
            place: None,
        })
    }

    fn version(&self, found: &Value) -> Option<Item> {
        let (model, version) = (text(found, "name")?, version_of(found)?);
        let aliases = self.aliases.get(&(model.clone(), version.clone())).cloned().unwrap_or_default();
        let status = text(found, "status").filter(|status| status != "READY");
        let stage = text(found, "current_stage").filter(|stage| stage != "None");
        let notes = aliases.into_iter().map(|alias| format!("@{alias}")).chain(stage).chain(status);
        let notes: Vec<String> = notes.chain(text(found, "description")).filter(|note| !note.is_empty()).collect();
        // Older servers' sources name a bucket; the run is what the server hands files out for.
        let (source, run) = (text(found, "source").unwrap_or_default(), text(found, "run_id").unwrap_or_default());
        Some(Item {
            id: format!("{model}\n{version}"),
            group: model,
            name: version,
            kind: "version",
            notes: notes.join(" · "),
            time: seconds(found, "creation_timestamp"),
            size: None,
            place: Some(format!("{run}\n{source}")),
        })
    }
}

/// `"1"`, or `1`.
fn version_of(found: &Value) -> Option<String> {
    text(found, "version").or_else(|| Some(number(found, "version")?.to_string()))
}

fn seconds(found: &Value, name: &str) -> Option<u64> {
    number(found, name).map(|milliseconds| milliseconds / 1000)
}

impl Talk for Listing {
    fn label(&self) -> String {
        format!("listing {} of MLflow: {} so far", if self.reads_versions { "versions" } else { "models" }, self.count)
    }

    fn name(&self) -> String {
        "MLflow".to_owned()
    }

    fn request(&self) -> Request {
        let what = if self.reads_versions { "model-versions" } else { "registered-models" };
        let page = PAGE.to_string();
        self.server
            .get(&format!("api/2.0/mlflow/{what}/search"), &[("max_results", &page), ("page_token", &self.token)])
    }

    fn answered(&mut self, answer: &Answer, found: &mut Vec<Item>) -> Result<Next, String> {
        let value = super::files::value(answer, &self.server)?;
        let items = list(&value, if self.reads_versions { "model_versions" } else { "registered_models" });
        let is_new = !items.is_empty();
        for item in items {
            let read = if self.reads_versions { self.version(item) } else { self.model(item) };
            match read {
                Some(item) => found.push(item),
                None => self.left_out.push("an item of a list is of a kind that is not known here".to_owned()),
            }
        }
        self.count = self.count.saturating_add(found.len());
        let token = text(&value, "next_page_token").filter(|token| !token.is_empty() && is_new && *token != self.token);
        if token.is_some() && self.count >= limits::REGISTRY_ITEMS {
            self.left_out.push(format!("more than {} items: the rest is not listed", limits::REGISTRY_ITEMS));
            return Ok(Next::Listed);
        }
        let is_last = token.is_none();
        self.token = token.unwrap_or_default();
        if !is_last {
            return Ok(Next::Ask);
        }
        if self.reads_versions {
            return Ok(Next::Listed);
        }
        self.reads_versions = true;
        Ok(Next::Ask)
    }

    fn left_out(&mut self) -> Vec<String> {
        std::mem::take(&mut self.left_out)
    }
}

/// What an answer that is none of success means.
pub(super) fn refused(answer: &Answer, server: &Server) -> String {
    let refusal = Refusal::new(answer, server.key.as_ref());
    if answer.status == 403 && refusal.words.contains("Invalid Host header") {
        return "MLflow answered 403: it does not know itself by this address. Whoever runs it can name the host in its \
                --allowed-hosts"
            .to_owned();
    }
    refusal.to_string()
}
