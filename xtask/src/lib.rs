//! The project's commands, as a library so that the end-to-end tests and the benchmark can use them too.
//!
//! [`serve`] is a small static server, [`dist`] builds the site, [`setup`] finds or installs the tools for both.

pub mod bench;
pub mod build;
pub mod dist;
pub mod doctor;
pub mod fuzz;
pub mod names;
pub mod page;
pub mod peer;
pub mod process;
pub mod serve;
pub mod setup;
pub mod sizes;
pub mod split;
pub mod test;
pub mod tool;
