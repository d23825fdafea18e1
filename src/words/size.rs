//! Bytes, in binary units.

use super::THIN;
use super::count::{count, three_digits};

const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/// `1.46 GiB`; below one KiB whole bytes.
pub fn size(value: u64) -> String {
    if value < 1024 {
        return bytes(value);
    }
    let mut base = 1024_u64;
    for unit in UNITS {
        let next = base.saturating_mul(1024);
        // 1023.6 KiB would round to 1024.
        if value < next.saturating_sub(base / 2) {
            return format!("{}{THIN}{unit}", three_digits(value, base));
        }
        base = next;
    }
    format!("{}{THIN}EiB", three_digits(value, 1 << 60))
}

/// `1 234 567 bytes`.
pub fn bytes(value: u64) -> String {
    format!("{}{THIN}{}", count(value), if value == 1 { "byte" } else { "bytes" })
}

/// `410 MiB/s`.
pub fn rate(bytes: u64, seconds: f64) -> Option<String> {
    if seconds <= 0.0 {
        return None;
    }
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let per_second = bytes as f64 / seconds;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, saturates")]
    let whole = per_second as u64;
    Some(format!("{}/s", size(whole)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_three_digits_and_binary_units() {
        let cases = [
            (0, "0\u{202f}bytes"),
            (1, "1\u{202f}byte"),
            (1023, "1\u{202f}023\u{202f}bytes"),
            (1024, "1.00\u{202f}KiB"),
            (1_048_575, "1.00\u{202f}MiB"),
            (12_345, "12.1\u{202f}KiB"),
            (3_221_225_472, "3.00\u{202f}GiB"),
            (u64::MAX, "16.0\u{202f}EiB"),
        ];
        for (value, text) in cases {
            assert_eq!(size(value), text, "{value}");
        }
    }
}
