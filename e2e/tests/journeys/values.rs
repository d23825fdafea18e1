//! The values of two checkpoints, of every system: what PyTorch, safetensors and NumPy say of weights, optimizers and adapters.

use e2e::driver::Key;
use e2e::expected::{expected, is_close};
use e2e::fixtures::fixture;
use e2e::page::{Page, id};
use e2e::{Result, axe};
use serde_json::Value;

/// Opens the files of a system, compares its two checkpoints with their optimizers, and checks the report.
fn compared(page: &Page, system: &str) -> Result<&'static Value> {
    let told = &expected()["systems"][system];
    let files: Vec<_> = told["open"].as_array().into_iter().flatten().filter_map(Value::as_str).map(fixture).collect();
    match files.as_slice() {
        [folder] if folder.is_dir() => page.open_folder(folder)?,
        files => page.open(&files.iter().map(AsRef::as_ref).collect::<Vec<_>>())?,
    }
    page.compare(told["a"].as_str().unwrap_or_default(), told["b"].as_str().unwrap_or_default())?;
    page.text("weights-summary")?;
    page.work(|| page.click("with-optimizer"))?;
    let comparison = &page.report()?["comparison"];
    rows(&comparison["weights"], &told["weights"]);
    rows(&comparison["optimizer"], &told["optimizer"]);
    page.go("compare")?;
    Ok(told)
}

/// Every value that is expected of every row, by its name.
fn rows(found: &Value, expected: &Value) {
    let (found, expected) = (found.as_array().expect("rows"), expected.as_array().expect("rows"));
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for row in expected {
        let own = found.iter().find(|found| found["name"] == row["name"]);
        let own = own.unwrap_or_else(|| panic!("there is no {}", row["name"]));
        for (key, value) in row.as_object().into_iter().flatten() {
            assert!(is_close(&own[key], value), "{key} of {} is {}, not {value}", row["name"], own[key]);
        }
    }
}

/// codex_ml's canonical core.
pub(crate) fn codex(page: &Page) -> Result {
    compared(page, "codex_ml").map(drop)
}

/// A zip of a LinearNexus run: the moments are called by the parameters that the structure names.
pub(crate) fn linear_nexus(page: &Page) -> Result {
    compared(page, "linearnexus")?;
    page.text_where("moment-row", "the second moment of a kernel", |row| {
        row.starts_with("blocks.0.ffn.up_proj.kernel") && row.contains("second moment")
    })?;
    Ok(())
}

/// PRISM's manager: PyTorch numbers the parameters, the page names them.
pub(crate) fn prism(page: &Page) -> Result {
    compared(page, "prism")?;
    page.text_where("moment-row", "the first moment of a bias", |row| {
        row.starts_with("model.3.bias") && row.contains("first moment")
    })?;
    page.click("with-optimizer")?;
    page.jobs()?;
    assert!(!page.has("moment-row")?, "nobody asks any more");
    Ok(())
}

/// The torch files of `/checkpoint`.
pub(crate) fn torch_files(page: &Page) -> Result {
    compared(page, "checkpoint").map(drop)
}

/// Two archives of Tinker: adapters, compared by what they add as well.
pub(crate) fn tinker(page: &Page) -> Result {
    compared(page, "tinkex")?;
    page.text_where("adapter-summary", "both norms", |words| words.contains("15\u{202f}modules: ‖ΔW‖ is"))?;
    assert_eq!(axe::violations(page.driver)?, Vec::<String>::new());
    let shown = page.texts("adapter-row")?;
    let first = shown.iter().find(|row| row.starts_with("model.layers.0.mlp.down_proj")).ok_or("no such module")?;
    // From `tests/expected/lora.py`: ‖ΔW‖ of both, and how far they are apart.
    for number in ["250.84", "330.78", "132\u{202f}%"] {
        assert!(first.contains(number), "{number} is not in {first}");
    }
    let lora = &page.report()?["comparison"]["lora"]["modules"];
    let row = lora.as_array().and_then(|rows| rows.iter().find(|row| row["name"] == "model.layers.0.mlp.down_proj"));
    let row = row.ok_or("the report has no such module")?;
    for (value, expected) in [
        (&row["a"]["l2"], 250.837_825_639_290_86),
        (&row["l2"], 330.778_682_585_182_1),
        (&row["relative_l2"], 1.318_695_383_132_868),
        (&row["cosine"], -0.115_947_660_232_715_87),
    ] {
        assert!(is_close(value, &expected.into()), "{value} is not {expected}");
    }
    Ok(())
}

/// The histogram of b − a of a tensor, by the keyboard alone, in every system.
pub(crate) fn difference(page: &Page) -> Result {
    let told = &compared(page, "checkpoint")?["difference"];
    let name = told["name"].as_str().unwrap_or_default();
    let opener = |page: &Page| {
        let at = page.texts("weight-open")?.iter().position(|text| text.as_str() == name);
        at.ok_or_else(|| format!("{name} cannot be opened"))
    };
    let at = opener(page)?;
    let focus = "document.querySelectorAll(arguments[0])[arguments[1]].focus()";
    page.driver.run(focus, &[id("weight-open").into(), at.into()])?;
    page.work(|| page.driver.press(&[Key::Enter]))?;
    page.text("difference-stat")?;
    let mean =
        page.driver.run("return document.querySelector('[data-testid=difference-stat][data-name=mean]').title", &[])?;
    let mean: f64 = mean.as_str().and_then(|text| text.parse().ok()).ok_or("the mean is no number")?;
    assert!(is_close(&mean.into(), &told["mean"]), "{mean} {}", told["mean"]);
    assert_eq!(axe::violations(page.driver)?, Vec::<String>::new());
    // Every bin, read out under the arrow keys.
    page.driver.run("document.querySelector('[data-testid=difference] [role=slider]').focus()", &[])?;
    for count in told["bins"].as_array().into_iter().flatten() {
        page.driver.press(&[Key::Right])?;
        let words =
            "return document.querySelector('[data-testid=difference] [role=slider]').getAttribute('aria-valuetext')";
        let words = page.driver.run(words, &[])?;
        let words = words.as_str().unwrap_or_default();
        assert!(words.ends_with(&format!(": {count}")), "{words} is not {count}");
    }
    page.driver.run(focus, &[id("weight-open").into(), at.into()])?;
    page.driver.press(&[Key::Enter])?;
    e2e::wait::until("the difference to be closed", || Ok((!page.has("difference")?).then_some(())))
}

/// The rolled up modules can be sorted, and told finer.
pub(crate) fn modules(page: &Page) -> Result {
    compared(page, "linearnexus")?;
    let first = |page: &Page| Ok::<_, String>(page.texts("module-row")?.into_iter().next().unwrap_or_default());
    let by_layer = page.texts("module-row")?.len();
    page.click("roll-up-modules")?;
    let fine =
        e2e::wait::until("more modules", || Ok(Some(page.texts("module-row")?.len()).filter(|rows| *rows > by_layer)))?;
    assert!(fine > by_layer);
    let named = first(page)?;
    page.driver.click("[aria-label=\"Weights by module\"] th:nth-child(3) button")?;
    let sorted =
        "return document.querySelector('[aria-label=\"Weights by module\"] th:nth-child(3)').getAttribute('aria-sort')";
    e2e::wait::until("the order", || Ok((page.driver.run(sorted, &[])? == "descending").then_some(())))?;
    assert_ne!(first(page)?, named);
    Ok(())
}
