//! From drop to overview to the tensor view, once for each of five systems: what is told of a tensor is what NumPy and
//! PyTorch say of it (`tests/expected/tensor_views.py`).

use e2e::expected::is_close;
use e2e::fixtures::fixture;
use e2e::page::{Page, id};
use e2e::{Result, axe, wait};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) fn codex(page: &Page) -> Result {
    look("codex", "Codex checkpoints", page)
}

pub(crate) fn linear_nexus(page: &Page) -> Result {
    look("linear_nexus", "LinearNexus run", page)
}

pub(crate) fn prism(page: &Page) -> Result {
    look("prism", "Prism run", page)
}

pub(crate) fn torch_files(page: &Page) -> Result {
    look("torch_files", "PyTorch files", page)
}

pub(crate) fn tinker_archive(page: &Page) -> Result {
    look("tinker_archive", "Tinker archive", page)
}

/// Light and dark, wide and narrow, with everything that can be shown of a tensor on screen.
pub(crate) fn accessible(page: &Page) -> Result {
    let case = case("prism")?;
    page.drop_files(&[&fixture(text(&case, "open")?)])?;
    find(page, &case)?;
    page.click("tensor-bytes")?;
    page.click("tensor-sha256-start")?;
    page.text("tensor-sha256")?;
    let mut found = Vec::new();
    for (scheme, width) in [("light", 1440), ("dark", 1440), ("light", 390), ("dark", 390)] {
        page.driver.prefer_color_scheme(scheme)?;
        page.driver.set_screen(width, 900)?;
        found.extend(axe::violations(page.driver)?.into_iter().map(|told| format!("{scheme} {width}: {told}")));
    }
    page.driver.set_screen(1440, 900)?;
    if found.is_empty() { Ok(()) } else { Err(found.join("\n")) }
}

fn case(system: &str) -> Result<Value> {
    let all: Vec<Value> = serde_json::from_str(include_str!("../../../tests/expected/tensor_views.json"))
        .map_err(|cause| format!("tensor_views.json: {cause}"))?;
    all.into_iter().find(|case| case["system"] == system).ok_or_else(|| format!("no tensor of {system}"))
}

fn text<'a>(case: &'a Value, key: &str) -> Result<&'a str> {
    case[key].as_str().ok_or_else(|| format!("no {key}"))
}

/// Finds the tensor in the table and opens it.
fn find(page: &Page, case: &Value) -> Result {
    let (file, name) = (text(case, "file")?, text(case, "tensor")?);
    page.go("tensors")?;
    let everywhere =
        "const box = document.querySelector('.grid-controls input[type=checkbox]'); if (!box.checked) box.click()";
    page.driver.run(everywhere, &[])?;
    page.fill("tensor-filter", name)?;
    wait::until(&format!("the view of {name} of {file}"), || {
        page.driver.run(OPEN, &[json!(name), json!(file)])?;
        let shown =
            page.driver.run("return document.querySelector('[data-testid=tensor-view]')?.innerText ?? ''", &[])?;
        Ok(shown.as_str().is_some_and(|shown| shown.contains(file)).then_some(()))
    })?;
    page.jobs().map(drop)
}

// Clicks the next row with this name, until the one of this file is open.
const OPEN: &str = "
    const view = document.querySelector('[data-testid=tensor-view]');
    if (view?.innerText.includes(arguments[1])) return;
    const rows = [...document.querySelectorAll('[data-testid=tensor-row]')]
        .filter((row) => row.querySelector('.tensor-name')?.title === arguments[0]);
    window.nextRow = (window.nextRow ?? -1) + 1;
    rows[window.nextRow % rows.length]?.click();
";
const STATISTICS: &str = "return Object.fromEntries(
    [...document.querySelectorAll('[data-testid=tensor-stat]')].map((fact) => [fact.dataset.name, fact.title]))";

fn look(system: &str, layout: &str, page: &Page) -> Result {
    let case = case(system)?;
    page.bring(&fixture(text(&case, "open")?))?;
    page.go("overview")?;
    page.shows([layout])?;
    find(page, &case)?;
    statistics(page, &case["statistics"])?;
    values(page, &case)?;
    page.click("tensor-sha256-start")?;
    page.text("tensor-sha256")?;
    let told = page.driver.find(&id("tensor-sha256"))?.attribute("title")?;
    assert_eq!(told.as_deref(), case["sha256"].as_str(), "the digest of {}", case["tensor"]);
    Ok(())
}

fn statistics(page: &Page, expected: &Value) -> Result {
    page.text("tensor-stat")?;
    let told: BTreeMap<String, String> =
        serde_json::from_value(page.driver.run(STATISTICS, &[])?).map_err(|cause| cause.to_string())?;
    for (name, value) in expected.as_object().ok_or("no statistics")? {
        let found = told.get(name).ok_or_else(|| format!("{name} is not told: {told:?}"))?;
        let number: f64 = found.parse().map_err(|cause| format!("{name} is {found:?}: {cause}"))?;
        assert!(is_close(&json!(number), value), "{name}: {found}, NumPy says {value}");
    }
    Ok(())
}

/// Goes to the index, and compares the first values of the first rows.
fn values(page: &Page, case: &Value) -> Result {
    for (at, index) in case["index"].as_array().ok_or("no index")?.iter().enumerate() {
        let set = "const input = document.querySelectorAll('[data-testid=tensor-index]')[arguments[0]];
            input.value = arguments[1]; input.dispatchEvent(new Event('input', { bubbles: true }))";
        page.driver.run(set, &[json!(at), json!(index.to_string())])?;
        page.jobs()?;
    }
    let expected: Vec<Vec<f64>> = serde_json::from_value(case["rows"].clone()).map_err(|cause| cause.to_string())?;
    let mut last = String::new();
    let shown = wait::until("the values that NumPy has", || {
        let text =
            page.driver.run("return document.querySelector('[data-testid=tensor-values]')?.textContent ?? ''", &[])?;
        text.as_str().unwrap_or_default().clone_into(&mut last);
        Ok((first_rows(&last, &expected) == expected).then_some(()))
    });
    shown.map_err(|reason| format!("{reason}: {expected:?}, shown are\n{last}"))
}

/// As many values of as many rows as are expected, of the text under the head, without the numbers of the rows.
fn first_rows(text: &str, expected: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let row = |(line, expected): (&str, &Vec<f64>)| {
        let numbers = line.split_whitespace().skip(1).take(expected.len());
        numbers.filter_map(|number| Some(f64::from(number.parse::<f32>().ok()?))).collect()
    };
    text.lines().skip(1).zip(expected).map(row).collect()
}
