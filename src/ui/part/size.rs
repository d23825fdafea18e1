//! The size of an element, as it changes; on paper that of a page.

use gloo::events::EventListener;

use crate::ui::dom::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::ResizeObserver;

/// Pixels across a printed page: browsers lay nothing out again for paper before they draw, and what was drawn for a wide
/// window would be shrunk with its words.
const PAPER: f64 = 700.0;

/// An observer that ends with its owner.
struct Observer {
    observer: ResizeObserver,
    _printing: [EventListener; 2],
    _changed: Closure<dyn FnMut()>,
}

impl Drop for Observer {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

/// Inner width and height in pixels of the element behind `node`; zero until it is there.
pub(in crate::ui) fn size_of(node: NodeRef<web_sys::HtmlElement>) -> ReadSignal<(f64, f64)> {
    let (size, set_size) = signal((0.0, 0.0));
    let observer = StoredValue::new_local(None);
    Effect::new(move || {
        let Some(element) = node.get() else { return };
        let watched = element.clone();
        let changed = Closure::<dyn FnMut()>::new(move || {
            let now = (f64::from(watched.client_width()), f64::from(watched.client_height()));
            if size.try_get_untracked().is_some_and(|before| before != now) {
                set_size.set(now);
            }
        });
        if let Ok(started) = ResizeObserver::new(changed.as_ref().unchecked_ref()) {
            started.observe(&element);
            let printing = printing(&element, size, set_size);
            observer.set_value(Some(Observer { observer: started, _printing: printing, _changed: changed }));
        }
    });
    size
}

/// Takes its share of a printed page's width before printing, and the element's own again behind it.
fn printing(
    element: &web_sys::HtmlElement,
    size: ReadSignal<(f64, f64)>,
    set_size: leptos::prelude::WriteSignal<(f64, f64)>,
) -> [EventListener; 2] {
    let window = window();
    let element = element.clone();
    let shown = element.clone();
    let before = EventListener::new(&window, "beforeprint", move |_| {
        let page = shown.closest(".page").ok().flatten().map_or(0, |page| page.client_width());
        let share = (PAPER / f64::from(page).max(1.0)).min(1.0);
        if let Some((width, height)) = size.try_get_untracked() {
            set_size.set((width * share, height));
        }
    });
    let after = EventListener::new(&window, "afterprint", move |_| {
        if size.try_get_untracked().is_some() {
            set_size.set((f64::from(element.client_width()), f64::from(element.client_height())));
        }
    });
    [before, after]
}
