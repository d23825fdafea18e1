//! Two configurations, flattened with dots and aligned key by key.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::list::Aligning;
use crate::limits;
use crate::model::{Plain, Value, natural_cmp, order_by};

/// One place where two configurations differ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConfigRow {
    /// Keys and list indexes joined with dots: `model.layers.0.size`; empty for the document itself. Where b has it, else
    /// where a has.
    pub path: String,
    /// Where a has it, when that is another place of a list; left out of the report for the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What happened.
    pub change: ConfigChange,
    /// The value in a; `null` when it was added.
    pub a: Option<Plain>,
    /// The value in b; `null` when it was removed.
    pub b: Option<Plain>,
}

/// What happened to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ConfigChange {
    /// Only b has it.
    Added,
    /// Only a has it.
    Removed,
    /// Both have it, with another value or another type.
    Changed,
}

/// The places where b differs from a, in natural order of keys, and how many more there are beyond
/// [`limits::CONFIG_ROWS`].
///
/// Numbers are compared by value: `1` is `1.0` and `1e-6` is `0.000001`, but not the text `"1e-6"`. NaN has not changed
/// when it is still NaN. Order of keys does not matter, order of lists does: their elements are paired by what both lists
/// have in common ([`limits::CONFIG_ALIGNING`]). What only one side has is told leaf by leaf; where the type changed, the
/// whole values are told.
pub fn compare_configs(a: &Value, b: &Value) -> (Vec<ConfigRow>, u64) {
    let mut walk = Walk::default();
    walk.both(a, b);
    (walk.rows, walk.more)
}

#[derive(Default)]
struct Walk {
    rows: Vec<ConfigRow>,
    more: u64,
    /// Where it is in a, and in b.
    from: String,
    path: String,
    aligning: Aligning,
}

impl Walk {
    fn both(&mut self, a: &Value, b: &Value) {
        match (a, b) {
            (Value::Map(_), Value::Map(_)) => self.maps(a, b),
            (Value::List(x), Value::List(y)) => {
                for (of_a, of_b) in self.aligning.pairs(x, y) {
                    let name = |place: Option<usize>| place.or(of_a).or(of_b).unwrap_or(0).to_string();
                    let (a, b) = (of_a.and_then(|at| x.get(at)), of_b.and_then(|at| y.get(at)));
                    self.within((&name(of_a), &name(of_b)), |walk| walk.either(a, b));
                }
            }
            _ if same(a, b) => {}
            _ => self.push(ConfigChange::Changed, Some(a), Some(b)),
        }
    }

    fn maps(&mut self, a: &Value, b: &Value) {
        let mut keys: BTreeMap<&str, (Option<&Value>, Option<&Value>)> = BTreeMap::new();
        for (key, value) in a.last_pairs() {
            keys.entry(key).or_default().0 = Some(value);
        }
        for (key, value) in b.last_pairs() {
            keys.entry(key).or_default().1 = Some(value);
        }
        let mut keys: Vec<_> = keys.into_iter().collect();
        order_by(&mut keys, |(x, _), (y, _)| natural_cmp(x, y));
        for (key, (a, b)) in keys {
            self.within((key, key), |walk| walk.either(a, b));
        }
    }

    fn either(&mut self, a: Option<&Value>, b: Option<&Value>) {
        match (a, b) {
            (Some(a), Some(b)) => self.both(a, b),
            (Some(a), None) => self.one(a, ConfigChange::Removed),
            (None, Some(b)) => self.one(b, ConfigChange::Added),
            (None, None) => {}
        }
    }

    /// A value that only one side has, leaf by leaf.
    fn one(&mut self, value: &Value, change: ConfigChange) {
        match value {
            Value::Map(pairs) if !pairs.is_empty() => {
                let mut pairs = value.last_pairs();
                order_by(&mut pairs, |(x, _), (y, _)| natural_cmp(x, y));
                for (key, value) in pairs {
                    self.within((key, key), |walk| walk.one(value, change));
                }
            }
            Value::List(items) if !items.is_empty() => {
                for (index, item) in items.iter().enumerate() {
                    let index = index.to_string();
                    self.within((&index, &index), |walk| walk.one(item, change));
                }
            }
            leaf if change == ConfigChange::Added => self.push(change, None, Some(leaf)),
            leaf => self.push(change, Some(leaf), None),
        }
    }

