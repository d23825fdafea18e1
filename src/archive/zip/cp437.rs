//! The character set that zip names have when they are not UTF-8 (APPNOTE, appendix D).

/// Characters of the bytes 128 to 255.
const UPPER: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒ\
                     áíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐\
                     └┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀\
                     αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";

/// Text of `name`, byte by byte.
pub(super) fn decode(name: &[u8]) -> String {
    let upper: Vec<char> = UPPER.chars().collect();
    let decode = |&byte: &u8| match byte.checked_sub(128) {
        None => char::from(byte),
        Some(at) => upper.get(usize::from(at)).copied().unwrap_or(char::REPLACEMENT_CHARACTER),
    };
    name.iter().map(decode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_upper_byte_has_a_character() {
        assert_eq!(UPPER.chars().count(), 128);
        assert_eq!(decode(b"gr\x81n/\xe1"), "gr\u{fc}n/\u{df}");
    }
}
