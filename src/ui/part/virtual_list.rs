//! A grid of rows of one height, of which only the visible ones exist. Rows live in slots that are reused: scrolling by
//! one row changes one slot.

use leptos::ev;

use super::size::size_of;
use crate::chart::{Rows, ensure_visible, whole};
use crate::ui::dom::*;

/// Rows drawn beyond the window at either end.
const EXTRA: usize = 6;

/// What a row shows.
pub(in crate::ui) struct RowView {
    /// Its cells.
    pub cells: Markup,
    /// Its name for tests and scripts.
    pub testid: &'static str,
    /// How deep it stands in a tree, from 1.
    pub level: Option<usize>,
    /// Whether it is unfolded, when it can be.
    pub expanded: Option<bool>,
}

/// What the user did to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ui) enum RowAction {
    /// Clicked it, or pressed Enter on it.
    Open,
    /// Pressed the right arrow on it.
    Unfold,
    /// Pressed the left arrow on it.
    Fold,
}

/// What a list is made of.
#[derive(Clone, Copy)]
pub(in crate::ui) struct ListParts {
    /// Class of the grid: its columns.
    pub class: &'static str,
    /// Name of the grid.
    pub label: &'static str,
    /// Number of rows.
    pub count: Live<usize>,
    /// The row that the keyboard is on.
    pub cursor: RwSignal<usize>,
}

/// A virtual list. `row` draws a row and is asked again when a signal it reads changes.
pub(in crate::ui) fn virtual_list(
    parts: ListParts,
    head: Markup,
    row: impl Fn(usize) -> RowView + Copy + Send + Sync + 'static,
    act: impl Fn(usize, RowAction) + Copy + Send + Sync + 'static,
) -> Markup {
    let ListParts { class, label, count, cursor } = parts;
    let window = NodeRef::<web_sys::HtmlElement>::new();
    let space = NodeRef::<web_sys::HtmlElement>::new();
    let size = size_of(window);
    let scroll = RwSignal::new(0.0);
    let height = row_height();
    let rows = Live::new(move || Rows { count: count.get(), row: height, window: size.get().1, scroll: scroll.get() });
    let drawn = Live::new(move || rows.get().drawn(EXTRA));
    let slots = Live::new(move || drawn.get().1);
    let show = move |index: usize| {
        cursor.set(index);
        let Some(element) = window.get_untracked() else { return };
        let head = space.get_untracked().map_or(0, |space| space.offset_top());
        let seen = Rows { window: (size.get_untracked().1 - f64::from(head)).max(height), ..rows.get_untracked() };
        if let Some(to) = ensure_visible(&seen, index) {
            #[expect(clippy::cast_possible_truncation, reason = "the spacer is at most eight million pixels tall")]
            element.set_scroll_top(to as i32);
        }
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let page = whole(size.get_untracked().1 / height).saturating_sub(2).max(1);
        match key_target(&event.key(), cursor.get_untracked(), count.get_untracked(), page) {
            Some(KeyTarget::Row(index)) => show(index),
            Some(KeyTarget::Action(action)) => act(cursor.get_untracked(), action),
            None => return,
        }
        event.prevent_default();
    };
    let slot = move |slot: usize| {
        let place = Live::new(move || {
            let (first, slots) = drawn.get();
            let index = row_in_slot(slot, first, slots);
            (index, rows.get().place(index))
        });
        let index = Live::new(move || place.get().0);
        slot_view(index, place, cursor, label, row, move |index| {
            cursor.set(index);
            act(index, RowAction::Open);
        })
    };
    let active = move || (count.get() > 0).then(|| row_id(label, cursor.get()));
    view! {
        <div class=format!("grid grid-scroll {class}") node_ref=window role="treegrid" tabindex="0" aria-label=label
            aria-rowcount=move || count.get().saturating_add(1) aria-activedescendant=active
            on:scroll=throttled(window, scroll) on:keydown=on_key>
            <div class="grid-head" role="row" aria-rowindex="1">{head}</div>
            <div class="grid-space" node_ref=space role="presentation" style:height=move || format!("{}px", rows.get().height())>
                {move || (0..slots.get()).map(slot).collect::<Markup>()}
            </div>
        </div>
    }
}

fn slot_view(
    index: Live<usize>,
    place: Live<(usize, f64)>,
    cursor: RwSignal<usize>,
    label: &'static str,
    row: impl Fn(usize) -> RowView + Copy + Send + Sync + 'static,
    open: impl Fn(usize) + Copy + Send + Sync + 'static,
) -> Markup {
    let content = move || {
        let at = index.get();
        let RowView { cells, testid, level, expanded } = row(at);
        view! {
            <div class="grid-row" role="row" id=row_id(label, at) data-testid=testid aria-rowindex=at.saturating_add(2)
                prop:ariaLevel=level.map(|level| level.to_string()) aria-expanded=expanded.map(|is| is.to_string())
                aria-selected=move || (cursor.get() == at).to_string()
                style:transform=move || format!("translateY({}px)", place.get().1)
                on:click=move |_| open(index.get_untracked())>
                {cells}
            </div>
        }
    };
    markup(content)
}

/// Where a key leads.
enum KeyTarget {
    Row(usize),
    Action(RowAction),
}

fn key_target(key: &str, at: usize, count: usize, page: usize) -> Option<KeyTarget> {
    let last = count.checked_sub(1)?;
    let row = match key {
        "ArrowDown" => at.saturating_add(1),
        "ArrowUp" => at.saturating_sub(1),
        "PageDown" => at.saturating_add(page),
        "PageUp" => at.saturating_sub(page),
        "Home" => 0,
        "End" => last,
        "Enter" => return Some(KeyTarget::Action(RowAction::Open)),
        "ArrowRight" => return Some(KeyTarget::Action(RowAction::Unfold)),
        "ArrowLeft" => return Some(KeyTarget::Action(RowAction::Fold)),
        _ => return None,
    };
    Some(KeyTarget::Row(row.min(last)))
}

/// The row that slot `slot` of `slots` shows when `first` is the first row drawn.
fn row_in_slot(slot: usize, first: usize, slots: usize) -> usize {
    let ahead = slot.saturating_add(slots).saturating_sub(first.checked_rem(slots).unwrap_or(0));
    first.saturating_add(ahead.checked_rem(slots).unwrap_or(0))
}

fn row_id(label: &str, index: usize) -> String {
    format!("{}-{index}", label.replace(' ', "-"))
}

/// Reads the scroll position once a frame, however many events there are.
fn throttled(window: NodeRef<web_sys::HtmlElement>, scroll: RwSignal<f64>) -> impl Fn(ev::Event) + 'static {
    let is_waiting = StoredValue::new(false);
    move |_| {
        if is_waiting.get_value() {
            return;
        }
        is_waiting.set_value(true);
        request_animation_frame(move || {
            is_waiting.try_set_value(false);
            if let Some(element) = window.get_untracked() {
                scroll.try_set(f64::from(element.scroll_top()));
            }
        });
    }
}

/// The height of a row, from the style sheet: it depends on the pointer.
fn row_height() -> f64 {
    let root = document().document_element();
    let style = root.and_then(|root| window().get_computed_style(&root).ok().flatten());
    let text = style.and_then(|style| style.get_property_value("--row").ok()).unwrap_or_default();
    text.trim().trim_end_matches("px").parse().unwrap_or(28.0)
}
