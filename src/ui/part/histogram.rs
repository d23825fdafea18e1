//! A histogram. The cursor follows the pointer or the arrow keys, and a line under the bars reads out what it is on.

use leptos::ev;

use super::size::size_of;
use crate::chart::{Rect, bars, real, whole};
use crate::session::{Bin, Bins};
use crate::ui::dom::*;
use crate::words;

/// Height of the bars, and of the labels under them, in pixels.
const HEIGHT: f64 = 96.0;
const BELOW: f64 = 20.0;

/// The histogram, with counts on a linear or logarithmic scale.
pub(in crate::ui) fn histogram(label: &'static str, bins: Live<Bins>, log: Live<bool>) -> Markup {
    let node = NodeRef::<web_sys::HtmlElement>::new();
    let size = size_of(node);
    let width = Live::new(move || size.get().0);
    let cursor = RwSignal::new(None::<usize>);
    let count = move || bins.read_untracked().bars.len();
    let move_to = move |event: ev::PointerEvent| {
        let share = f64::from(event.offset_x()) / width.get_untracked().max(1.0);
        cursor.set(Some(whole(share * real(count())).min(count().saturating_sub(1))));
    };
    let on_key = move |event: ev::KeyboardEvent| {
        if let Some(to) = step(&event.key(), cursor.get_untracked(), count()) {
            cursor.set(Some(to));
            event.prevent_default();
        }
    };
    let words = move || {
        let bins = bins.read();
        cursor.get().and_then(|at| bins.bars.get(at)).map(reading)
    };
    let counts = Live::new(move || bins.with(|bins| bins.bars.iter().map(|bar| bar.count).collect::<Vec<u64>>()));
    let drawing = move || {
        let frame = Rect { x: 0.0, y: 0.0, w: width.get(), h: HEIGHT };
        let bars = bars(&counts.read(), log.get(), frame);
        bins.with(|bins| bars.iter().zip(&bins.bars).map(|(rect, bin)| bar(*rect, bin)).collect::<Markup>())
    };
    let labels = move || {
        bins.with(|bins| bins.labels.iter().map(|(at, text)| tick(*at * width.get(), *at, text)).collect::<Markup>())
    };
    let mark = move || {
        let at = real(cursor.get()?) + 0.5;
        let x = at * width.get() / bins.with(|bins| real(bins.bars.len())).max(1.0);
        Some(view! { <line class="cursor" x1=x x2=x y1=0.0 y2=HEIGHT></line> })
    };
    view! {
        <div class="chart histogram">
            <div class="chart-box" node_ref=node role="slider" tabindex="0" aria-label=label aria-valuemin="0"
                aria-valuemax=move || bins.with(|bins| bins.bars.len().saturating_sub(1)) aria-valuenow=move || cursor.get().unwrap_or(0)
                aria-valuetext=move || words().unwrap_or_default() on:pointermove=move_to
                on:pointerleave=move |_| cursor.set(None) on:keydown=on_key>
                <svg height=HEIGHT + BELOW viewBox=move || format!("0 0 {} {}", width.get().max(1.0), HEIGHT + BELOW) aria-hidden="true">
                    {drawing}
                    <line class="axis" x1=0.0 x2=move || width.get() y1=HEIGHT y2=HEIGHT></line>
                    {labels}
                    {mark}
                </svg>
            </div>
            <div class="readout" aria-hidden="true">{move || words().unwrap_or_default()}</div>
        </div>
    }
}

fn bar(rect: Rect, bin: &Bin) -> Markup {
    let class = if bin.is_negative { "below" } else { "above" };
    let width = (rect.w - 1.0).max(1.0);
    view! { <rect class=class x=rect.x y=rect.y width=width height=rect.h></rect> }
}

fn tick(x: f64, share: f64, text: &str) -> Markup {
    let anchor = if share <= 0.0 {
        "start"
    } else if share >= 1.0 {
        "end"
    } else {
        "middle"
    };
    view! { <text x=x y=HEIGHT + 15.0 text-anchor=anchor>{text.to_owned()}</text> }
}

fn reading(bin: &Bin) -> String {
    format!("{}: {}", bin.words, words::count(bin.count))
}

/// Where a key leads on a line of `count` places.
pub(in crate::ui) fn step(key: &str, at: Option<usize>, count: usize) -> Option<usize> {
    let last = count.checked_sub(1)?;
    match key {
        "ArrowRight" => Some(at.map_or(0, |at| at.saturating_add(1).min(last))),
        "ArrowLeft" => Some(at.map_or(last, |at| at.saturating_sub(1))),
        "Home" => Some(0),
        "End" => Some(last),
        _ => None,
    }
}
