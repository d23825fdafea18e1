//! A button that copies a text.

use std::time::Duration;

use super::icon::{Icon, icon};
use crate::ui::dom::*;

/// A copy button; `what` names the text for people who do not see the icon: "the digest".
pub(in crate::ui) fn copy_button(text: String, what: &str) -> Markup {
    let is_done = RwSignal::new(false);
    let label = format!("Copy {what}");
    let copy = move |event: leptos::ev::MouseEvent| {
        event.stop_propagation();
        copy_text(&text);
        is_done.set(true);
        set_timeout(move || is_done.try_set(false).map_or((), drop), Duration::from_millis(1500));
    };
    view! {
        <button type="button" class="copy" class:done=is_done title=label.clone() aria-label=label on:click=copy>
            {move || icon(if is_done.get() { Icon::Ok } else { Icon::Copy })}
        </button>
    }
}

/// Puts a text into the clipboard.
pub(in crate::ui) fn copy_text(text: &str) {
    // The promise is not awaited: a browser that refuses says so itself.
    drop(window().navigator().clipboard().write_text(text));
}
