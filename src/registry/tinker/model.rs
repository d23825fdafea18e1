//! Runs, checkpoints and weights as servers describe them. Members that are missing, null or unknown are common: an item
//! is left out only when it cannot even be named.

use serde_json::Value;

use super::path::{Kind, TinkerPath};
use crate::registry::json::{flag, list, number, pairs, text, texts};
use crate::registry::time;

/// A saved state of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Where it is.
    pub path: TinkerPath,
    /// When it was saved, in seconds since 1970.
    pub time: Option<u64>,
    /// Bytes of it.
    pub size_bytes: Option<u64>,
    /// Whether everyone may read it; `None` when the server does not say.
    pub is_public: Option<bool>,
    /// When the server will delete it, in seconds since 1970; `None` for never.
    pub expires: Option<u64>,
    /// What it was trained from.
    pub base_model: Option<String>,
    /// What its owner wrote down.
    pub metadata: Vec<(String, String)>,
}

/// A training run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub id: String,
    /// What it was trained from.
    pub base_model: Option<String>,
    /// Whose it is.
    pub owner: Option<String>,
    /// Whether only low-rank adapters are trained.
    pub is_lora: Option<bool>,
    /// Their rank.
    pub lora_rank: Option<u64>,
    /// Whether its state is lost.
    pub is_corrupted: bool,
    /// When it was last used, in seconds since 1970.
    pub last_request: Option<u64>,
    /// The newest checkpoints, one of each kind that the server tells.
    pub newest: Vec<Checkpoint>,
    /// What its owner wrote down.
    pub metadata: Vec<(String, String)>,
}

/// What a server knows of the weights behind a path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Weights {
    /// What they were trained from.
    pub base_model: Option<String>,
    /// Whether they are a low-rank adapter.
    pub is_lora: Option<bool>,
    /// Its rank.
    pub lora_rank: Option<u64>,
    /// Whether the output layer was trained.
    pub train_unembed: Option<bool>,
    /// Whether the feed-forward layers were trained.
    pub train_mlp: Option<bool>,
    /// Whether the attention layers were trained.
    pub train_attn: Option<bool>,
    /// The optimizer's name.
    pub optimizer: Option<String>,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// Its items.
    pub items: Vec<T>,
    /// Items that could not be read.
    pub unread: u64,
    /// Where the next page begins, if there is one.
    pub next: Option<u64>,
    /// Items on all pages, as far as the server tells.
    pub total: Option<u64>,
}

/// Where the next page begins. The cursor may be absent or null (then all is there), and past the end its total may be 0.
fn next(answer: &Value, items: usize, asked: u64) -> (Option<u64>, Option<u64>) {
    let Some(cursor) = answer.get("cursor").filter(|cursor| cursor.is_object()) else { return (None, None) };
    let total = number(cursor, "total_count");
    let offset = number(cursor, "offset").unwrap_or(asked);
    // Not `offset + limit`: a server may give fewer than it says.
    let behind = offset.saturating_add(items as u64);
    let is_more = items > 0 && behind > asked && total.is_some_and(|total| behind < total);
    (is_more.then_some(behind), total)
}

fn listed<T>(answer: &Value, name: &str, asked: u64, read: impl Fn(&Value) -> Option<T>) -> Option<Listed<T>> {
    answer.get(name).filter(|items| items.is_array() || items.is_null())?;
    let all = list(answer, name);
    let items: Vec<T> = all.iter().filter_map(read).collect();
    let (next, total) = next(answer, all.len(), asked);
    Some(Listed { unread: all.len().saturating_sub(items.len()) as u64, items, next, total })
}

/// A page of runs, which was asked for from `asked` on; `None` when it is none.
pub fn runs(answer: &Value, asked: u64) -> Option<Listed<Run>> {
    listed(answer, "training_runs", asked, Run::read)
}

/// A page of checkpoints.
pub fn checkpoints(answer: &Value, asked: u64) -> Option<Listed<Checkpoint>> {
    listed(answer, "checkpoints", asked, |item| Checkpoint::read(item, None))
}

/// The checkpoints of a run. An item without a path is of this run.
pub fn checkpoints_of(answer: &Value, run: &str) -> Option<Listed<Checkpoint>> {
    listed(answer, "checkpoints", 0, |item| Checkpoint::read(item, Some(run)))
}

