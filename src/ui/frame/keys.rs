//! Keys that work everywhere.

use leptos::ev;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::session::Page;
use crate::ui::dom::*;
use crate::ui::view::View;

/// Listens for keys, as long as the page is there.
pub(super) fn listen(view: View) {
    let listening = window_event_listener(ev::keydown, move |event| {
        if on_key(view, &event) {
            event.prevent_default();
        }
    });
    on_cleanup(move || listening.remove());
}

/// True when the key was for us.
fn on_key(view: View, event: &ev::KeyboardEvent) -> bool {
    let key = event.key();
    if (event.ctrl_key() || event.meta_key()) && key.eq_ignore_ascii_case("k") {
        view.palette.update(|is_open| *is_open = !*is_open);
        return true;
    }
    if key == "Escape" {
        return close_topmost(view);
    }
    if event.ctrl_key() || event.meta_key() || event.alt_key() || is_typing(event) {
        return false;
    }
    match key.as_str() {
        "/" => {
            view.go(Page::Tensors);
            // The box is there once the page is drawn.
            request_animation_frame(|| request_animation_frame(|| crate::ui::focus("tensor-filter")));
            true
        }
        "?" => {
            view.shortcuts.set(true);
            true
        }
        digit => match page_of(digit) {
            Some(page) => {
                view.go(page);
                true
            }
            None => false,
        },
    }
}

/// `1` to `9`, then `0`, in the order of the tabs.
fn page_of(key: &str) -> Option<Page> {
    let digit: usize = key.parse().ok()?;
    let index = if digit == 0 { 9 } else { digit.saturating_sub(1) };
    Page::ALL.get(index).copied().filter(|_| key.len() == 1)
}

fn close_topmost(view: View) -> bool {
    if view.palette.get_untracked() {
        view.palette.set(false);
    } else if view.shortcuts.get_untracked() {
        view.shortcuts.set(false);
    } else if view.rail.get_untracked() {
        view.rail.set(false);
    } else if view.tensor.with_untracked(Option::is_some) {
        view.close_tensor();
    } else {
        return false;
    }
    true
}

fn is_typing(event: &ev::KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    target.is_some_and(|element| matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"))
}
