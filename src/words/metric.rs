//! Measured numbers.

use super::THIN;
use super::count::grouped;

/// Significant digits of a number that stands alone.
const DIGITS: f64 = 5.0;

/// Up to five significant digits, trailing zeros dropped; a power of ten outside 0.0001 … 1 000 000.
pub fn metric(value: f64) -> String {
    with_digits(value, DIGITS)
}

/// With as many digits as tell it from a number that is `step` away, 17 at most.
pub fn metric_apart(value: f64, step: f64) -> String {
    let digits = (value / step).abs().log10().floor() + 2.0;
    with_digits(value, digits.clamp(DIGITS, 17.0))
}

fn with_digits(value: f64, digits: f64) -> String {
    if let Some(word) = special(value) {
        return word.to_owned();
    }
    let magnitude = value.abs().log10().floor();
    if !(-5.0..6.0).contains(&magnitude) {
        return power(value, digits);
    }
    let decimals = super::whole((digits - 1.0 - magnitude).max(0.0));
    grouped(trim(&format!("{value:.decimals$}")))
}

/// Every digit of the number, as a machine would write it.
pub fn exact(value: f64) -> String {
    special(value).map_or_else(|| value.to_string(), str::to_owned)
}

/// A difference, with its sign.
pub fn signed(value: f64) -> String {
    if value > 0.0 { format!("+{}", metric(value)) } else { metric(value) }
}

/// A share as `12.3 %`.
pub fn percent(share: f64) -> String {
    if let Some(word) = special(share).filter(|word| *word != "0") {
        return word.to_owned();
    }
    let value = share * 100.0;
    let decimals = match value.abs() {
        small if small < 0.995 => 2,
        medium if medium < 99.95 => 1,
        _ => 0,
    };
    format!("{}{THIN}%", grouped(trim(&format!("{value:.decimals$}"))))
}

/// A share as `12.3 %`; one that would be rounded to nothing as a number.
pub fn share(share: f64) -> String {
    if share != 0.0 && share.abs() < 5e-5 { metric(share) } else { percent(share) }
}

/// A relative difference, with its sign.
pub fn signed_percent(share: f64) -> String {
    if share > 0.0 { format!("+{}", percent(share)) } else { percent(share) }
}

fn special(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("NaN")
    } else if value == f64::INFINITY {
        Some("∞")
    } else if value == f64::NEG_INFINITY {
        Some("−∞")
    } else if value == 0.0 {
        Some("0")
    } else {
        None
    }
}

fn trim(text: &str) -> &str {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
}

/// `1.2e−7`; there is room for a digit less.
fn power(value: f64, digits: f64) -> String {
    let decimals = super::whole(if digits > DIGITS { digits - 1.0 } else { digits - 2.0 });
    let text = format!("{value:.decimals$e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    format!("{}e{}", grouped(trim(digits)), exponent.replace('-', "−"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_honest() {
        let cases = [
            (0.5, "0.5"),
            (0.123_456_789, "0.12346"),
            (-2.5, "−2.5"),
            (1234.5, "1\u{202f}234.5"),
            (1.2e-7, "1.2e−7"),
            (3.0e9, "3e9"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "−∞"),
            (0.000_1, "0.0001"),
            (100.0, "100"),
        ];
        for (value, text) in cases {
            assert_eq!(metric(value), text);
        }
    }

    #[test]
    fn neighbours_can_be_told_apart() {
        let cases = [
            (1.0, 0.1, "1"),
            (1.000_000_1, 1e-8, "1.0000001"),
            (-1.000_000_12, 1e-8, "−1.00000012"),
            (1.234_567_8e-7, 1e-13, "1.2345678e−7"),
            (12_345_678.25, 0.5, "1.23456782e7"),
            (0.3, f64::EPSILON / 4.0, "0.29999999999999999"),
            (0.0, 1e-9, "0"),
            (2.0, 0.0, "2"),
            (f64::NAN, 1.0, "NaN"),
            (3.0, f64::NAN, "3"),
        ];
        for (value, step, text) in cases {
            assert_eq!(metric_apart(value, step), text);
        }
    }

    #[test]
    fn shares_keep_what_matters() {
        assert_eq!([share(0.0), share(0.25), share(-4e-6)], ["0\u{202f}%", "25\u{202f}%", "−4e−6"]);
        assert_eq!(percent(0.1234), "12.3\u{202f}%");
        assert_eq!(percent(1.0), "100\u{202f}%");
        assert_eq!(percent(0.0012), "0.12\u{202f}%");
        assert_eq!(percent(0.0), "0\u{202f}%");
        assert_eq!(signed_percent(-0.2), "−20\u{202f}%");
        assert_eq!(signed(0.25), "+0.25");
    }
}
