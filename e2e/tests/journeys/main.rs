//! The journeys, in the order they are run.

use e2e::harness::{self, Journey};
use std::process::ExitCode;

mod first_visit;

const JOURNEYS: &[Journey] = &[Journey::new("the_page_starts", first_visit::the_page_starts)];

fn main() -> ExitCode {
    harness::run(JOURNEYS)
}