impl Checkpoint {
    fn read(item: &Value, run: Option<&str>) -> Option<Self> {
        let path = text(item, "tinker_path").and_then(|path| TinkerPath::parse(&path)).or_else(|| named(item, run?))?;
        Some(Self {
            path,
            time: text(item, "time").and_then(|time| time::iso(&time)),
            size_bytes: number(item, "size_bytes"),
            is_public: flag(item, "public"),
            expires: text(item, "expires_at").and_then(|time| time::iso(&time)),
            base_model: text(item, "base_model"),
            metadata: pairs(item, "user_metadata"),
        })
    }
}

/// The path from id and type: ids come with the kind in front and without.
fn named(item: &Value, run: &str) -> Option<TinkerPath> {
    let id = text(item, "checkpoint_id")?;
    let (kind, name) = match id.split_once('/') {
        Some((kind, name)) => (Kind::parse(kind)?, name.to_owned()),
        None => (Kind::parse(&text(item, "checkpoint_type")?)?, id),
    };
    (!name.is_empty() && !name.contains('/')).then(|| TinkerPath { run: run.to_owned(), kind, name })
}

impl Run {
    /// Reads a run; `None` when it has no id.
    pub fn read(item: &Value) -> Option<Self> {
        let id = text(item, "training_run_id").filter(|id| !id.is_empty())?;
        let newest = ["last_checkpoint", "last_sampler_checkpoint"].into_iter();
        let newest = newest.filter_map(|name| Checkpoint::read(item.get(name)?, Some(&id))).collect();
        Some(Self {
            base_model: text(item, "base_model"),
            owner: text(item, "model_owner"),
            is_lora: flag(item, "is_lora"),
            lora_rank: number(item, "lora_rank"),
            is_corrupted: flag(item, "corrupted").unwrap_or(false),
            last_request: text(item, "last_request_time").and_then(|time| time::iso(&time)),
            newest,
            metadata: pairs(item, "user_metadata"),
            id,
        })
    }
}

impl Weights {
    /// Reads what is known of some weights; `None` when it says nothing about any.
    pub fn read(item: &Value) -> Option<Self> {
        let weights = Self {
            base_model: text(item, "base_model"),
            is_lora: flag(item, "is_lora"),
            lora_rank: number(item, "lora_rank"),
            train_unembed: flag(item, "train_unembed"),
            train_mlp: flag(item, "train_mlp"),
            train_attn: flag(item, "train_attn"),
            optimizer: item.get("optimizer_config").and_then(|config| text(config, "type")),
        };
        (weights != Self::default()).then_some(weights)
    }
}

/// Names of the models that a server offers; `None` when the answer is not that of a Tinker server.
pub fn models(answer: &Value) -> Option<Vec<String>> {
    answer.get("supported_models")?.as_array()?;
    Some(list(answer, "supported_models").iter().filter_map(|model| text(model, "model_name")).collect())
}

/// Whose key it is: a name, an address, an organisation, as far as they are told.
pub fn whose(answer: &Value) -> Option<String> {
    let inner = |outer: &str, name: &str| text(answer.get("details")?.get(outer)?, name);
    let parts = [text(answer, "name"), inner("user_details", "email"), inner("org_details", "name")];
    let parts: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// What was done in one go by one client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionFacts {
    /// Ids of its runs.
    pub runs: Vec<String>,
    /// Ids of its samplers.
    pub samplers: Vec<String>,
    /// What its owner wrote down.
    pub metadata: Vec<(String, String)>,
}

/// Ids of sessions; `None` when the answer is no list of them.
pub fn sessions(answer: &Value) -> Option<Vec<String>> {
    answer.get("sessions")?.as_array()?;
    Some(texts(answer, "sessions"))
}

/// One session.
pub fn session(answer: &Value) -> Option<SessionFacts> {
    answer.is_object().then(|| SessionFacts {
        runs: texts(answer, "training_run_ids"),
        samplers: texts(answer, "sampler_ids"),
        metadata: pairs(answer, "user_metadata"),
    })
}

