//! Scrolling through a long list.

use super::ours::ROW;
use e2e::driver::Driver;
use serde_json::{Value, json};
use xtask::process::Result;

const SCRIPT: &str = include_str!("scroll.js");
// At sixty frames a second about five seconds; each step of a long list replaces every row.
const STEPS: u64 = 300;

/// How it went.
pub struct Scroll {
    /// The longest task of 50 ms or more, in seconds; 0 if there was none. Browsers report no shorter ones.
    pub longest_task: f64,
    /// The longest time between two frames, in seconds.
    pub longest_frame: f64,
}

/// Scrolls the list of tensors from top to bottom.
pub fn scroll_through(driver: &Driver) -> Result<Scroll> {
    let went = driver.run_async(SCRIPT, &[json!(ROW), json!(STEPS)])?;
    let longest = |key: &str| {
        let values = went.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        values.iter().filter_map(Value::as_f64).fold(0.0, f64::max) / 1e3
    };
    let number = |key: &str| went.get(key).and_then(Value::as_f64).unwrap_or_default();
    let (distance, end) = (number("distance"), number("end"));
    if distance < 10_000.0 || end < distance - 2.0 {
        return Err(format!("the list did not scroll: {end} of {distance} pixels"));
    }
    Ok(Scroll { longest_task: longest("tasks"), longest_frame: longest("frames") })
}
