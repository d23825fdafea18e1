//! The same as JSON, with every sample.

use super::{Measure, Results, Target};
use serde_json::{Value, json};

/// The document.
pub fn json(results: &Results, runs: usize) -> Value {
    let setting: serde_json::Map<String, Value> =
        results.setting.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
    let failures: Vec<Value> =
        results.failures.iter().map(|(row, sentence)| json!({ "row": row, "why": sentence })).collect();
    json!({
        "schema": "weighbridge.bench/1",
        "runs": runs,
        "setting": setting,
        "measures": results.measures.iter().map(measure).collect::<Vec<_>>(),
        "failures": failures,
    })
}

fn measure(measure: &Measure) -> Value {
    let (ours, theirs) = (measure.ours.median(), measure.theirs.median());
    let ratio = ours.zip(theirs).map(|(ours, theirs)| measure.target.ratio(ours, theirs));
    json!({
        "row": measure.row,
        "what": measure.what,
        "unit": measure.unit.name(),
        "ours": ours,
        "theirs": theirs,
        "ratio": ratio,
        "target": target(measure.target),
        "met": measure.met(),
        "rival": measure.rival,
        "samples": { "ours": measure.ours.0, "theirs": measure.theirs.0 },
    })
}

fn target(target: Target) -> Value {
    match target {
        Target::Speed(least) => json!({ "kind": "theirs_to_ours_at_least", "value": least }),
        Target::Share(most) => json!({ "kind": "ours_to_theirs_at_most", "value": most }),
        Target::AtMost(most) => json!({ "kind": "at_most", "value": most }),
        Target::None => Value::Null,
    }
}
