//! Pages through bytes, a window at a time.

use crate::limits;
use crate::ui::dom::*;
use crate::words;

/// The pager; nothing when all bytes are in one window. `turn` gets the first byte of the window that is wanted.
pub(in crate::ui) fn pager(offset: u64, size: u64, turn: impl Fn(u64) + Clone + 'static) -> Option<Markup> {
    let window = limits::TEXT_WINDOW;
    if size <= window {
        return None;
    }
    let end = offset.saturating_add(window).min(size);
    let words = format!("bytes {} to {} of {}", words::count(offset), words::count(end), words::count(size));
    let last = size.saturating_sub(1).checked_div(window).unwrap_or(0).saturating_mul(window);
    let step = move |name: &'static str, to: u64, is_off: bool| {
        let turn = turn.clone();
        view! { <button type="button" class="button" disabled=is_off on:click=move |_| turn(to)>{name}</button> }
    };
    let pager = view! {
        <div class="controls">
            {step("First", 0, offset == 0)}
            {step("Earlier", offset.saturating_sub(window), offset == 0)}
            {step("Later", end, end >= size)}
            {step("Last", last, end >= size)}
            <span class="soft small">{words}</span>
        </div>
    };
    Some(pager)
}
