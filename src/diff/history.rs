//! What the files of two checkpoints tell of the way to them, aligned by step.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::limits;
use crate::model::{Real, Value, distinct, keyed, natural_cmp, order_by};

/// One metric along the training of both checkpoints.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct HistoryRow {
    /// The metric.
    pub name: String,
    /// What the positions are: `step`, `epoch`, or `number` where the file only has an order.
    pub along: String,
    /// The positions that either side has, ascending.
    pub at: Vec<Real>,
    /// The values of a, by position.
    pub a: Vec<Option<Real>>,
    /// The values of b.
    pub b: Vec<Option<Real>>,
}

/// Keys that say where a row is, the first that is there counts, and what that is.
const POSITIONS: [(&str, &str); 7] = [
    ("step", "step"),
    ("global_step", "step"),
    ("_step", "step"),
    ("iteration", "step"),
    ("iter", "step"),
    ("batch", "step"),
    ("epoch", "epoch"),
];
/// Keys of a document under which its history is.
const INSIDE: [&str; 5] = ["log_history", "history", "metrics", "logs", "log"];
/// Parts of the names of lists that are a history wherever they are.
const TOLD: [&str; 7] = ["loss", "acc", "metric", "history", "score", "perplexity", "error"];
/// Dictionaries in dictionaries that a row is looked into.
const DEPTH: usize = 4;

