//! The whole page takes what is dropped on it.

use crate::ui::dom::*;
use leptos::ev;
use web_sys::DataTransfer;

/// Listens for drops anywhere; true while something is held over the page. `take` reads the drop at once: the list is
/// gone after the event.
pub(in crate::ui) fn drops(take: impl Fn(&DataTransfer) + 'static) -> ReadSignal<bool> {
    let (is_over, set_over) = signal(false);
    let has_files = |event: &web_sys::DragEvent| {
        event.data_transfer().is_some_and(|data| data.types().includes(&"Files".into(), 0))
    };
    let over = window_event_listener(ev::dragover, move |event| {
        if has_files(&event) {
            event.prevent_default();
            set_over.set(true);
        }
    });
    let left = window_event_listener(ev::dragleave, move |event| {
        // Leaving one element for another is not leaving the page.
        if event.related_target().is_none() {
            set_over.set(false);
        }
    });
    let dropped = window_event_listener(ev::drop, move |event| {
        event.prevent_default();
        set_over.set(false);
        if let Some(data) = event.data_transfer() {
            take(&data);
        }
    });
    on_cleanup(move || {
        over.remove();
        left.remove();
        dropped.remove();
    });
    is_over
}
