//! Something that floats over the page: takes the focus, gives it back.

use crate::ui::dom::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// A dialog that is there while `is_open`. A click beside it closes it; Esc is the frame's.
pub(in crate::ui) fn dialog(
    label: &'static str,
    is_open: RwSignal<bool>,
    content: impl Fn() -> Markup + Copy + Send + Sync + 'static,
) -> Markup {
    let shown = move || is_open.get().then(|| opened(label, is_open, content()));
    markup(shown)
}

fn opened(label: &'static str, is_open: RwSignal<bool>, content: Markup) -> Markup {
    let sheet = NodeRef::<HtmlElement>::new();
    let before = StoredValue::new_local(focused());
    Effect::new(move || {
        if let Some(sheet) = sheet.get() {
            let first = sheet.query_selector("input, button").ok().flatten();
            let first = first.and_then(|first| first.dyn_into::<HtmlElement>().ok());
            drop(first.map(|first| first.focus()));
        }
    });
    on_cleanup(move || {
        drop(before.try_get_value().flatten().map(|element| element.focus()));
    });
    let keep_inside = move |event: leptos::ev::FocusEvent| {
        let inside = event.related_target().and_then(|to| to.dyn_into::<web_sys::Node>().ok());
        let sheet = sheet.get_untracked();
        if let (Some(sheet), Some(to)) = (sheet, inside)
            && !sheet.contains(Some(&to))
            && let Some(from) = event.target().and_then(|from| from.dyn_into::<HtmlElement>().ok())
        {
            drop(from.focus());
        }
    };
    view! {
        <div class="veil" on:click=move |_| is_open.set(false)>
            <div class="sheet" node_ref=sheet role="dialog" aria-modal="true" aria-label=label
                on:click=|event| event.stop_propagation() on:focusout=keep_inside>
                {content}
            </div>
        </div>
    }
}

fn focused() -> Option<HtmlElement> {
    document().active_element().and_then(|element| element.dyn_into().ok())
}
