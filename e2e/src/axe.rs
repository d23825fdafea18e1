//! Accessibility, judged by axe-core: the `axe-core` package of package.json.

use crate::Result;
use crate::driver::Driver;
use serde_json::{Value, json};
use std::fs;
use xtask::process::root;

// No preloading: it would request the style sheets again. Only the rules with a wide consensus: those that WCAG 2.2 AA
// rests on, and axe's own good practice.
const RUN: &str = "
    const done = arguments[arguments.length - 1];
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'], preload: false })
        .then((result) => done(result.violations), (cause) => done(String(cause)));";

/// What is wrong with the page as it is shown now, one text an element.
pub fn violations(driver: &Driver) -> Result<Vec<String>> {
    if driver.run("return typeof axe === 'undefined'", &[])? == json!(true) {
        driver.run(&source()?, &[])?;
    }
    let found = driver.run_async(RUN, &[])?;
    let violations = found.as_array().ok_or_else(|| format!("axe-core: {found}"))?;
    Ok(violations.iter().flat_map(described).collect())
}

fn source() -> Result<String> {
    let path = root().join("node_modules/axe-core/axe.min.js");
    fs::read_to_string(&path).map_err(|cause| format!("{}: {cause}; npm ci installs it", path.display()))
}

fn described(violation: &Value) -> Vec<String> {
    let word = |value: &Value, path: &str| value.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    let rule = format!("{}: {}", word(violation, "/id"), word(violation, "/help"));
    let nodes = violation["nodes"].as_array().into_iter().flatten();
    nodes.map(|node| format!("{rule}\n    {}\n    {}", word(node, "/html"), word(node, "/failureSummary"))).collect()
}