    fn within(&mut self, (in_a, in_b): (&str, &str), step: impl FnOnce(&mut Self)) {
        let outer = (self.from.len(), self.path.len());
        for (path, key) in [(&mut self.from, in_a), (&mut self.path, in_b)] {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(key);
        }
        step(self);
        self.from.truncate(outer.0);
        self.path.truncate(outer.1);
    }

    fn push(&mut self, change: ConfigChange, a: Option<&Value>, b: Option<&Value>) {
        if self.rows.len() >= limits::CONFIG_ROWS {
            self.more = self.more.saturating_add(1);
            return;
        }
        let plain = |value: Option<&Value>| value.cloned().map(Plain);
        let path = if change == ConfigChange::Removed { &self.from } else { &self.path }.clone();
        let from = (change == ConfigChange::Changed && self.from != path).then(|| self.from.clone());
        self.rows.push(ConfigRow { path, from, change, a: plain(a), b: plain(b) });
    }
}

/// Equal in value; for two values of which at most one is a map or a list.
pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Float(x), Value::Float(y)) => x == y || (x.is_nan() && y.is_nan()),
        (Value::Int(_) | Value::Big(_) | Value::Float(_), Value::Int(_) | Value::Big(_) | Value::Float(_)) => {
            whole(a).is_some_and(|digits| Some(digits) == whole(b))
        }
        _ => a == b,
    }
}

