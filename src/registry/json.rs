//! Members of a JSON object that may be missing, null, or of another type than expected: then they are not there.

use serde_json::Value;

/// A text.
pub(super) fn text(object: &Value, name: &str) -> Option<String> {
    object.get(name)?.as_str().map(str::to_owned)
}

/// A whole number; some servers write numbers as text.
pub(super) fn number(object: &Value, name: &str) -> Option<u64> {
    let value = object.get(name)?;
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Yes or no.
pub(super) fn flag(object: &Value, name: &str) -> Option<bool> {
    object.get(name)?.as_bool()
}

/// The items of a list; none when it is not one.
pub(super) fn list<'a>(object: &'a Value, name: &str) -> &'a [Value] {
    object.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The texts of a list.
pub(super) fn texts(object: &Value, name: &str) -> Vec<String> {
    list(object, name).iter().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// Names and values of an object of texts; other values as JSON writes them.
pub(super) fn pairs(object: &Value, name: &str) -> Vec<(String, String)> {
    let Some(members) = object.get(name).and_then(Value::as_object) else { return Vec::new() };
    let pair = |(name, value): (&String, &Value)| {
        (name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    members.iter().map(pair).collect()
}
