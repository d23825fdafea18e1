//! The wasm memory of the page and its workers. It never shrinks: what it is now is the most it ever was.

use crate::Result;
use crate::devtools::DevTools;
use crate::driver::Driver;
use serde_json::json;

/// The largest wasm memory of any worker of the page, in bytes.
pub fn largest_worker(driver: &Driver) -> Result<u64> {
    let mut devtools = DevTools::connect(&driver.devtools_address()?)?;
    let mut largest = 0.0_f64;
    for session in devtools.sessions().iter().filter(|session| session.is_some()) {
        largest = largest.max(wasm_bytes(&mut devtools, session.as_deref())?);
    }
    Ok(largest as u64)
}

/// The wasm memory of our page or worker: wasm-bindgen's script, once more asked to start, gives what it started before.
/// (Chromium can look for memories itself, but breaks down where a table of functions is exported.)
pub fn wasm_bytes(devtools: &mut DevTools, session: Option<&str>) -> Result<f64> {
    const MEMORY: &str = "(async () => {
        const names = performance.getEntriesByType('resource').map((entry) => entry.name);
        const script = names.find((name) => /\\/(app|worker)-[0-9a-f]+\\.js$/.test(name));
        return script ? (await (await import(script)).default()).memory.buffer.byteLength : 0;
    })()";
    let parameters = json!({ "expression": MEMORY, "awaitPromise": true });
    let answer = devtools.call(session, "Runtime.evaluate", &parameters)?;
    answer["result"]["value"].as_f64().ok_or_else(|| format!("the wasm memory: {answer}"))
}
