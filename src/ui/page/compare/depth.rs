//! How far the weights moved over the depth of the model: a strip of cells for the layers as a whole, and one for each of their
//! parts. The cursor follows the pointer or the arrow keys, and a line under the cells reads out what it is on.

use std::sync::Arc;

use leptos::ev;

use crate::chart::{heat, largest, real, whole};
use crate::diff::{Depth, WeightRow, depth};
use crate::model::Real;
use crate::ui::dom::*;
use crate::ui::part::heat_map::step;
use crate::ui::part::size::size_of;
use crate::words;

/// Height of a strip in pixels: that of a name beside it.
const STRIP: f64 = 16.0;

/// The strips; nothing when the weights are not in layers.
pub(super) fn strips(rows: &[WeightRow]) -> Option<Markup> {
    let depth = Arc::new(depth(rows)?);
    let values: Vec<Option<f64>> =
        depth.lanes.iter().flat_map(|lane| &lane.relative).map(|cell| cell.map(|of| of.0)).collect();
    let most = largest(&values);
    let (columns, lanes) = (depth.layers.len(), depth.lanes.len());
    let cells = heat(&values, columns, most);
    let cells = cells.iter().map(|cells| view! { <path class=cells.class.clone() d=cells.path.clone()></path> });
    let cells = cells.collect::<Markup>();
    let ends = (depth.layers.first().cloned().unwrap_or_default(), depth.layers.last().cloned().unwrap_or_default());
    let title = format!(
        "Relative change over depth: {} {} to {}; full colour is {}",
        depth.family,
        ends.0,
        ends.1,
        words::percent(most)
    );
    let names = depth.lanes.iter().map(|lane| name(&lane.name)).collect::<Markup>();
    let cursor = RwSignal::new(None::<usize>);
    let words = {
        let depth = Arc::clone(&depth);
        Live::new(move || cursor.get().map(|at| reading(&depth, at)).unwrap_or_default())
    };
    let node = NodeRef::<web_sys::HtmlElement>::new();
    let size = size_of(node);
    let move_to = move |event: ev::PointerEvent| {
        let share = f64::from(event.offset_x()) / size.get_untracked().0.max(1.0);
        let (column, lane) = (whole(share * real(columns)), whole(f64::from(event.offset_y()) / STRIP));
        cursor.set((column < columns && lane < lanes).then(|| lane.saturating_mul(columns).saturating_add(column)));
    };
    let count = columns.saturating_mul(lanes);
    let on_key = move |event: ev::KeyboardEvent| {
        if let Some(to) = step(&event.key(), cursor.get_untracked().unwrap_or(0), columns, count) {
            cursor.set(Some(to));
            event.prevent_default();
        }
    };
    let mark = move || {
        let at = cursor.get()?;
        let (lane, column) = (at.checked_div(columns)?, at.checked_rem(columns)?);
        Some(view! { <rect class="mark" x=column y=lane width=1.0 height=1.0></rect> })
    };
    Some(view! {
        <figure class="depth" data-testid="weights-depth">
            <figcaption class="small soft">{title}</figcaption>
            <div class="depth-body"><div class="depth-names mono" aria-hidden="true">{names}</div><div class="heat">
                <div class="chart-box" node_ref=node role="slider" tabindex="0" aria-label="Relative change of the layers" aria-valuemin="0"
                    aria-valuemax=count.saturating_sub(1) aria-valuenow=move || cursor.get().unwrap_or(0) aria-valuetext=move || words.read().to_string()
                    on:pointermove=move_to on:pointerleave=move |_| cursor.set(None) on:keydown=on_key>
                    <svg aria-hidden="true" preserveAspectRatio="none" viewBox=format!("0 0 {columns} {lanes}") width="100%" height=real(lanes) * STRIP>
                        {cells}
                        {mark}
                    </svg>
                </div>
                <div class="readout" aria-hidden="true" data-testid="weights-depth-readout">{move || words.read().to_string()}</div>
            </div></div>
        </figure>
    })
}

/// What stands beside a strip.
fn name(lane: &str) -> Markup {
    let name = if lane.is_empty() { "whole layer" } else { lane }.to_owned();
    view! { <span title=name.clone()>{name.clone()}</span> }
}

/// `h 3, attn.q: 0.3 %`.
fn reading(depth: &Depth, at: usize) -> String {
    let columns = depth.layers.len();
    let (Some(lane), Some(column)) = (at.checked_div(columns), at.checked_rem(columns)) else { return String::new() };
    let (Some(lane), Some(layer)) = (depth.lanes.get(lane), depth.layers.get(column)) else { return String::new() };
    let part = if lane.name.is_empty() { String::new() } else { format!(", {}", lane.name) };
    let value = match lane.relative.get(column).copied().flatten() {
        Some(Real(share)) => words::percent(share),
        None => "cannot be said".to_owned(),
    };
    format!("{} {layer}{part}: {value}", depth.family)
}
