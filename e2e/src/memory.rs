//! The wasm memory of the page and its workers. It never shrinks: what it is now is the most it ever was.

use crate::Result;
use crate::devtools::DevTools;
use crate::driver::Driver;
use serde_json::{Value, json};

/// The script of the page: wasm-bindgen's, which the document loaded.
const PAGE: &str = "performance.getEntriesByType('resource').map((entry) => entry.name)
    .find((name) => /\\/app-[0-9a-f]+\\.js$/.test(name)) ?? ''";
/// That of its workers, which their loader names. (They do not list what they loaded.)
const WORKER: &str = "(async () => {
    const loader = document.querySelector('meta[name=worker]').content;
    const text = await (await fetch(loader)).text();
    return new URL(/worker-[0-9a-f]+\\.js/.exec(text)[0], document.baseURI).href;
})()";

/// The largest wasm memory of any worker of the page, in bytes.
pub fn largest_worker(driver: &Driver) -> Result<u64> {
    let mut devtools = DevTools::connect(&driver.devtools_address()?)?;
    let all = wasm_bytes(&mut devtools)?;
    let largest = all.iter().skip(1).copied().max();
    largest.ok_or_else(|| "there is no worker to be measured".to_owned())
}

/// The wasm memories of the page and of its workers, in the order of the sessions. wasm-bindgen's script, once more asked to
/// start, gives what it started before. (Chromium can look for memories itself, but breaks down where a table of functions
/// is exported.)
pub fn wasm_bytes(devtools: &mut DevTools) -> Result<Vec<u64>> {
    let (page, worker) = (evaluated(devtools, None, PAGE)?, evaluated(devtools, None, WORKER)?);
    let mut all = Vec::new();
    for session in devtools.sessions() {
        let script = if session.is_none() { &page } else { &worker };
        let script = script.as_str().unwrap_or_default();
        let memory = format!("(async () => (await (await import('{script}')).default()).memory.buffer.byteLength)()");
        let bytes = evaluated(devtools, session.as_deref(), &memory)?;
        all.push(bytes.as_u64().ok_or_else(|| format!("the wasm memory is {bytes}"))?);
    }
    Ok(all)
}

fn evaluated(devtools: &mut DevTools, session: Option<&str>, expression: &str) -> Result<Value> {
    let parameters = json!({ "expression": expression, "awaitPromise": true });
    let answer = devtools.call(session, "Runtime.evaluate", &parameters)?;
    let value = &answer["result"]["value"];
    if value.is_null() { Err(format!("{expression}: {answer}")) } else { Ok(value.clone()) }
}
