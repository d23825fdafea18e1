//! How much memory the page and its workers hold.

use e2e::devtools::DevTools;
use e2e::driver::Driver;
use e2e::memory::wasm_bytes;
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
    let wasm = wasm_bytes(&mut devtools)?;
    let mut total = 0.0;
    for (session, wasm) in
        devtools.sessions().into_iter().zip(wasm).filter(|(session, _)| is_wanted(session.as_deref()))
    {
        let usage = devtools.call(session.as_deref(), "Runtime.getHeapUsage", &json!({}))?;
        let number = |key: &str| usage.get(key).and_then(Value::as_f64).unwrap_or_default();
        total += number("usedSize") + number("backingStorageSize") + wasm as f64;
    }
    Ok(total)
}
