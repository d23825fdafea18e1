//! Pictures to look at, in `target/e2e/shots`: of every page with `cargo test -p e2e -- --ignored screenshots`, and of what
//! the other journeys come by where `WEIGHBRIDGE_SHOTS` is set.

use crate::signatures;
use e2e::Result;
use e2e::fixtures::fixture;
use e2e::harness::pictures;
use e2e::page::{PAGES, Page};
use std::env;

/// Light and dark, on a desk and on a telephone.
pub(crate) fn screenshots(page: &Page) -> Result {
    for (width, height) in [(1440, 900), (390, 844)] {
        page.driver.set_screen(width, height)?;
        page.load()?;
        shoot(page, "landing", width)?;
        page.open(&[&fixture("archives/linearnexus_run.zip")])?;
        page.verify()?;
        page.compare("linearnexus_run.zip/checkpoints/step_300", "linearnexus_run.zip/checkpoints/step_800")?;
        for name in PAGES {
            page.go(name)?;
            if name == "metrics" {
                page.work(|| page.click("movement-start"))?;
                page.click("sheet-unfold")?;
            }
            shoot(page, name, width)?;
        }
        page.go("tensors")?;
        page.fill("tensor-filter", "q_proj")?;
        page.click("tensor-row")?;
        page.text("tensor-stat")?;
        page.click("tensor-bytes")?;
        page.jobs()?;
        shoot(page, "tensor", width)?;
        for name in ["P-256 with its key", "P-256 with another key"] {
            page.load()?;
            signatures::told(page, name)?;
            shoot(page, name, width)?;
        }
    }
    Ok(())
}

/// Pictures of what is shown now, if they are wanted.
pub(crate) fn look(page: &Page, name: &str) -> Result {
    if env::var_os("WEIGHBRIDGE_SHOTS").is_none() {
        return Ok(());
    }
    for (width, height) in [(390, 844), (1440, 900)] {
        page.driver.set_screen(width, height)?;
        shoot(page, &format!("{}-{name}", page.driver.browser().name()), width)?;
    }
    page.driver.prefer_color_scheme("light")
}

fn shoot(page: &Page, name: &str, width: u32) -> Result {
    for scheme in ["light", "dark"] {
        page.driver.prefer_color_scheme(scheme)?;
        page.driver.picture(&pictures().join(format!("shots/{name}-{width}-{scheme}.png")))?;
    }
    Ok(())
}
