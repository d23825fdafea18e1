//! A line chart with real axes. The cursor follows the pointer or the arrow keys, and a line under the chart reads out
//! what it is on.

use leptos::ev;

use super::histogram::step;
use super::size::size_of;
use crate::chart::{Scale, Tick, ticks};
use crate::ui::dom::*;
use crate::words;

/// Pixels around the plot: left for the labels of the values, below for those of the steps.
const LEFT: f64 = 56.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 10.0;
const BELOW: f64 = 38.0;
/// Points from which on not each is dotted.
const CROWDED: usize = 60;

/// One line of a chart.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::ui) struct Series {
    /// Its name.
    pub name: String,
    /// Number of its colour, 1 to 8.
    pub color: u8,
    /// Positions and values, in order of position.
    pub points: Vec<(f64, f64)>,
    /// Index of the best point.
    pub best: Option<usize>,
    /// Index of the last point.
    pub last: Option<usize>,
    /// The same smoothed; empty when it is not to be.
    pub smoothed: Vec<(f64, f64)>,
}

/// What a chart shows.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::ui) struct ChartData {
    /// What the positions are: "step".
    pub along: &'static str,
    /// The lines, the first on top.
    pub series: Vec<Series>,
    /// Names of the positions, in order: the checkpoints.
    pub names: Vec<(f64, String)>,
    /// Whether the values are on a logarithmic axis.
    pub log: bool,
    /// Height in pixels.
    pub height: f64,
}

/// The scales of a drawing.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Frame {
    x: Scale,
    y: Scale,
    width: f64,
    height: f64,
}

/// The chart.
pub(in crate::ui) fn chart(label: String, data: Live<ChartData>) -> Markup {
    let node = NodeRef::<web_sys::HtmlElement>::new();
    let size = size_of(node);
    let width = Live::new(move || size.get().0);
    let frame = Live::new(move || frame(&data.read(), width.get()));
    let cursor = RwSignal::new(None::<usize>);
    let move_to = move |event: ev::PointerEvent| {
        let x = f64::from(event.offset_x());
        cursor.set(frame.get_untracked().and_then(|frame| nearest(&data.read_untracked(), &frame, x)));
    };
    let on_key = move |event: ev::KeyboardEvent| {
        let count = data.read_untracked().names.len();
        let at = cursor.get_untracked();
        if let Some(to) = step(&event.key(), at, count) {
            cursor.set(Some(to));
            event.prevent_default();
        }
    };
    let drawing = move || frame.get().map(|frame| drawing(&data.read(), &frame));
    let mark = move || frame.get().and_then(|frame| mark(&data.read(), &frame, cursor.get()?));
    let words = move || readout_text(&data.read(), cursor.get());
    view! {
        <div class="chart">
            <div class="chart-box" node_ref=node role="slider" tabindex="0" aria-label=label aria-valuemin="0"
                aria-valuemax=move || data.read().names.len().saturating_sub(1) aria-valuenow=move || cursor.get().unwrap_or(0)
                aria-valuetext=words on:pointermove=move_to on:pointerleave=move |_| cursor.set(None) on:keydown=on_key>
                <svg height=move || data.read().height viewBox=move || format!("0 0 {} {}", width.get().max(1.0), data.read().height)
                    aria-hidden="true">
                    {drawing}
                    {mark}
                </svg>
            </div>
            <div class="readout" aria-hidden="true">{move || readout(&data.read(), cursor.get())}</div>
        </div>
    }
}

fn frame(data: &ChartData, width: f64) -> Option<Frame> {
    if width <= LEFT + RIGHT {
        return None;
    }
    let points = || data.series.iter().flat_map(|series| &series.points);
    let x = Scale::over(points().map(|point| point.0), false, LEFT + 6.0, width - RIGHT - 6.0)?;
    let y = Scale::over(points().map(|point| point.1), data.log, data.height - BELOW, TOP)?.padded(0.06);
    Some(Frame { x, y, width, height: data.height })
}

fn drawing(data: &ChartData, frame: &Frame) -> Markup {
    let base = frame.height - BELOW;
    let wanted = |pixels: f64, each: f64| u32::try_from(crate::chart::whole(pixels / each)).unwrap_or(2).max(2);
    let values = ticks(&frame.y, wanted(base - TOP, 34.0));
    let steps = ticks(&frame.x, wanted(frame.width - LEFT, 90.0));
    let middle = f64::midpoint(LEFT, frame.width - RIGHT);
    view! {
        {values.iter().map(|tick| value_tick(tick, frame)).collect::<Markup>()}
        {steps.iter().map(|tick| step_tick(tick, frame)).collect::<Markup>()}
        <line class="axis" x1=LEFT x2=frame.width - RIGHT y1=base y2=base></line>
        <text x=middle y=frame.height - 4.0 text-anchor="middle">{data.along}</text>
        {data.series.iter().rev().map(|series| line(series, frame)).collect::<Markup>()}
    }
}

