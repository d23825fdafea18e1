//! Bytes of a file as text or as hexadecimal.

use crate::ui::dom::*;

/// Bytes in a line of the hexadecimal view.
const LINE: usize = 16;

/// Bytes as lines of offset, hexadecimal and characters.
pub(in crate::ui) fn hex_view(bytes: &[u8], offset: u64) -> Markup {
    let text = hex_text(bytes, offset);
    view! { <pre class="bytes" tabindex="0" role="region" aria-label="Bytes in hexadecimal">{text}</pre> }
}

/// Bytes as text; what is not UTF-8 is replaced.
pub(in crate::ui) fn text_view(bytes: &[u8]) -> Markup {
    let text = String::from_utf8_lossy(bytes).into_owned();
    view! { <pre class="bytes wrap" tabindex="0" role="region" aria-label="Text of the file">{text}</pre> }
}

fn hex_text(bytes: &[u8], offset: u64) -> String {
    let mut text = String::new();
    let mut at = offset;
    for line in bytes.chunks(LINE) {
        text.push_str(&format!("{at:010x} "));
        for place in 0..LINE {
            let gap = if place.is_multiple_of(8) { " " } else { "" };
            text.push_str(&match line.get(place) {
                Some(byte) => format!("{gap}{byte:02x} "),
                None => format!("{gap}   "),
            });
        }
        text.push(' ');
        text.extend(
            line.iter().map(|byte| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '·' }),
        );
        text.push('\n');
        at = at.saturating_add(LINE as u64);
    }
    text
}
