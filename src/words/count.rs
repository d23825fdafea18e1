//! Whole numbers.

use super::THIN;

/// `1 234 567`, with thin spaces.
pub fn count(value: u64) -> String {
    grouped(&value.to_string())
}

/// Puts thin spaces between the thousands of a decimal number and a true minus before it.
pub fn grouped(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("−", rest));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let mut text = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        let left = whole.len().saturating_sub(index);
        if index > 0 && left.is_multiple_of(3) {
            text.push(THIN);
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// Three digits and a letter: `124 M`, `7.24 B`. Small numbers stay whole.
pub fn short_count(value: u64) -> String {
    const UNITS: [(u64, &str); 4] = [(1_000_000_000_000, "T"), (1_000_000_000, "B"), (1_000_000, "M"), (100_000, "K")];
    for (from, unit) in UNITS {
        if value >= from {
            let base = if unit == "K" { 1_000 } else { from };
            return format!("{}{THIN}{unit}", three_digits(value, base));
        }
    }
    count(value)
}

/// `value / base` with three significant digits.
pub(super) fn three_digits(value: u64, base: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let share = value as f64 / base.max(1) as f64;
    let decimals = if share < 9.995 {
        2
    } else if share < 99.95 {
        1
    } else {
        0
    };
    format!("{share:.decimals$}")
}

/// `1 file`, `2 files`.
pub fn plural(value: u64, one: &str) -> String {
    let ending = if value == 1 { "" } else { "s" };
    format!("{}{THIN}{one}{ending}", count(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(count(0), "0");
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1\u{202f}234\u{202f}567");
        assert_eq!(grouped("-1234.5678"), "−1\u{202f}234.5678");
    }

    #[test]
    fn large_counts_keep_three_digits() {
        assert_eq!(short_count(2_500), "2\u{202f}500");
        assert_eq!(short_count(124_439_808), "124\u{202f}M");
        assert_eq!(short_count(7_241_732_096), "7.24\u{202f}B");
        assert_eq!(short_count(254_321), "254\u{202f}K");
    }
}
