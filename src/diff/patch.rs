//! What makes one configuration of the other: a JSON Patch (RFC 6902).

use super::config::same;
use super::list::Aligning;
use crate::limits;
use crate::model::{Plain, Value, distinct, keyed};

/// The operations that make b of a, as a JSON text; `None` when there are more than [`limits::CONFIG_ROWS`]. Numbers of
/// equal value are left as they are written in a; of a repeated key the last value counts.
pub fn config_patch(a: &Value, b: &Value) -> Option<String> {
    let mut patch = Patch::default();
    patch.both(a, b);
    let is_whole = patch.operations.len() <= limits::CONFIG_ROWS;
    is_whole.then(|| serde_json::to_string_pretty(&Plain(Value::List(patch.operations))).unwrap_or_default())
}

#[derive(Default)]
struct Patch {
    operations: Vec<Value>,
    /// Where it is, as a JSON Pointer (RFC 6901).
    pointer: String,
    aligning: Aligning,
}

impl Patch {
    fn both(&mut self, a: &Value, b: &Value) {
        match (a, b) {
            (Value::Map(_), Value::Map(_)) => self.maps(a, b),
            (Value::List(x), Value::List(y)) => self.lists(x, y),
            _ if same(a, b) => {}
            _ => self.tell("replace", Some(b)),
        }
    }

    fn maps(&mut self, a: &Value, b: &Value) {
        let (a, b) = (keyed(a.last_pairs().into_iter()), keyed(b.last_pairs().into_iter()));
        for key in distinct(a.keys().chain(b.keys())) {
            self.within(key, |patch| patch.either(a.get(key).copied(), b.get(key).copied()));
        }
    }

    /// Element by element from the end, so that the places are still a's.
    fn lists(&mut self, a: &[Value], b: &[Value]) {
        let mut at = a.len();
        for (of_a, of_b) in self.aligning.pairs(a, b).into_iter().rev() {
            at = of_a.unwrap_or(at);
            let (a, b) = (of_a.and_then(|at| a.get(at)), of_b.and_then(|at| b.get(at)));
            self.within(&at.to_string(), |patch| patch.either(a, b));
        }
    }

    fn either(&mut self, a: Option<&Value>, b: Option<&Value>) {
        match (a, b) {
            (Some(a), Some(b)) => self.both(a, b),
            (Some(_), None) => self.tell("remove", None),
            (None, added) => self.tell("add", added),
        }
    }

    fn within(&mut self, key: &str, step: impl FnOnce(&mut Self)) {
        let outer = self.pointer.len();
        self.pointer.push('/');
        self.pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
        step(self);
        self.pointer.truncate(outer);
    }

    fn tell(&mut self, operation: &str, value: Option<&Value>) {
        if self.operations.len() > limits::CONFIG_ROWS {
            return;
        }
        let text = |text: &str| Value::Text(text.to_owned());
        let mut pairs = vec![("op".to_owned(), text(operation)), ("path".to_owned(), text(&self.pointer))];
        pairs.extend(value.map(|value| ("value".to_owned(), value.clone())));
        self.operations.push(Value::Map(pairs));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Value {
        serde_json::from_str::<Plain>(json).unwrap().0
    }

    #[test]
    fn operations_are_those_of_the_rfc() {
        let patch = config_patch(
            &parse(r#"{"a/b": {"~": 1}, "list": [1, 2, 3], "gone": null, "same": 1}"#),
            &parse(r#"{"same": 1.0, "a/b": {"~": 2}, "list": [0], "new": {"x": [1]}}"#),
        );
        let expected = r#"[
            {"op": "replace", "path": "/a~1b/~0", "value": 2},
            {"op": "remove", "path": "/gone"},
            {"op": "remove", "path": "/list/2"},
            {"op": "remove", "path": "/list/1"},
            {"op": "replace", "path": "/list/0", "value": 0},
            {"op": "add", "path": "/new", "value": {"x": [1]}}
        ]"#;
        let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(json(&patch.unwrap()), json(expected));
        assert_eq!(
            config_patch(&parse("[1]"), &parse("[1, 2]")).map(|text| json(&text)),
            Some(json(r#"[{"op": "add", "path": "/1", "value": 2}]"#))
        );
        assert_eq!(
            config_patch(&parse("1"), &parse("[]")).map(|text| json(&text)),
            Some(json(r#"[{"op": "replace", "path": "", "value": []}]"#))
        );
    }

    #[test]
    fn a_patch_too_long_to_be_one_is_none() {
        let long = Value::List(vec![Value::Int(0); limits::CONFIG_ROWS + 1]);
        assert_eq!(config_patch(&Value::List(Vec::new()), &long), None);
    }
}
