//! What could not be done: what, where, and what to do next.

use super::icon::{Icon, icon};
use crate::ui::dom::*;

/// A problem card with a button that takes it away.
pub(in crate::ui) fn problem_card(title: String, detail: String, hint: String, dismiss: impl Fn() + 'static) -> Markup {
    view! {
        <div class="problem" data-testid="problem" role="alert">
            {icon(Icon::Bad)}
            <div class="problem-words">
                <h2>{title}</h2>
                <p>{detail}</p>
                <p class="soft">{hint}</p>
            </div>
            <button type="button" class="button quiet only-icon" aria-label="Dismiss" on:click=move |_| dismiss()>
                {icon(Icon::Close)}
            </button>
        </div>
    }
}
