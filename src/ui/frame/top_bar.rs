//! The bar at the top: where we are, the way to everything, what was sent.

use std::time::Duration;

use super::Inputs;
use crate::session::Page;
use crate::ui::dom::*;
use crate::ui::part::icon::{Icon, icon};
use crate::ui::theme::theme_switch;
use crate::ui::view::View;
use crate::ui::{Client, is_mac};
use crate::words;

/// The top bar.
pub(super) fn top_bar() -> Markup {
    let view = View::expect();
    let keys = if is_mac() { "⌘K" } else { "Ctrl K" };
    view! {
        <header class="top">
            <button type="button" class="button quiet only-icon rail-open" aria-label="Show what is open"
                aria-expanded=move || view.rail.get().to_string() on:click=move |_| view.rail.update(|is| *is = !*is)>
                {icon(Icon::Menu)}
            </button>
            <a class="brand" href="#/overview" on:click=move |_| view.page.set(Page::Overview)>{icon(Icon::Mark)}"Weighbridge"</a>
            <button type="button" class="palette-open" on:click=move |_| view.palette.set(true)>
                {icon(Icon::Search)}<span>"Search or run a command"</span><kbd aria-hidden="true">{keys}</kbd>
            </button>
            <div class="top-rest">
                {activity()}
                {sent()}
                {Inputs::expect().view()}
                {theme_switch()}
                <button type="button" class="button quiet only-icon" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)"
                    on:click=move |_| view.shortcuts.set(true)>{icon(Icon::Help)}</button>
            </div>
        </header>
    }
}

/// `ready` is there exactly while nothing is being worked on. It comes back in a turn of its own, after everything else on
/// the page has been drawn, so that who waits for it reads what is new.
fn activity() -> Markup {
    let client = Client::expect();
    let state = client.memo(|session| (session.is_idle(), session.finished));
    let drawn = RwSignal::new((true, 0));
    Effect::new(move || {
        let now = state.get();
        if now.0 {
            drawn.update(|shown| shown.0 &= shown.1 == now.1);
            let show = move || {
                if let Some(now) = state.try_get_untracked() {
                    drawn.try_set(now);
                }
            };
            set_timeout(show, Duration::ZERO);
        } else {
            drawn.set(now);
        }
    });
    let shown = move || {
        let (is_idle, finished) = drawn.get();
        if is_idle {
            view! { <span class="activity" data-testid="ready" data-jobs=finished title="Nothing is being worked on">"Ready"</span> }
        } else {
            view! { <span class="activity busy">"Working"</span> }
        }
    };
    markup(shown)
}

fn sent() -> Markup {
    let requests = Client::expect().memo(|session| session.requests_sent);
    let words = move || match requests.get() {
        0 => "0 bytes sent".to_owned(),
        some => format!("{} to addresses you named", words::plural(some, "request")),
    };
    view! { <span class="sent" title="What you open is read on this machine. Requests go only to an address you type in.">{words}</span> }
}
