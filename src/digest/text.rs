//! Digests as text: hexadecimal and base64.

use std::fmt::Write as _;

/// Lower-case hexadecimal.
pub fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        // Writing to a text cannot fail.
        let _never = write!(text, "{byte:02x}");
    }
    text
}

/// The bytes that hexadecimal digits stand for; `None` for anything else.
pub fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let (pairs, odd) = text.as_bytes().as_chunks::<2>();
    let digit = |letter: u8| char::from(letter).to_digit(16).and_then(|value| u8::try_from(value).ok());
    let byte = |[high, low]: &[u8; 2]| Some(digit(*high)? << 4 | digit(*low)?);
    if odd.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

/// The bytes that base64 stands for, as far as it is any; both alphabets, line ends skipped.
pub fn from_base64(text: &[u8]) -> Vec<u8> {
    let (mut bytes, mut held, mut bits) = (Vec::new(), 0_u32, 0_u32);
    for letter in text {
        let value = match letter {
            b'A'..=b'Z' => letter.wrapping_sub(b'A'),
            b'a'..=b'z' => letter.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => letter.wrapping_sub(b'0').wrapping_add(52),
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'\n' | b'\r' => continue,
            _ => break,
        };
        held = (held << 6 | u32::from(value)) & 0xffff;
        bits = bits.wrapping_add(6);
        if bits >= 8 {
            bits = bits.wrapping_sub(8);
            bytes.push(u8::try_from(held >> bits & 0xff).unwrap_or(0));
        }
    }
    bytes
}

/// Base64 with `+` and `/`, filled with `=`.
pub fn to_base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3).saturating_mul(4));
    for three in bytes.chunks(3) {
        let byte = |at: usize| three.get(at).copied().map_or(0, u32::from);
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4_usize {
            let shift = 18_usize.saturating_sub(at.saturating_mul(6));
            let letter = usize::try_from(bits >> shift & 63).ok().and_then(|value| LETTERS.get(value));
            let is_filling = at > three.len();
            text.push(if is_filling { '=' } else { letter.map_or('=', |letter| char::from(*letter)) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways() {
        assert_eq!(hexadecimal(&[0, 171]), "00ab");
        assert_eq!(from_hexadecimal("00aB"), Some(vec![0, 171]));
        assert_eq!((from_hexadecimal("0"), from_hexadecimal("0x")), (None, None));
        assert_eq!(from_base64(b"aGVsbG8="), b"hello");
        assert_eq!(from_base64(b"aGVs\nbG8h"), b"hello!");
        assert_eq!(from_base64(b"-_8="), [0xfb, 0xff]);
        for (bytes, text) in
            [(&b"hello"[..], "aGVsbG8="), (b"hello!", "aGVsbG8h"), (b"h", "aA=="), (&[0xfb, 0xff], "+/8="), (b"", "")]
        {
            assert_eq!(to_base64(bytes), text);
        }
    }
}
