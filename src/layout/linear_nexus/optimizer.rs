//! Names for the arrays of `optimizer.npz`, which are called `opt_0`, `opt_1` …: `optimizer_meta.pkl` holds the tree they
//! are the leaves of, as JAX pickles a `PyTreeDef`: `(registry, nodes)`, the nodes in post-order, each `(kind, arity, data,
//! class, leaves, nodes)`. Checked against trees of JAX 0.10.2 with Flax 0.12.2 and Optax 0.2.8.

use crate::layout::Files;
use crate::layout::members::counted;
use crate::limits;
use crate::model::{Finding, Value};

/// Kinds of nodes.
const LEAF: u64 = 0;
const NAMEDTUPLE: u64 = 3;
const DICT: u64 = 5;
const CUSTOM: u64 = 6;

/// Fields of the states that Optax chains, by class.
const FIELDS: &[(&str, &[&str])] = &[
    ("ScaleByAdamState", &["count", "mu", "nu"]),
    ("ScaleByBeliefState", &["count", "mu", "nu"]),
    ("ScaleByLionState", &["count", "mu"]),
    ("ScaleByRmsState", &["nu"]),
    ("ScaleByScheduleState", &["count"]),
    ("TraceState", &["trace"]),
];

/// Tells what each array of the optimizer is, as metadata of its file; a finding when tree and arrays do not fit.
pub(super) fn name_arrays(files: &mut Files<'_>, folder: &str) -> Option<Finding> {
    let (optimizer, meta) = (files.child(folder, "optimizer.npz")?, files.child(folder, "optimizer_meta.pkl")?);
    let document = files.document(meta)?;
    let leaves = leaves(document.at(&["tree_def", "state"])?.items()?.get(1)?.items()?)?;
    let elsewhere = document.get("non_arrays").and_then(Value::pairs).map_or(0, <[_]>::len);
    let path = files.path(meta);
    let contents = files.contents_mut(optimizer)?;
    let arrays = contents.tensors.len();
    let named = leaves.into_iter().enumerate().take(limits::METRICS);
    let named: Vec<(String, String)> = named.map(|(at, leaf)| (format!("opt_{at}"), leaf)).collect();
    let expected = named.len().saturating_sub(elsewhere);
    contents.metadata = named;
    let message = format!(
        "its tree has {} that are arrays, optimizer.npz holds {}",
        counted(expected as u64, "leaf").replace("leafs", "leaves"),
        counted(arrays as u64, "array")
    );
    (arrays != expected && expected < limits::METRICS)
        .then(|| Finding::warning("optimizer-leaves", message).in_file(path))
}

/// The ways to the leaves, in order. From the root backwards, the last child of a node comes first.
fn leaves(nodes: &[Value]) -> Option<Vec<String>> {
    let mut waiting = vec![String::new()];
    let mut found = Vec::new();
    for node in nodes.iter().rev() {
        let parts = node.items()?;
        let (kind, arity) = (parts.first()?.count()?, parts.get(1)?.count()?);
        let path = waiting.pop()?;
        if kind == LEAF {
            found.push(path);
            continue;
        }
        // A tree of a hostile file could claim more children than it has nodes.
        let arity = usize::try_from(arity).ok().filter(|arity| *arity <= nodes.len())?;
        waiting.extend((0..arity).map(|at| joined(&path, child(kind, arity, parts.get(2), at))));
    }
    found.reverse();
    waiting.is_empty().then_some(found)
}

fn joined(path: &str, name: Option<String>) -> String {
    match name {
        None => path.to_owned(),
        Some(name) if path.is_empty() => name,
        Some(name) => format!("{path}.{name}"),
    }
}

/// What the child at `at` is called; the only child of a wrapper is what the wrapper is.
fn child(kind: u64, arity: usize, data: Option<&Value>, at: usize) -> Option<String> {
    match kind {
        NAMEDTUPLE => {
            let class = match data {
                Some(Value::Opaque(words) | Value::Text(words)) => words.as_str(),
                _ => "",
            };
            let known = FIELDS.iter().find(|(name, fields)| class.ends_with(name) && fields.len() == arity);
            Some(known.and_then(|(_, fields)| fields.get(at)).map_or_else(|| at.to_string(), |name| (*name).to_owned()))
        }
        DICT | CUSTOM => {
            let keys = data.and_then(Value::items).filter(|keys| keys.len() == arity);
            let key = match keys.and_then(|keys| keys.get(at)) {
                Some(Value::Text(key)) => Some(key.clone()),
                Some(Value::Int(key)) => Some(key.to_string()),
                _ => None,
            };
            key.or_else(|| (arity > 1).then(|| at.to_string()))
        }
        _ => Some(at.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::testing::value;

    fn named(nodes: &str) -> Option<Vec<String>> {
        leaves(value(serde_json::from_str(nodes).unwrap()).items().unwrap())
    }

    #[test]
    fn leaves_are_named_by_the_way_to_them() {
        let adam = "optax._src.transform.ScaleByAdamState";
        let leaf = "[0, 0, null, null, 1, 1]";
        let state = format!(
            r#"{leaf}, [6, 1, [["mutable", true]], "x.OptVariable", 1, 2], [5, 1, [0], null, 1, 3], [6, 1, ["w"], "State", 1, 4]"#
        );
        let nodes = format!(
            r#"[{leaf}, {state}, {state}, [3, 3, "{adam}", null, 3, 9], [3, 0, "EmptyState", null, 0, 1], [2, 2, null, null, 3, 11]]"#
        );
        assert_eq!(named(&nodes).unwrap(), ["0.count", "0.mu.w.0", "0.nu.w.0"]);
    }

    #[test]
    fn a_tree_that_does_not_add_up_names_nothing() {
        assert_eq!(named("[[2, 2, null, null, 2, 3]]"), None);
        assert_eq!(named("[[2, 18446744073709551615, null, null, 2, 3]]"), None);
        assert_eq!(named("[[0, 0], [0, 0]]"), None);
        assert_eq!(named("[]"), None);
    }
}
