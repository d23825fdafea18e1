//! Numbers as coloured cells. The cursor follows the pointer or the arrow keys, and a line under the cells reads out what
//! it is on.

use leptos::ev;

use super::size::size_of;
use crate::chart::{Cells, real, whole};
use crate::ui::dom::*;

/// Widest cell in pixels.
const WIDEST: f64 = 16.0;

/// What a heat map shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::ui) struct Heat {
    /// The cells, by colour.
    pub cells: Vec<Cells>,
    /// Cells in a row.
    pub columns: usize,
    /// Rows.
    pub rows: usize,
    /// What each cell is, row by row.
    pub words: Vec<String>,
}

/// The heat map.
pub(in crate::ui) fn heat_map(heat: Live<Heat>) -> Markup {
    let node = NodeRef::<web_sys::HtmlElement>::new();
    let size = size_of(node);
    let cell = Live::new(move || {
        let fits = (size.get().0 / heat.with(|heat| real(heat.columns)).max(1.0)).min(WIDEST);
        if fits > 3.0 { fits.floor() } else { fits }
    });
    let cursor = RwSignal::new(None::<usize>);
    let move_to = move |event: ev::PointerEvent| {
        let at = |pixel: i32| whole(f64::from(pixel) / cell.get_untracked().max(0.1));
        let (column, row) = (at(event.offset_x()), at(event.offset_y()));
        let heat = heat.read_untracked();
        let is_inside = column < heat.columns && row < heat.rows;
        cursor.set(is_inside.then(|| row.saturating_mul(heat.columns).saturating_add(column)));
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let heat = heat.read_untracked();
        if let Some(to) = step(&event.key(), cursor.get_untracked().unwrap_or(0), heat.columns, heat.words.len()) {
            cursor.set(Some(to));
            event.prevent_default();
        }
    };
    let words = move || cursor.get().and_then(|at| heat.read().words.get(at).cloned()).unwrap_or_default();
    let cells = move || {
        let path = |cells: &Cells| view! { <path class=cells.class.clone() d=cells.path.clone()></path> };
        heat.with(|heat| heat.cells.iter().map(path).collect::<Markup>())
    };
    let mark = move || {
        let at = cursor.get()?;
        let columns = heat.read().columns;
        let (row, column) = (at.checked_div(columns)?, at.checked_rem(columns)?);
        Some(view! { <rect class="mark" x=column y=row width=1.0 height=1.0></rect> })
    };
    let view_box = move || heat.with(|heat| format!("0 0 {} {}", heat.columns.max(1), heat.rows.max(1)));
    view! {
        <div class="heat">
            <div class="chart-box" node_ref=node role="slider" tabindex="0" aria-label="Values as colours" aria-valuemin="0"
                aria-valuemax=move || heat.read().words.len().saturating_sub(1) aria-valuenow=move || cursor.get().unwrap_or(0)
                aria-valuetext=words on:pointermove=move_to on:pointerleave=move |_| cursor.set(None) on:keydown=on_key>
                <svg aria-hidden="true" preserveAspectRatio="none" viewBox=view_box
                    width=move || cell.get() * real(heat.read().columns) height=move || cell.get() * real(heat.read().rows)>
                    {cells}
                    {mark}
                </svg>
            </div>
            <div class="readout mono" aria-hidden="true">{words}</div>
        </div>
    }
}

/// Where a key leads among `count` cells in rows of `columns`.
pub(in crate::ui) fn step(key: &str, at: usize, columns: usize, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    let to = match key {
        "ArrowRight" => at.saturating_add(1),
        "ArrowLeft" => at.saturating_sub(1),
        "ArrowDown" => at.saturating_add(columns),
        "ArrowUp" => at.checked_sub(columns).unwrap_or(at),
        "Home" => 0,
        "End" => last,
        _ => return None,
    };
    Some(if to > last { at } else { to })
}
