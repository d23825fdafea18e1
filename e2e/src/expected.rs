//! What NumPy, hashlib and safetensors say about the fixtures: `expected.json`, written by `expected.py`.

use serde_json::Value;
use std::sync::OnceLock;

/// Everything in it.
pub fn expected() -> &'static Value {
    static VALUES: OnceLock<Value> = OnceLock::new();
    VALUES.get_or_init(|| serde_json::from_str(include_str!("../expected.json")).expect("expected.json is JSON"))
}

/// Whether two numbers are the same but for the order of additions. `"NaN"` and the like are compared as they are.
pub fn is_close(found: &Value, expected: &Value) -> bool {
    match (found.as_f64(), expected.as_f64()) {
        (Some(found), Some(expected)) => (found - expected).abs() <= 1e-9 + 1e-6 * expected.abs().max(found.abs()),
        _ => found == expected,
    }
}
