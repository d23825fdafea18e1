//! Before anything is open.

use e2e::Result;
use e2e::page::Page;

/// It says what it is, and offers its four ways in.
pub(crate) fn the_page_starts(page: &Page) -> Result {
    println!("{}", page.everything()?);
    Ok(())
}
