//! Digests: one with a copy button, or two under each other with the first difference marked.

use super::copy::copy_button;
use crate::ui::dom::*;

/// Digits shown of a digest that has little room.
const SHORT: usize = 12;

/// The first digits of a digest, the whole of it on hover, and a copy button.
pub(in crate::ui) fn digest(hex: &str) -> Markup {
    let short = hex.get(..SHORT).map_or_else(|| hex.to_owned(), |start| format!("{start}…"));
    view! { <span class="digest"><code title=hex.to_owned()>{short}</code>{copy_button(hex.to_owned(), "the digest")}</span> }
}

/// Two digests under each other; the first digit that differs is marked.
pub(in crate::ui) fn digest_pair(expected: &str, actual: &str) -> Markup {
    let same = expected.bytes().zip(actual.bytes()).take_while(|(a, b)| a == b).count();
    view! {
        <dl class="digest-pair">
            <dt>"expected"</dt><dd>{marked(expected, same)}</dd>
            <dt>"actual"</dt><dd>{marked(actual, same)}</dd>
        </dl>
    }
}

fn marked(hex: &str, same: usize) -> Markup {
    let before = hex.get(..same).unwrap_or(hex).to_owned();
    let mut rest = hex.get(same..).unwrap_or_default().chars();
    let Some(differs) = rest.next() else { return markup(before) };
    view! { {before}<mark>{differs.to_string()}</mark><span class="after">{rest.as_str().to_owned()}</span> }
}