/// Every decimal digit of a whole number, so that large ones compare exactly.
pub(super) fn whole(value: &Value) -> Option<String> {
    let text = match value {
        Value::Int(value) => value.to_string(),
        Value::Float(value) if value.is_finite() && value.fract() == 0.0 => format!("{value:.0}"),
        Value::Big(digits) => digits.clone(),
        _ => return None,
    };
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let digits = digits.trim_start_matches('+').trim_start_matches('0');
    Some(if digits.is_empty() { "0".to_owned() } else { format!("{sign}{digits}") })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(json: &str) -> Value {
        serde_json::from_str::<Plain>(json).unwrap().0
    }

    fn rows(a: &str, b: &str) -> Vec<(String, ConfigChange, String, String)> {
        let text = |value: &Option<Plain>| serde_json::to_string(value).unwrap();
        let (rows, more) = compare_configs(&parse(a), &parse(b));
        assert_eq!(more, 0);
        rows.iter().map(|row| (row.path.clone(), row.change, text(&row.a), text(&row.b))).collect()
    }

    #[test]
    fn nested_keys_and_lists_are_joined_with_dots() {
        let found = rows(
            r#"{"model": {"hidden_size": 16, "act": "gelu", "betas": [0.9, 0.999]}, "seed": 1}"#,
            r#"{"seed": 1, "model": {"act": "gelu", "hidden_size": 32, "betas": [0.9, 0.95, 1]}, "lr": 0.1}"#,
        );
        let expected = [
            ("lr", ConfigChange::Added, "null", "0.1"),
            ("model.betas.1", ConfigChange::Changed, "0.999", "0.95"),
            ("model.betas.2", ConfigChange::Added, "null", "1"),
            ("model.hidden_size", ConfigChange::Changed, "16", "32"),
        ];
        assert_eq!(found, expected.map(|(p, c, a, b)| (p.to_owned(), c, a.to_owned(), b.to_owned())));
    }

    #[test]
    fn numbers_of_equal_value_are_equal() {
        assert_eq!(rows(r#"{"a": 1, "b": 1e-6, "c": -0.0}"#, r#"{"b": 0.000001, "a": 1.0, "c": 0}"#), []);
        assert_eq!(rows("[9007199254740993]", "[9007199254740992.0]").len(), 1);
        let (big, float) = (Value::Big("18446744073709551616".into()), Value::Float(18_446_744_073_709_551_616.0));
        assert!(same(&big, &float) && same(&float, &big));
        assert!(same(&Value::Float(f64::NAN), &Value::Float(f64::NAN)));
        assert!(same(&Value::Big("007".into()), &Value::Int(7)));
    }

    #[test]
    fn another_type_is_a_change_of_the_whole_value() {
        let found = rows(r#"{"a": {"x": 1}, "b": 1, "c": null}"#, r#"{"a": 5, "b": "1", "c": false}"#);
        let found: Vec<_> = found.iter().map(|(path, _, a, b)| format!("{path} {a} {b}")).collect();
        assert_eq!(found, [r#"a {"x":1} 5"#, r#"b 1 "1""#, "c null false"]);
    }

    #[test]
    fn what_one_side_lacks_is_told_leaf_by_leaf() {
        let found = rows(r#"{"x": {"b": [], "a": [1, {"z": 2}]}}"#, "{}");
        let found: Vec<_> = found.iter().map(|(path, change, a, _)| format!("{path} {change:?} {a}")).collect();
        assert_eq!(found, ["x.a.0 Removed 1", "x.a.1.z Removed 2", "x.b Removed []"]);
    }

    #[test]
    fn lists_are_aligned_by_what_both_have() {
        let told = |a: &str, b: &str| -> Vec<String> {
            let (rows, _) = compare_configs(&parse(a), &parse(b));
            let from = |row: &ConfigRow| row.from.as_ref().map_or_else(String::new, |from| format!("{from} "));
            rows.iter().map(|row| format!("{}{} {:?}", from(row), row.path, row.change)).collect()
        };
        assert_eq!(told("[1, 2, 3, 4]", "[0, 1, 2.0, 3, 4]"), ["0 Added"]);
        assert_eq!(told("[1, 2, 3, 4]", "[2, 3, 4, 5]"), ["0 Removed", "3 Added"]);
        assert_eq!(told("[0.9, 0.999]", "[0.999, 0.9]"), ["0 Changed", "1 Changed"]);
        assert_eq!(told(r#"[{"a": 1, "b": [2]}, 5]"#, r#"[7, {"b": [2], "a": 1.0}, 5]"#), ["0 Added"]);
        let (a, b) = (r#"[{"name": "x", "v": 1}, {"name": "y", "v": 2}]"#, r#"[{"name": "y", "v": 3}]"#);
        assert_eq!(told(a, b), ["0.name Removed", "0.v Removed", "1.v 0.v Changed"]);
    }

    #[test]
    fn lists_too_long_to_be_aligned_are_compared_by_position() {
        let list = |from: i64| Value::List((from..from + 3000).map(Value::Int).collect());
        let all = (compare_configs(&list(0), &list(10_000)).0.len(), compare_configs(&list(0), &list(1)).0.len());
        assert_eq!(all, (3000, 3000));
    }

    #[test]
    fn a_repeated_key_counts_once() {
        let value = Value::Map(vec![("a".into(), Value::Int(1)), ("a".into(), Value::Int(2))]);
        assert_eq!(compare_configs(&value, &parse(r#"{"a": 2}"#)).0, []);
    }

    #[test]
    fn rows_are_bounded_and_the_rest_is_counted() {
        let list = Value::List(vec![Value::Int(0); limits::CONFIG_ROWS + 5]);
        let (rows, more) = compare_configs(&Value::List(Vec::new()), &list);
        assert_eq!((rows.len(), more), (limits::CONFIG_ROWS, 5));
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            (0_i64..3).prop_map(Value::Int),
            prop_oneof![Just(0.5), Just(1.0), Just(f64::NAN)].prop_map(Value::Float),
            "[ab]{0,2}".prop_map(Value::Text),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
                prop::collection::vec(("[abc]", inner), 0..4).prop_map(Value::Map),
            ]
        })
    }

    proptest! {
        #[test]
        fn nothing_differs_from_itself(a in value()) {
            prop_assert_eq!(compare_configs(&a, &a).0.len(), 0);
        }

        #[test]
        fn swapping_the_sides_mirrors_the_rows(a in value(), b in value()) {
            let (there, back) = (compare_configs(&a, &b).0, compare_configs(&b, &a).0);
            prop_assert_eq!(there.len(), back.len());
            for (x, y) in there.iter().zip(&back) {
                let json = |value: &Option<Plain>| serde_json::to_string(value).unwrap();
                let from = |row: &ConfigRow| row.from.clone().unwrap_or_else(|| row.path.clone());
                prop_assert_eq!((from(x), json(&x.a), json(&x.b)), (y.path.clone(), json(&y.b), json(&y.a)));
            }
        }
    }
}