/// What a sampler samples from: its base model, and the path of the weights on top of it.
pub fn sampler(answer: &Value) -> Option<(String, Option<TinkerPath>)> {
    let path = text(answer, "model_path").and_then(|path| TinkerPath::parse(&path));
    Some((text(answer, "base_model")?, path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_checkpoint_of_four_members_is_enough_and_unknown_ones_are_ignored() {
        let four = json!({"checkpoint_id": "final", "checkpoint_type": "sampler", "time": "2026-11-21T02:41:20.183007",
            "tinker_path": "tinker://m/sampler_weights/final"});
        let full = json!({"checkpoint_id": "external_weights/e", "checkpoint_type": "external", "time": "2026-11-21T02:41:20Z",
            "tinker_path": "tinker://m/external_weights/e", "size_bytes": 7, "public": true, "expires_at": "2026-11-22T02:41:20Z",
            "base_model": "b", "user_metadata": {"loss": "0.5"}, "something_new": [1]});
        let four = Checkpoint::read(&four, None).unwrap();
        assert_eq!(
            (four.path.id().as_str(), four.time, four.is_public, four.expires),
            ("sampler_weights/final", Some(1_795_228_880), None, None)
        );
        let full = Checkpoint::read(&full, None).unwrap();
        assert_eq!((full.path.kind, full.size_bytes, full.is_public), (Kind::External, Some(7), Some(true)));
        assert_eq!((full.expires, full.metadata.len()), (Some(1_795_315_280), 1));
    }

    #[test]
    fn the_path_decides_and_without_it_id_and_type_do() {
        let read = |item: Value| Checkpoint::read(&item, Some("m")).map(|found| found.path.to_string());
        let path = |text: &str| Some(text.to_owned());
        assert_eq!(
            read(
                json!({"checkpoint_id": "weights/a", "checkpoint_type": "sampler", "tinker_path": "tinker://m/sampler_weights/a"})
            ),
            path("tinker://m/sampler_weights/a")
        );
        assert_eq!(read(json!({"checkpoint_id": "a", "checkpoint_type": "training"})), path("tinker://m/weights/a"));
        assert_eq!(read(json!({"checkpoint_id": "sampler_weights/a"})), path("tinker://m/sampler_weights/a"));
        assert_eq!(
            read(json!({"checkpoint_id": "final", "checkpoint_type": "sampler", "tinker_path": "tinker://m/final"})),
            path("tinker://m/sampler_weights/final"),
            "SkyRL's path of two segments is not a path"
        );
        assert_eq!(read(json!({"checkpoint_id": "a", "checkpoint_type": "hologram"})), None);
        assert_eq!(read(json!("a")), None);
    }

    #[test]
    fn pages_end_however_the_server_counts() {
        let page = |cursor: Value, asked: u64| {
            let answer = json!({"checkpoints": [{"tinker_path": "tinker://m/weights/a"}, {}], "cursor": cursor});
            let page = checkpoints(&answer, asked).unwrap();
            assert_eq!((page.items.len(), page.unread), (1, 1));
            page.next
        };
        assert_eq!(page(Value::Null, 0), None);
        assert_eq!(page(json!({"offset": 0, "limit": 2, "total_count": 5}), 0), Some(2));
        assert_eq!(page(json!({"offset": 4, "limit": 2, "total_count": 5}), 4), None);
        assert_eq!(
            page(json!({"offset": 0, "limit": 2, "total_count": 5}), 4),
            None,
            "a server that gives the same page for ever"
        );
        assert_eq!(page(json!({"total_count": 0}), 0), None);
        assert_eq!(page(json!({"offset": "x", "total_count": 9}), 2), Some(4));
        let past = json!({"training_runs": [], "cursor": {"offset": 999, "limit": 2, "total_count": 7}});
        assert_eq!(runs(&past, 999).unwrap().next, None);
        assert!(runs(&json!({"detail": "x"}), 0).is_none() && runs(&json!([]), 0).is_none());
    }

    #[test]
    fn a_sampler_names_what_it_samples_from() {
        let with = json!({"sampler_id": "s", "base_model": "b", "model_path": "tinker://m/sampler_weights/a"});
        assert_eq!(sampler(&with).unwrap(), ("b".to_owned(), TinkerPath::parse("tinker://m/sampler_weights/a")));
        assert_eq!(sampler(&json!({"base_model": "b", "model_path": null})), Some(("b".to_owned(), None)));
        assert_eq!(sampler(&json!({"detail": "Sampler not found"})), None);
    }

    #[test]
    fn whose_key_it_is() {
        let me = json!({"key_id": 1, "name": "ci", "note": "", "details": {"org_details": {"name": "Org"}, "user_details": {"email": "a@x.example"}}});
        assert_eq!(whose(&me).unwrap(), "ci, a@x.example, Org");
        assert_eq!(whose(&json!({"name": null})), None);
    }
}
