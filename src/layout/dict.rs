//! What a dict that was pickled, mostly by `torch.save`, says at its top: numbers, metrics, and what it holds for whom.
//! Writers agree on little but the words.

use crate::limits;
use crate::model::{CLASS, Value};

/// Keys of an optimizer step, in order of trust.
const STEPS: &[&str] = &["global_step", "step", "global_steps", "iteration", "iter", "num_updates"];
/// Keys that hold a dict of metrics, in order of trust.
const METRICS: &[&str] = &["metrics", "val_metrics", "eval_metrics"];
/// Keys of one metric, in order of trust. `best_metric` is the best so far and not that of this file.
const ONE_METRIC: &[&str] = &["val_metric", "metric", "val_loss", "eval_loss", "loss", "best_metric"];

/// Keys that hold the weights.
const MODEL: &[&str] =
    &["model", "model_state_dict", "model_state", "state_dict", "module", "net", "network", "weights", "params"];
/// Keys that hold the optimizer.
const OPTIMIZER: &[&str] = &["optimizer", "optimizer_state_dict", "optimizer_state", "optimizer_states", "optim"];
/// Keys that hold the learning-rate scheduler.
const SCHEDULER: &[&str] = &[
    "scheduler",
    "scheduler_state_dict",
    "scheduler_state",
    "lr_scheduler",
    "lr_scheduler_state_dict",
    "lr_schedulers",
    "param_schedulers",
];
/// Keys that hold random generators.
const RNG: &[&str] =
    &["rng", "_rng", "rng_state", "rng_states", "rng_cpu", "rng_cuda_all", "random_state", "random_states"];
/// Keys that hold the configuration.
const CONFIG: &[&str] =
    &["config", "cfg", "args", "args_dict", "hparams", "hyper_parameters", "train_args", "config_snapshot"];

/// The number that `value` is, or the only element of a small array.
pub(super) fn scalar(value: &Value) -> Option<f64> {
    match value.elements() {
        Some([only]) => only.number(),
        Some(_) => None,
        None => value.number(),
    }
}

/// The last of several numbers: of a series that grows while a run goes on, the value at the end.
fn last_of_series(value: &Value) -> Option<f64> {
    let items = value.elements().or_else(|| value.items())?;
    (items.len() > 1 && items.iter().all(|item| item.number().is_some())).then(|| items.last()?.number()).flatten()
}

/// The optimizer step that `dict` tells.
pub(super) fn step(dict: &Value) -> Option<u64> {
    STEPS.iter().find_map(|key| whole(dict.get(key)?))
}

/// The epoch that `dict` tells; negative ones stand for "finished" and say nothing.
pub(super) fn epoch(dict: &Value) -> Option<f64> {
    dict.get("epoch").and_then(scalar).filter(|epoch| *epoch >= 0.0)
}

/// The whole number that `value` is, or the only element of a small array.
pub(super) fn whole(value: &Value) -> Option<u64> {
    match value.elements() {
        Some([only]) => only.count(),
        Some(_) => None,
        None => value.count(),
    }
}

/// The metrics that `dict` tells: of a dict of metrics, else the first known single one, else the ends of its series.
pub(super) fn metrics(dict: &Value) -> Vec<(String, f64)> {
    let several = METRICS.iter().filter_map(|key| dict.get(key)).map(super::members::metrics_of);
    if let Some(found) = several.into_iter().find(|metrics| !metrics.is_empty()) {
        return found;
    }
    let one = ONE_METRIC.iter().find_map(|key| Some(((*key).to_owned(), scalar(dict.get(key)?)?)));
    one.map_or_else(|| series(dict), |metric| vec![metric])
}

/// The ends of the series at the top of `dict` (`losses`, `ssims`), by key; a bare dict of weights has none.
fn series(dict: &Value) -> Vec<(String, f64)> {
    if holds(dict, "model").is_none() && holds(dict, "optimizer").is_none() {
        return Vec::new();
    }
    let pairs = dict.pairs().unwrap_or_default().iter();
    let ends = pairs.filter_map(|(key, value)| Some((key.clone(), last_of_series(value)?)));
    ends.take(limits::METRICS).collect()
}

/// The configurations that `dict` holds, each with its key: at its top, or one level down where some writers wrap theirs.
pub fn configurations(dict: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for wrapper in [None, Some("state"), Some("meta")] {
        let Some(inner) = wrapper.map_or(Some(dict), |key| dict.get(key)) else { continue };
        for key in CONFIG {
            let name = wrapper.map_or_else(|| (*key).to_owned(), |wrapper| format!("{wrapper}.{key}"));
            found.extend(inner.get(key).filter(|value| is_something(value)).map(|value| (name, value)));
        }
    }
    found
}

/// The key under which `dict` holds what `what` (a word of [`super::resume`]) stands for, with something in it.
pub(super) fn holds(dict: &Value, what: &str) -> Option<&'static str> {
    let keys = match what {
        "model" => MODEL,
        "optimizer" => OPTIMIZER,
        "scheduler" => SCHEDULER,
        "rng" => RNG,
        "config" => CONFIG,
        _ => return None,
    };
    keys.iter().copied().find(|key| dict.get(key).is_some_and(is_something))
}

fn is_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::List(items) => items.iter().any(is_something),
        Value::Map(pairs) => pairs.iter().any(|(key, value)| key != CLASS && is_something(value)),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::testing::value;

    fn dict(json: &str) -> Value {
        value(serde_json::from_str(json).unwrap())
    }

    #[test]
    fn numbers_may_be_small_arrays() {
        let tensor = r#"{"__class__": "torch.Tensor", "shape": [], "values": [0.25]}"#;
        let found = dict(&format!(r#"{{"epoch": 3.0, "step": {tensor}, "global_step": 7, "loss": {tensor}}}"#));
        assert_eq!((step(&found), epoch(&found)), (Some(7), Some(3.0)));
        assert_eq!(metrics(&found), [("loss".to_owned(), 0.25)]);
        assert_eq!(epoch(&dict(r#"{"epoch": -1}"#)), None);
    }

    #[test]
    fn metrics_go_from_the_most_telling_to_the_least() {
        let all = dict(r#"{"losses": [3, 2], "val_loss": 1, "metrics": {"acc": 0.5, "per_class": [1, 2]}}"#);
        assert_eq!(metrics(&all), [("acc".to_owned(), 0.5)]);
        assert_eq!(metrics(&dict(r#"{"losses": [3, 2], "val_loss": 1}"#)), [("val_loss".to_owned(), 1.0)]);
        assert_eq!(
            metrics(&dict(r#"{"model": "tensor", "losses": [3, 2], "names": ["a", "b"]}"#)),
            [("losses".to_owned(), 2.0)]
        );
        assert_eq!(metrics(&dict(r#"{"0.bias": [3, 2]}"#)), []);
    }

    #[test]
    fn configurations_are_found_at_the_top_and_one_level_down() {
        let all = dict(r#"{"args": {"lr": 1}, "config": {}, "meta": {"config_snapshot": {"seed": 3}}, "state": 1}"#);
        let names: Vec<String> = configurations(&all).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["args", "meta.config_snapshot"]);
    }

    #[test]
    fn an_empty_place_holds_nothing() {
        let found = dict(r#"{"optimizer": null, "scheduler": {}, "rng": {"torch": null}, "model": {"a": "tensor"}}"#);
        let held: Vec<_> = ["model", "optimizer", "scheduler", "rng"].iter().map(|what| holds(&found, what)).collect();
        assert_eq!(held, [Some("model"), None, None, None]);
    }
}
