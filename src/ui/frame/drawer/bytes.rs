//! The bytes of a tensor, and their digest.

use super::head;
use super::statistics::{failed, working};
use crate::session::{Answer, Asked, Peeked};
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::digest::digest;
use crate::ui::part::hex_view::hex_view;
use crate::ui::part::pager::pager;

/// The section.
pub(super) fn bytes(client: Client) -> Markup {
    let is_shown = RwSignal::new(false);
    let answer =
        client.memo(|session| session.examining.as_ref().map_or(Answer::Unasked, |shown| shown.sha256.clone()));
    let digested = move || match answer.get() {
        Answer::Known(hex) | Answer::Partly(hex) => {
            view! { <p data-testid="tensor-sha256" title=hex.clone()><span class="faint small">"SHA-256 "</span>{digest(&hex)}</p> }
        }
        Answer::Working => working(client, Asked::Digest, "Hashing…"),
        Answer::Failed(problem) => failed(&problem),
        Answer::Unasked | Answer::Stopped => {
            let start = move |_: leptos::ev::MouseEvent| client.act(crate::session::Session::ask_for_digest);
            view! { <button type="button" class="button" data-testid="tensor-sha256-start" on:click=start>"Compute SHA-256"</button> }
        }
    };
    let toggle = move |_: leptos::ev::MouseEvent| {
        is_shown.update(|is| *is = !*is);
        if is_shown.get_untracked() {
            client.act(|session| session.peek_tensor(0));
        }
    };
    let peeking = client.memo(|session| session.peeking.clone());
    let hex = move || {
        let peeking = peeking.get().filter(|_| is_shown.get())?;
        let bytes = match peeking.bytes {
            Peeked::Reading => view! { <p class="soft">"Reading…"</p> },
            Peeked::Failed(why) => view! { <p class="soft">{why}</p> },
            Peeked::Bytes(bytes) => hex_view(&bytes, peeking.offset),
        };
        let turn = move |offset: u64| client.act(|session| session.peek_tensor(offset));
        Some(view! { {pager(peeking.offset, peeking.size, turn)}{bytes} })
    };
    let show = view! {
        <button type="button" class="button" data-testid="tensor-bytes" aria-expanded=move || is_shown.get().to_string() on:click=toggle>
            "Show bytes"
        </button>
    };
    view! {
        <section class="section" aria-label="Bytes">
            {head("Bytes", ())}
            <div class="controls">{show}{digested}</div>
            {hex}
        </section>
    }
}