/// Metrics of one checkpoint: name and kind of position, to values by position.
pub(super) type Told = BTreeMap<(String, &'static str), Vec<(f64, f64)>>;

/// The history in a document; what is after `step` and `epoch`, where they are known, is not the checkpoint's.
pub(super) fn told(document: &Value, step: Option<u64>, epoch: Option<f64>) -> Told {
    let mut told = Told::new();
    for inner in INSIDE.iter().filter_map(|key| document.get(key)).chain([document]) {
        if let Some(items) = inner.items().filter(|_| told.is_empty()) {
            rows(items, &mut told);
        }
    }
    if told.is_empty() {
        for inner in INSIDE.iter().filter_map(|key| document.get(key)) {
            columns(inner, |_| true, &mut told);
        }
        columns(document, |name| TOLD.iter().any(|part| name.to_lowercase().contains(part)), &mut told);
    }
    #[expect(clippy::cast_precision_loss, reason = "steps stay below 2^53")]
    let step = step.map(|step| step as f64);
    for ((_, along), points) in &mut told {
        let end = match *along {
            "step" => step,
            "epoch" => epoch,
            _ => None,
        };
        points.retain(|(at, _)| end.is_none_or(|end| *at <= end));
    }
    told.retain(|_, points| points.len() > 1);
    told
}

/// A row a position, as logs have it.
fn rows(items: &[Value], told: &mut Told) {
    let has = |key: &str| items.iter().any(|row| row.get(key).and_then(Value::number).is_some());
    let Some((key, along)) = POSITIONS.iter().find(|(key, _)| has(key)) else { return };
    for row in items {
        if let Some(at) = row.get(key).and_then(Value::number).filter(|at| at.is_finite()) {
            cells(row, "", (at, along), DEPTH, told);
        }
    }
}

fn cells(row: &Value, outer: &str, (at, along): (f64, &'static str), depth: usize, told: &mut Told) {
    for (key, value) in row.pairs().unwrap_or_default() {
        let name = if outer.is_empty() { key.clone() } else { format!("{outer}.{key}") };
        if POSITIONS.iter().any(|(position, _)| position == key) {
            continue;
        }
        match value.number() {
            Some(number) => add(told, (name, along), (at, number)),
            None if depth > 0 => cells(value, &name, (at, along), depth.saturating_sub(1), told),
            None => {}
        }
    }
}

fn add(told: &mut Told, key: (String, &'static str), point: (f64, f64)) {
    if told.len() < limits::HISTORY_SERIES || told.contains_key(&key) {
        told.entry(key).or_default().push(point);
    }
}

/// A list a metric, as training scripts keep it.
fn columns(map: &Value, is_told: impl Fn(&str) -> bool, told: &mut Told) {
    let pairs = map.pairs().unwrap_or_default();
    let all: Vec<(&str, Vec<f64>)> =
        pairs.iter().filter_map(|(key, value)| Some((key.as_str(), numbers(value)?))).collect();
    let position = |(key, along): &(&str, &'static str)| {
        all.iter().find(|(name, _)| name == key).map(|(_, values)| (*along, values))
    };
    let positions = POSITIONS.iter().find_map(position);
    let is_position = |name: &str| POSITIONS.iter().any(|(key, _)| *key == name);
    for (name, values) in all.iter().filter(|(name, _)| !is_position(name) && is_told(name)) {
        let along = positions.filter(|(_, at)| at.len() == values.len());
        for (index, value) in (1_u32..).zip(values) {
            let place = usize::try_from(index).unwrap_or(usize::MAX).saturating_sub(1);
            let at = along.and_then(|(_, at)| at.get(place).copied()).unwrap_or(f64::from(index));
            add(told, ((*name).to_owned(), along.map_or("number", |(along, _)| along)), (at, *value));
        }
    }
}

/// The numbers of a list, or of an array of one dimension, when it holds nothing else.
fn numbers(value: &Value) -> Option<Vec<f64>> {
    let shape = value.get("shape").and_then(Value::items);
    let items = match shape {
        Some(shape) => value.get("values").and_then(Value::items).filter(|_| shape.len() == 1)?,
        None => value.items()?,
    };
    items.iter().map(Value::number).collect::<Option<Vec<f64>>>().filter(|numbers| numbers.len() > 1)
}

/// Both, metric by metric in natural order of names; of a position told twice the last value. Beyond
/// [`limits::HISTORY_POINTS`] positions only every so many, and the last.
pub(super) fn align_histories(a: &Told, b: &Told) -> Vec<HistoryRow> {
    let names: BTreeSet<_> = distinct(a.keys().chain(b.keys()));
    let row = |key: &(String, &'static str)| {
        // Finite numbers that are not negative zero sort as their bits do, when the sign is turned over.
        let ordered = |at: f64| {
            let bits = (at + 0.0).to_bits();
            if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
        };
        let of = |side: &Told| {
            let points = side.get(key).map(Vec::as_slice).unwrap_or_default();
            keyed(points.iter().map(|(at, value)| (ordered(*at), (*at, *value))))
        };
        let (a, b) = (of(a), of(b));
        let all = keyed(a.iter().chain(&b).map(|(order, (at, _))| (*order, *at)));
        let (each, last) = (all.len().div_ceil(limits::HISTORY_POINTS).max(1), all.len().saturating_sub(1));
        let kept = |index: &usize| index.checked_rem(each) == Some(0) || *index == last;
        let all: Vec<(u64, f64)> =
            all.into_iter().enumerate().filter(|(index, _)| kept(index)).map(|(_, at)| at).collect();
        let values = |side: &BTreeMap<u64, (f64, f64)>| {
            all.iter().map(|(order, _)| side.get(order).map(|(_, value)| Real(*value))).collect()
        };
        HistoryRow {
            name: key.0.clone(),
            along: key.1.to_owned(),
            at: all.iter().map(|(_, at)| Real(*at)).collect(),
            a: values(&a),
            b: values(&b),
        }
    };
    let mut rows: Vec<HistoryRow> = names.into_iter().map(row).collect();
    order_by(&mut rows, |x, y| natural_cmp(&x.name, &y.name));
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Plain;

    fn of(json: &str) -> Told {
        told(&serde_json::from_str::<Plain>(json).unwrap().0, None, None)
    }

    #[test]
    fn a_history_is_found_as_rows_and_as_columns() {
        let all = [
            r#"{"log_history": [{"step": 1, "loss": 3}, {"step": 2, "loss": 2, "epoch": 0.5}, {"step": 2, "eval": {"x": 1}}]}"#,
            r#"[{"step": 1, "loss": 3}, {"step": 2, "loss": 2}, {"note": "x"}]"#,
            r#"{"history": {"step": [1, 2], "loss": [3, 2]}}"#,
        ];
        for json in all {
            assert_eq!(of(json), Told::from([(("loss".into(), "step"), vec![(1.0, 3.0), (2.0, 2.0)])]), "{json}");
        }
        let lists = r#"{"train_losses": [3, 2, "NaN"], "val_losses": [1, 2], "betas": [0.9, 0.95], "epoch": 3}"#;
        assert_eq!(of(lists), Told::from([(("val_losses".into(), "number"), vec![(1.0, 1.0), (2.0, 2.0)])]));
        let array =
            r#"{"metrics": {"loss": {"__class__": "torch.Tensor", "dtype": "F32", "shape": [2], "values": [1, 2]}}}"#;
        assert_eq!(of(array).len(), 1);
    }

    #[test]
    fn steps_of_both_are_one_list() {
        let (a, b) =
            (of(r#"[{"step": 10, "x": 1}, {"step": 2, "x": 2}]"#), of(r#"[{"step": 2, "x": 3}, {"step": 4, "x": 4}]"#));
        let rows = align_histories(&a, &b);
        let json = r#"[{"name":"x","along":"step","at":[2.0,4.0,10.0],"a":[2.0,null,1.0],"b":[3.0,4.0,null]}]"#;
        assert_eq!(serde_json::to_string(&rows).unwrap(), json);
        let many: Vec<(f64, f64)> = (0..20_000).map(|at| (f64::from(at), 0.0)).collect();
        let rows = align_histories(&Told::from([(("x".into(), "step"), many)]), &Told::new());
        assert!(rows[0].at.len() <= limits::HISTORY_POINTS + 1 && rows[0].at.last() == Some(&Real(19_999.0)));
    }

    #[test]
    fn what_came_after_a_checkpoint_is_not_its_own() {
        let rows = serde_json::from_str::<Plain>(r#"[{"step": 1, "x": 1}, {"step": 2, "x": 2}, {"step": 3, "x": 2}]"#);
        assert_eq!(told(&rows.unwrap().0, Some(2), None).into_values().next().unwrap().len(), 2);
    }
}
