//! The list of keys.

use crate::ui::dom::*;
use crate::ui::part::dialog::dialog;
use crate::ui::part::icon::{Icon, icon};
use crate::ui::view::View;

const KEYS: [(&str, &str); 9] = [
    ("Ctrl K or ⌘K", "search or run a command"),
    ("1 … 9, 0", "go to a page, in the order of the tabs"),
    ("/", "filter the tensors"),
    ("↑ ↓ Page Home End", "move in a table"),
    ("→ ←", "unfold and fold a module"),
    ("Enter", "open the row"),
    ("← → on a chart", "move the cursor; ↑ ↓ too on values as colours"),
    ("Esc", "close what is on top"),
    ("?", "this list"),
];

/// The list, while it is open.
pub(super) fn shortcuts() -> Markup {
    let view = View::expect();
    let content = move || {
        let row = |(keys, words): (&'static str, &'static str)| view! { <dt><kbd>{keys}</kbd></dt><dd>{words}</dd> };
        view! {
            <div class="shortcuts">
                <div class="shortcuts-head">
                    <h2>"Keyboard shortcuts"</h2>
                    <button type="button" class="button quiet only-icon" aria-label="Close" on:click=move |_| view.shortcuts.set(false)>
                        {icon(Icon::Close)}
                    </button>
                </div>
                <dl>{KEYS.into_iter().map(row).collect::<Markup>()}</dl>
            </div>
        }
    };
    dialog("Keyboard shortcuts", view.shortcuts, content)
}
