//! Layout arithmetic of the page's drawings: axes, treemap, visible rows. Plain numbers in, plain numbers out; the page
//! only draws them.

mod bars;
mod color;
mod heat;
mod scale;
mod smooth;
mod ticks;
mod treemap;
mod visible;

pub use bars::bars;
pub use color::dtype_color;
pub use heat::{Cells, heat, largest};
pub use scale::Scale;
pub use smooth::smooth;
pub use ticks::{Tick, ticks};
pub use treemap::{Rect, treemap};
pub use visible::{Rows, ensure_visible};

pub use crate::words::whole;

/// A count as a number to draw with; exact up to 2^53, which no row count reaches.
#[expect(clippy::cast_precision_loss, reason = "pixels")]
pub fn real(count: usize) -> f64 {
    count as f64
}
