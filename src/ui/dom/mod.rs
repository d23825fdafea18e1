//! What the page is drawn with: [`view!`](markup::view) makes [`Markup`], [`draw`] makes it nodes of the document, and
//! when a signal that a closure in it reads changes, the closure is asked again and what differs is changed in place:
//! elements, and with them focus, selection and scroll, stay as long as their tag and literal attributes do.
//!
//! Signals, memos, effects and contexts are Leptos'. Its views are not used: they are compiled anew for every piece of
//! markup, which made the page 400 kB heavier.

mod attributes;
mod children;
mod drawn;
mod element;
mod live;
mod markup;
mod node_ref;

pub(in crate::ui) use children::IntoMarkup;
pub(in crate::ui) use element::Element;
pub(in crate::ui) use live::Live;
pub(in crate::ui) use markup::Markup;
pub(in crate::ui) use node_ref::NodeRef;

pub(in crate::ui) use ::markup::view;
pub(in crate::ui) use leptos::prelude::{
    Effect, Get, GetUntracked, GetValue, LocalStorage, Notify, Read, ReadSignal, ReadUntracked, RwSignal, Set,
    SetValue, StoredValue, Update, UpdateUntracked, With, WithUntracked, WithValue, document, event_target,
    expect_context, on_cleanup, provide_context, request_animation_frame, set_timeout, set_timeout_with_handle, signal,
    window, window_event_listener,
};

/// Anything that can stand in markup, as markup.
pub(in crate::ui) fn markup(value: impl IntoMarkup) -> Markup {
    value.into_markup()
}

/// Draws a page into the document's body, for as long as the document lives.
pub(in crate::ui) fn draw(page: impl Fn() -> Markup + 'static) {
    leptos::mount::mount_to_body(move || {
        let drawn = drawn::Drawn::new(page());
        if let Some(body) = document().body() {
            drawn.insert(&body, None);
        }
        // The page is never taken down.
        std::mem::forget(drawn);
    });
}

/// Several pieces of markup in a row.
pub(in crate::ui) struct Pieces(Vec<Markup>);

impl Pieces {
    /// None yet.
    pub(in crate::ui) fn new() -> Self {
        Self(Vec::new())
    }

    /// Adds a piece.
    pub(in crate::ui) fn add(&mut self, piece: impl IntoMarkup) {
        self.0.push(piece.into_markup());
    }

    /// All of them.
    pub(in crate::ui) fn end(self) -> Markup {
        Markup::Many(self.0)
    }
}
