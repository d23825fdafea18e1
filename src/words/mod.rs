//! Numbers as people read them: sizes, counts, rates, times. Exact values belong beside them, on hover.

mod count;
mod metric;
mod size;
mod time;

pub use count::{count, grouped, plural, short_count};
pub use metric::{exact, metric, metric_apart, percent, share, signed, signed_percent};
pub use size::{bytes, rate, size};
pub use time::{ago, duration};

/// Keeps number and unit, and groups of digits, together.
pub(crate) const THIN: char = '\u{202f}';

/// The whole number below `value`, at least 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates; negative and NaN become 0")]
pub fn whole(value: f64) -> usize {
    value as usize
}
