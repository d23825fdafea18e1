//! Layout arithmetic of the page's drawings: axes, treemap, visible rows. Plain numbers in, plain numbers out; the page
//! only draws them.

mod color;
mod scale;
mod ticks;
mod treemap;
mod visible;

pub use color::dtype_color;
pub use scale::Scale;
pub use ticks::{Tick, ticks};
pub use treemap::{Rect, treemap};
pub use visible::{Rows, ensure_visible};

/// The whole number below `value`, at least 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates; negative and NaN become 0")]
pub fn whole(value: f64) -> usize {
    value as usize
}

/// A count as a number to draw with; exact up to 2^53, which no row count reaches.
#[expect(clippy::cast_precision_loss, reason = "pixels")]
pub fn real(count: usize) -> f64 {
    count as f64
}
