//! How much memory the page and its workers hold.

use super::devtools::DevTools;
use e2e::driver::Driver;
use serde_json::{Value, json};
use xtask::process::Result;

/// JavaScript heaps, buffers and wasm memories of the page and its workers, in bytes, as they are now.
pub fn heap_bytes(driver: &Driver) -> Result<f64> {
    bytes_of(driver, |_| true)
}

/// The same of all workers together. A wasm memory never shrinks: it is as large as it ever had to be.
pub fn worker_bytes(driver: &Driver) -> Result<f64> {
    bytes_of(driver, |session| session.is_some())
}

fn bytes_of(driver: &Driver, is_wanted: impl Fn(Option<&str>) -> bool) -> Result<f64> {
    let mut devtools = DevTools::connect(&driver.devtools_address()?)?;
    let mut total = 0.0;
    for session in devtools.sessions().into_iter().filter(|session| is_wanted(session.as_deref())) {
        let session = session.as_deref();
        let usage = devtools.call(session, "Runtime.getHeapUsage", &json!({}))?;
        let number = |key: &str| usage.get(key).and_then(Value::as_f64).unwrap_or_default();
        total += number("usedSize") + number("backingStorageSize") + wasm_bytes(&mut devtools, session)?;
    }
    Ok(total)
}

/// The wasm memory of our page or worker: wasm-bindgen's script, once more asked to start, gives what it started before.
/// (Chromium can look for memories itself, but breaks down where a table of functions is exported.)
fn wasm_bytes(devtools: &mut DevTools, session: Option<&str>) -> Result<f64> {
    const MEMORY: &str = "(async () => {
        const names = performance.getEntriesByType('resource').map((entry) => entry.name);
        const script = names.find((name) => /\\/(app|worker)-[0-9a-f]+\\.js$/.test(name));
        return script ? (await (await import(script)).default()).memory.buffer.byteLength : 0;
    })()";
    let parameters = json!({ "expression": MEMORY, "awaitPromise": true });
    let answer = devtools.call(session, "Runtime.evaluate", &parameters)?;
    answer["result"]["value"].as_f64().ok_or_else(|| format!("the wasm memory: {answer}"))
}
