//! Every page, light and dark, wide and narrow, judged by axe-core.

use e2e::fixtures::fixture;
use e2e::page::{PAGES, Page};
use e2e::{Result, axe};
use std::collections::BTreeMap;

/// No violation anywhere. One that is on every page is told once.
pub(crate) fn every_page(page: &Page) -> Result {
    let mut violations: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut judge = |page: &Page, name: &str| -> Result {
        for (scheme, width) in [("light", 1440), ("dark", 390)] {
            page.driver.prefer_color_scheme(scheme)?;
            page.driver.set_screen(width, 900)?;
            for violation in axe::violations(page.driver)? {
                violations.entry(violation).or_default().push(format!("{name} ({scheme}, {width})"));
            }
        }
        page.driver.set_screen(1440, 900)
    };
    judge(page, "before anything is open")?;
    page.open(&[&fixture("archives/linearnexus_run.zip")])?;
    page.verify()?;
    page.compare("linearnexus_run.zip/checkpoints/step_300", "linearnexus_run.zip/checkpoints/step_800")?;
    for name in PAGES {
        page.go(name)?;
        if name == "metrics" {
            page.work(|| page.click("movement-start"))?;
            page.click("sheet-unfold")?;
        }
        judge(page, name)?;
    }
    let told = violations.iter().map(|(violation, pages)| format!("{violation}\n    on {}", pages.join(", ")));
    if violations.is_empty() { Ok(()) } else { Err(told.collect::<Vec<_>>().join("\n")) }
}
