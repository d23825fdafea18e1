//! Text from files, made harmless.

use serde::Serialize;

use crate::limits::MARKDOWN_TEXT as CELL;

/// `text` so that Markdown shows it as it is: no markup, no HTML, no links, one line. Characters that cannot be seen
/// or that turn the direction of writing are written as their numbers.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut letters = text.chars().take(CELL).peekable();
    while let Some(letter) = letters.next() {
        match letter {
            ':' if letters.peek().is_none_or(|next| *next == ' ') => safe.push(':'),
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            // The colon and the at sign make links of addresses.
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '$' | '!' | ':' | '@' => {
                safe.push('\\');
                safe.push(letter);
            }
            // "www." alone makes a link too.
            '.' if safe.to_ascii_lowercase().ends_with("www") => safe.push_str("\\."),
            _ if is_hidden(letter) => safe.extend(letter.escape_unicode()),
            _ => safe.push(letter),
        }
    }
    if text.chars().nth(CELL).is_some() {
        safe.push('…');
    }
    safe
}

/// Control characters, line ends, zero-width characters, and marks of writing direction.
fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A value as JSON.
pub(super) fn json(value: &impl Serialize) -> String {
    escaped(&serde_json::to_string(value).unwrap_or_default())
}

/// A fixed word of the report, in the report's spelling.
pub(super) fn word(value: &impl Serialize) -> String {
    json(value).trim_matches('"').to_owned()
}

/// The text, or a dash where there is none.
pub(super) fn or_dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "–".to_owned())
}

/// `4096 × 1024`; a scalar is said to be one.
pub(super) fn shape(lengths: &[u64]) -> String {
    if lengths.is_empty() {
        return "scalar".to_owned();
    }
    lengths.iter().map(u64::to_string).collect::<Vec<_>>().join(" × ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_out() {
        let cases = [
            ("blocks.0|x", r"blocks.0\|x"),
            ("a`b`", r"a\`b\`"),
            ("<img src=x onerror=alert(1)>", "&lt;img src=x onerror=alert(1)&gt;"),
            ("two\nlines\r", r"two\u{a}lines\u{d}"),
            ("[x](javascript:1)", r"\[x\](javascript\:1)"),
            (
                "https://evil.example www.evil.example me@evil.example",
                r"https\://evil.example www\.evil.example me\@evil.example",
            ),
            ("&lt;", "&amp;lt;"),
            ("gpj\u{202e}exe", r"gpj\u{202e}exe"),
            ("step_200", r"step\_200"),
        ];
        for (text, safe) in cases {
            assert_eq!(escaped(text), safe);
        }
    }

    #[test]
    fn a_long_name_is_cut() {
        assert_eq!(escaped(&"é".repeat(400)).chars().count(), CELL + 1);
    }

    #[test]
    fn words_are_the_reports() {
        assert_eq!(word(&crate::model::Direction::Lower), "lower");
        assert_eq!(json(&crate::model::Plain(crate::model::Value::Text("16".into()))), "\"16\"");
    }
}
