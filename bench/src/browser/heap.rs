//! How much memory the page and its workers hold.

use super::devtools::DevTools;
use e2e::driver::Driver;
use serde_json::{Value, json};
use xtask::process::Result;

/// JavaScript heaps, buffers and wasm memories of the page and its workers, in bytes, as they are now.
pub fn heap_bytes(driver: &Driver) -> Result<f64> {
    let mut devtools = DevTools::connect(&driver.devtools_address()?)?;
    let mut total = 0.0;
    for session in devtools.sessions() {
        let session = session.as_deref();
        let usage = devtools.call(session, "Runtime.getHeapUsage", &json!({}))?;
        let number = |key: &str| usage.get(key).and_then(Value::as_f64).unwrap_or_default();
        total += number("usedSize") + number("backingStorageSize") + wasm_bytes(&mut devtools, session)?;
    }
    Ok(total)
}

/// The sizes of the wasm memories.
fn wasm_bytes(devtools: &mut DevTools, session: Option<&str>) -> Result<f64> {
    const SUM: &str = "function () { return this.reduce((sum, memory) => sum + memory.buffer.byteLength, 0) }";
    let prototype = json!({ "expression": "WebAssembly.Memory.prototype" });
    let prototype = devtools.call(session, "Runtime.evaluate", &prototype)?;
    let objects = json!({ "prototypeObjectId": prototype["result"]["objectId"] });
    let objects = devtools.call(session, "Runtime.queryObjects", &objects)?;
    let sum = json!({ "objectId": objects["objects"]["objectId"], "functionDeclaration": SUM });
    let sum = devtools.call(session, "Runtime.callFunctionOn", &sum)?;
    sum["result"]["value"].as_f64().ok_or_else(|| format!("the wasm memories: {sum}"))
}
