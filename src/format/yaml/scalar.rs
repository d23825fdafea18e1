//! What a plain text stands for, by the patterns of PyYAML's resolver (YAML 1.1).

use crate::model::Value;

/// The value of a plain text.
pub(super) fn resolve(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Value::Bool(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Value::Bool(false),
        _ => whole(text).or_else(|| real(text)).unwrap_or_else(|| Value::Text(text.to_owned())),
    }
}

/// A number to everybody but PyYAML: `1e-5`.
pub(super) fn is_number_without_point(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.contains(['e', 'E'])
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'))
        && text.parse::<f64>().is_ok();
    is_number && matches!(resolve(text), Value::Text(_))
}

fn whole(text: &str) -> Option<Value> {
    let (sign, digits) = split_sign(text);
    let plain: String = digits.chars().filter(|&c| c != '_').collect();
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let radix = |prefix: &str, radix: u32| {
        let number = i64::from_str_radix(plain.strip_prefix(prefix)?, radix).ok()?;
        Some(Value::Int(if sign == "-" { number.saturating_neg() } else { number }))
    };
    if plain.starts_with("0b") {
        return radix("0b", 2);
    }
    if plain.starts_with("0x") {
        return radix("0x", 16);
    }
    if plain.contains(':') {
        return sixties(&plain, sign);
    }
    if !plain.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if plain.len() > 1 && plain.starts_with('0') {
        return radix("0", 8);
    }
    let number = format!("{}{plain}", if sign == "-" { "-" } else { "" });
    Some(number.parse().map_or(Value::Big(number), Value::Int))
}

/// `1:30:00`, in the base of hours and minutes; the parts behind the first are below sixty.
fn sixties(text: &str, sign: &str) -> Option<Value> {
    let mut parts = text.split(':');
    let first = parts.next().filter(|part| !part.starts_with('0'))?;
    let mut total: i64 = first.parse().ok()?;
    for part in parts {
        let part: i64 = part.parse().ok().filter(|part| (0..60).contains(part))?;
        total = total.checked_mul(60)?.checked_add(part)?;
    }
    Some(Value::Int(if sign == "-" { total.saturating_neg() } else { total }))
}

/// A number with a point; an exponent has its sign.
fn real(text: &str) -> Option<Value> {
    let (sign, digits) = split_sign(text);
    let signed = |value: f64| Some(Value::Float(if sign == "-" { -value } else { value }));
    match digits {
        ".inf" | ".Inf" | ".INF" => return signed(f64::INFINITY),
        ".nan" | ".NaN" | ".NAN" if sign.is_empty() => return Some(Value::Float(f64::NAN)),
        _ => {}
    }
    let (whole, rest) = digits.split_once('.')?;
    let (fraction, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (rest.get(..at)?, rest.get(at.checked_add(1)?..)),
        None => (rest, None),
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let starts = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
    let exponent_fits = exponent.is_none_or(|exponent| {
        let (sign, digits) = split_sign(exponent);
        !sign.is_empty() && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    let fits = is_digits(whole) && is_digits(fraction) && exponent_fits;
    let has_digits = starts(whole) || (whole.is_empty() && sign.is_empty() && starts(fraction));
    if !fits || !has_digits {
        return None;
    }
    let plain: String = digits.chars().filter(|&c| c != '_').collect();
    signed(plain.parse().ok()?)
}

fn split_sign(text: &str) -> (&str, &str) {
    let len = usize::from(text.starts_with(['-', '+']));
    text.split_at_checked(len).unwrap_or(("", text))
}
