//! The size of an element, as it changes.

use crate::ui::dom::*;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::ResizeObserver;

/// An observer that ends with its owner.
struct Observer {
    observer: ResizeObserver,
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
            observer.set_value(Some(Observer { observer: started, _changed: changed }));
        }
    });
    size
}
