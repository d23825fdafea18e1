//! Journeys through the built site in a real browser: the parts that the tests in `tests/journeys` are made of.
//!
//! [`driver`] speaks WebDriver, [`site`] serves what `cargo xtask dist` built, [`page`] knows the page by its test ids,
//! [`harness`] runs journeys one after another in one browser and looks at its console after each.
//!
//! To add a journey: write a function `fn(&Page) -> Result` in a file of `tests/journeys` and add it to the list in
//! `main.rs` there.

pub mod axe;
pub mod devtools;
pub mod download;
pub mod driver;
pub mod expected;
pub mod fixtures;
pub mod harness;
pub mod memory;
pub mod page;
pub mod schema;
pub mod server;
pub mod site;
pub mod traffic;
pub mod wait;

/// The sentence says what was expected and what was found.
pub type Result<T = ()> = std::result::Result<T, String>;