fn value_tick(tick: &Tick, frame: &Frame) -> Markup {
    let y = frame.y.place(tick.value).unwrap_or(0.0);
    view! {
        <line class="rule" x1=LEFT x2=frame.width - RIGHT y1=y y2=y></line>
        <text x=LEFT - 8.0 y=y + 4.0 text-anchor="end">{tick.label.clone()}</text>
    }
}

fn step_tick(tick: &Tick, frame: &Frame) -> Markup {
    let x = frame.x.place(tick.value).unwrap_or(0.0);
    let base = frame.height - BELOW;
    view! {
        <line class="axis" x1=x x2=x y1=base y2=base + 4.0></line>
        <text x=x y=base + 18.0 text-anchor="middle">{tick.label.clone()}</text>
    }
}

fn line(series: &Series, frame: &Frame) -> Markup {
    let is_smooth = !series.smoothed.is_empty();
    let dot = |(at, (x, y)): (usize, &(f64, f64))| {
        let (class, radius) = match (series.best == Some(at), series.last == Some(at)) {
            (true, is_last) => (if is_last { "dot best last" } else { "dot best" }, 5.0),
            (false, true) => ("dot last", 5.0),
            _ if is_smooth || series.points.len() > CROWDED => return None,
            _ => ("dot", 3.0),
        };
        let (x, y) = (frame.x.place(*x)?, frame.y.place(*y)?);
        Some(view! { <circle class=class cx=x cy=y r=radius></circle> })
    };
    let raw = if is_smooth { "line raw" } else { "line" };
    view! {
        <g class=format!("c{}", series.color)>
            <path class=raw d=path(&series.points, &frame.x, &frame.y)></path>
            {is_smooth.then(|| view! { <path class="line" d=path(&series.smoothed, &frame.x, &frame.y)></path> })}
            {series.points.iter().enumerate().map(dot).collect::<Markup>()}
        </g>
    }
}

/// The line through some points.
pub(super) fn path(points: &[(f64, f64)], x_scale: &Scale, y_scale: &Scale) -> String {
    let mut path = String::new();
    let mut is_down = false;
    for (x, y) in points {
        let (Some(x), Some(y)) = (x_scale.place(*x), y_scale.place(*y)) else {
            // A value that cannot be drawn (NaN) is a gap, not a line across it.
            is_down = false;
            continue;
        };
        path.push_str(&format!("{}{x:.1} {y:.1}", if is_down { 'L' } else { 'M' }));
        is_down = true;
    }
    path
}

fn mark(data: &ChartData, frame: &Frame, cursor: usize) -> Option<Markup> {
    let x = frame.x.place(data.names.get(cursor)?.0)?;
    Some(view! { <line class="cursor" x1=x x2=x y1=TOP y2=frame.height - BELOW></line> })
}

/// The position nearest to pixel `x`.
fn nearest(data: &ChartData, frame: &Frame, x: f64) -> Option<usize> {
    let distance = |at: f64| frame.x.place(at).map_or(f64::INFINITY, |place| (place - x).abs());
    let places = data.names.iter().enumerate().map(|(index, (at, _))| (index, distance(*at)));
    places.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(index, _)| index)
}

/// What the lines have at the cursor; without a cursor, where each is best.
fn readings(data: &ChartData, cursor: Option<usize>) -> (String, Vec<(u8, String, f64)>) {
    let at = cursor.and_then(|cursor| data.names.get(cursor));
    let (Some((x, name)), Some(_)) = (at, cursor) else {
        let best = |series: &Series| Some((series.color, series.name.clone(), series.points.get(series.best?)?.1));
        let found: Vec<_> = data.series.iter().filter_map(best).collect();
        return (if found.is_empty() { String::new() } else { "best".to_owned() }, found);
    };
    let on = |series: &Series| {
        let found = series.points.iter().find(|point| point.0 == *x)?;
        Some((series.color, series.name.clone(), found.1))
    };
    (name.clone(), data.series.iter().filter_map(on).collect())
}

fn readout(data: &ChartData, cursor: Option<usize>) -> Markup {
    let (name, found) = readings(data, cursor);
    let one = |(color, name, value): (u8, String, f64)| {
        let class = format!("swatch c{color}");
        view! { <span><i class=class></i>" "{name}" "<b title=words::exact(value)>{words::metric(value)}</b></span> }
    };
    view! { <b>{name}</b>{found.into_iter().map(one).collect::<Markup>()} }
}

fn readout_text(data: &ChartData, cursor: Option<usize>) -> String {
    let (name, found) = readings(data, cursor);
    let found = found.into_iter().map(|(_, name, value)| format!("{name} {}", words::metric(value)));
    std::iter::once(name).chain(found).collect::<Vec<_>>().join(", ")
}
