//! The page, in Leptos. It renders [`crate::session`] and decides nothing.

mod client;
mod dom;
mod frame;
mod page;
mod part;
mod start;
mod theme;
mod view;

pub use client::Client;

use crate::ui::dom::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Puts the page into the document.
pub fn mount() {
    draw(frame::app);
}

/// Puts the focus on the element with this id.
fn focus(id: &str) {
    let element = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok());
    drop(element.map(|element| element.focus()));
}

/// Milliseconds since the page was loaded.
fn now_ms() -> f64 {
    window().performance().map_or(0.0, |clock| clock.now())
}

/// Whether shortcuts are written the way Apple writes them.
fn is_mac() -> bool {
    window().navigator().user_agent().is_ok_and(|agent| agent.contains("Mac"))
}

/// "step 300", "epoch 2", for a line of a list.
fn checkpoint_words(checkpoint: &crate::model::Checkpoint) -> String {
    match (checkpoint.step, checkpoint.epoch) {
        (Some(step), _) => format!("step {}", crate::words::count(step)),
        (None, Some(epoch)) => format!("epoch {}", crate::words::metric(epoch)),
        (None, None) => String::new(),
    }
}

/// Sets a property of the whole document's style.
fn set_root_style(name: &str, value: &str) {
    let root = document().document_element().and_then(|root| root.dyn_into::<HtmlElement>().ok());
    drop(root.map(|root| root.style().set_property(name, value)));
}
