//! Without a mouse.

use e2e::Result;
use e2e::driver::Key;
use e2e::page::{Page, id};
use e2e::wait;
use serde_json::json;

/// Opens the sample, goes to pages by their numbers, verifies.
pub(crate) fn the_main_way(page: &Page) -> Result {
    page.work(|| {
        tab_to(page, "open-sample")?;
        page.driver.press(&[Key::Enter])
    })?;
    page.text("nav-overview")?;
    page.driver.press(&[Key::Character('2')])?;
    page.text("tensor-row")?;
    page.driver.press(&[Key::Character('6')])?;
    page.text("verify-start")?;
    page.work(|| {
        tab_to(page, "verify-start")?;
        page.driver.press(&[Key::Enter])
    })?;
    page.text("integrity-verdict").map(drop)
}

/// Presses Tab until the element has the focus.
fn tab_to(page: &Page, name: &str) -> Result {
    wait::until(&format!("the focus to reach {name}"), || {
        page.driver.press(&[Key::Tab])?;
        let is_there = "return document.activeElement?.matches(arguments[0]) ?? false";
        Ok((page.driver.run(is_there, &[json!(id(name))])? == json!(true)).then_some(()))
    })
}
