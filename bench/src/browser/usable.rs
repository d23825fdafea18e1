//! How soon a page can be used.

use e2e::driver::Driver;
use e2e::wait;
use serde_json::json;
use xtask::process::Result;

const SCRIPT: &str = "
const look = () => {
  if (!holds()) return;
  observer.disconnect();
  requestAnimationFrame(() => setTimeout(() => { window.benchUsable = performance.now(); }));
};
const observer = new MutationObserver(look);
observer.observe(document, { subtree: true, childList: true, attributes: true });";

/// Goes to an address; answers with the seconds from there to the frame that shows what the condition waits for.
pub fn usable(driver: &Driver, url: &str, condition: &str) -> Result<f64> {
    let source = format!("{{ const holds = () => {condition};{SCRIPT} }}");
    driver.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": source }))?;
    driver.go(url)?;
    wait::until(url, || Ok(driver.run("return window.benchUsable ?? null", &[])?.as_f64().map(|ms| ms / 1e3)))
}
