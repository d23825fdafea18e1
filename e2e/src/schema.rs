//! The report against its published schema.

use crate::Result;
use jsonschema::Validator;
use serde_json::Value;
use std::fs;
use std::sync::OnceLock;
use xtask::process::root;

/// Says everything about a report that `docs/report.schema.json` does not allow.
pub fn check(report: &Value) -> Result {
    static VALIDATOR: OnceLock<Result<Validator>> = OnceLock::new();
    let validator = VALIDATOR.get_or_init(validator).as_ref().map_err(Clone::clone)?;
    let faults: Vec<String> =
        validator.iter_errors(report).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    if faults.is_empty() { Ok(()) } else { Err(format!("the report breaks its schema:\n{}", faults.join("\n"))) }
}

fn validator() -> Result<Validator> {
    let path = root().join("docs/report.schema.json");
    let bytes = fs::read(&path).map_err(|cause| format!("{}: {cause}", path.display()))?;
    let schema: Value = serde_json::from_slice(&bytes).map_err(|cause| format!("{}: {cause}", path.display()))?;
    jsonschema::validator_for(&schema).map_err(|cause| format!("{}: {cause}", path.display()))
}
