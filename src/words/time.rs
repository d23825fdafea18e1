//! How long, and how long ago.

use super::THIN;
use super::count::plural;

/// `7 s`, `3 min 20 s`, `2 h 5 min`.
pub fn duration(seconds: u64) -> String {
    let part = |value: u64, unit: &str| format!("{value}{THIN}{unit}");
    let (minutes, hours) = (seconds / 60, seconds / 3600);
    if hours > 0 {
        format!("{} {}", part(hours, "h"), part(minutes % 60, "min"))
    } else if minutes > 0 {
        format!("{} {}", part(minutes, "min"), part(seconds % 60, "s"))
    } else {
        part(seconds, "s")
    }
}

/// `just now`, `5 minutes ago`, `3 days ago`; both in seconds since 1970.
pub fn ago(now: u64, then: u64) -> String {
    const UNITS: [(u64, &str); 5] =
        [(31_557_600, "year"), (2_629_800, "month"), (86_400, "day"), (3_600, "hour"), (60, "minute")];
    let past = now.saturating_sub(then);
    UNITS
        .iter()
        .find(|(seconds, _)| past >= *seconds)
        .and_then(|(seconds, unit)| Some(format!("{} ago", plural(past.checked_div(*seconds)?, unit))))
        .unwrap_or_else(|| "just now".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_name_the_two_largest_units() {
        assert_eq!(duration(7), "7\u{202f}s");
        assert_eq!(duration(200), "3\u{202f}min 20\u{202f}s");
        assert_eq!(duration(7_500), "2\u{202f}h 5\u{202f}min");
    }

    #[test]
    fn the_past_is_told_in_its_largest_unit() {
        assert_eq!(ago(1000, 990), "just now");
        assert_eq!(ago(10_000, 2_000), "2\u{202f}hours ago");
        assert_eq!(ago(100, 200), "just now");
    }
}
