//! The page without a browser: a session whose commands are carried out by schedulers in this process, over real files.

mod journeys;
mod page;
