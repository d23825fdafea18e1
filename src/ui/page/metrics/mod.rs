//! Metrics over the run: several in one chart, one chart each, how far the weights moved, and the sheet of the
//! run: one row a checkpoint.

mod changes;
mod movement;
mod table;

use super::blank::{blank, section};
use crate::chart::smooth;
use crate::model::Direction;
use crate::session::RunMetrics;
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::chart::{ChartData, Series, chart};

/// Colours of a chart's series.
const COLORS: usize = 8;
/// Heights of the charts in pixels.
const TOGETHER: f64 = 300.0;
const EACH: f64 = 180.0;

/// How the charts are drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Drawing {
    log: bool,
    /// Share of the average that is kept from step to step; 0 for none.
    smoothing: f64,
}

/// The metrics of the selected run, read again when something is opened.
pub(super) fn run_metrics() -> Live<RunMetrics> {
    let client = Client::expect();
    of_run(client, crate::session::Session::run_metrics)
}

/// What is worked out from the selected run: again when something is opened, or a metric is turned round.
fn of_run<T: PartialEq + Send + Sync + 'static>(client: Client, read: fn(&crate::session::Session) -> T) -> Live<T> {
    let facts = client.memo(|session| {
        (session.revision, session.selection.map(|at| (at.pick, at.run)), session.comparing.directions.clone())
    });
    Live::new(move || {
        facts.with(|_| ());
        client.peek(read)
    })
}

/// The page.
pub(super) fn page() -> Markup {
    let metrics = run_metrics();
    let names = Live::new(move || metrics.with(|metrics| metrics.names.clone()));
    let chosen = RwSignal::new(metrics.with_untracked(RunMetrics::family));
    let log = RwSignal::new(false);
    let smoothing = RwSignal::new(0.0);
    let drawing = Live::new(move || Drawing { log: log.get(), smoothing: smoothing.get() });
    Effect::new(move || {
        names.with(|_| ());
        chosen.set(metrics.with_untracked(RunMetrics::family));
    });
    let has_rows = Live::new(move || metrics.with(|metrics| !metrics.rows.is_empty()));
    let charts = move || match names.with(Vec::len) {
        0 => blank(
            "No metrics here",
            "No file of this run says a metric. A metrics.json beside a checkpoint, a trainer_state.json or a metrics entry in a torch file would fill this page.",
        ),
        count => {
            let data = Live::new(move || together(&metrics.read(), &chosen.read(), drawing.get()));
            let each = (count > 1).then(|| section("Each metric", "", all(metrics, EACH, usize::MAX, drawing)));
            view! {
                <section class="section">
                    <div class="section-head"><h2>"Over the run"</h2><span class="count">"large dot: best · ring: last"</span></div>
                    {controls(names, chosen, log, smoothing)}
                    {chart("Metrics over the run".to_owned(), data)}
                </section>
                {each}
            }
        }
    };
    let moved = move || has_rows.get().then(|| movement::section_of(metrics));
    let rows = move || has_rows.get().then(|| section("Run sheet", table::csv(), table::table(metrics)));
    view! { <div class="page">{charts}{moved}{rows}</div> }
}

fn controls(
    names: Live<Vec<String>>,
    chosen: RwSignal<Vec<String>>,
    log: RwSignal<bool>,
    smoothing: RwSignal<f64>,
) -> Markup {
    let toggle = move |(index, name): (usize, String)| {
        let (own, clicked) = (name.clone(), name.clone());
        let is_on = move || chosen.with(|chosen| chosen.contains(&own)).to_string();
        let click = move |_: leptos::ev::MouseEvent| {
            chosen.update(|chosen| match chosen.iter().position(|name| *name == clicked) {
                Some(at) => drop(chosen.remove(at)),
                None => chosen.push(clicked.clone()),
            });
        };
        let swatch = format!("swatch c{}", color(index));
        view! { <button type="button" class="button" data-testid="metric-toggle" aria-pressed=is_on on:click=click><i class=swatch></i>{name}</button> }
    };
    let all = move || names.get().into_iter().enumerate().map(toggle).collect::<Markup>();
    let amount = move || {
        let now = smoothing.get();
        if now == 0.0 { "off".to_owned() } else { format!("{now}") }
    };
    view! {
        <div class="controls metric-controls" role="group" aria-label="Metrics in the chart">{all}</div>
        <div class="controls metric-controls">
            <label class="check small"><input type="checkbox" data-testid="metric-log" prop:checked=log on:change:target=move |event| log.set(event.target().checked())/>"logarithmic"</label>
            <label class="check small">"smoothing "<input type="range" min="0" max="0.95" step="0.05" data-testid="metric-smoothing" prop:value=move || smoothing.get()
                on:input:target=move |event| smoothing.set(event.target().value().parse().unwrap_or(0.0))/>{amount}</label>
        </div>
    }
}

/// Small charts of the first metrics.
pub(super) fn metric_charts(metrics: Live<RunMetrics>, height: f64, most: usize) -> Markup {
    all(metrics, height, most, Live::new(Drawing::default))
}

/// A chart a metric.
fn all(metrics: Live<RunMetrics>, height: f64, most: usize, drawing: Live<Drawing>) -> Markup {
    let names = Live::new(move || metrics.with(|metrics| metrics.names.clone()));
    let one = move |(index, name): (usize, String)| {
        let data = Live::new(move || {
            let metrics = metrics.read();
            data(&metrics, vec![series(&metrics, index, drawing.get())], drawing.get(), height)
        });
        let better = metrics.with(|metrics| better_words(metrics.directions.get(index).copied()));
        view! { <figure><figcaption class="small"><b>{name.clone()}</b>" "<span class="faint">{better}</span></figcaption>{chart(name, data)}</figure> }
    };
    let charts = move || names.get().into_iter().enumerate().take(most).map(one).collect::<Markup>();
    view! { <div class="charts">{charts}</div> }
}

/// "lower is better".
fn better_words(direction: Option<Direction>) -> &'static str {
    match direction {
        Some(Direction::Lower) => "lower is better",
        Some(Direction::Higher) => "higher is better",
        _ => "",
    }
}

fn together(metrics: &RunMetrics, chosen: &[String], drawing: Drawing) -> ChartData {
    let indexes = metrics.names.iter().enumerate().filter(|(_, name)| chosen.contains(name));
    data(metrics, indexes.map(|(index, _)| series(metrics, index, drawing)).collect(), drawing, TOGETHER)
}

fn data(metrics: &RunMetrics, series: Vec<Series>, drawing: Drawing, height: f64) -> ChartData {
    let names = metrics.rows.iter().map(|row| (row.at, row.name.clone())).collect();
    ChartData { along: metrics.along, series, names, log: drawing.log, height }
}

fn series(metrics: &RunMetrics, index: usize, drawing: Drawing) -> Series {
    let points = metrics.points(index);
    let find = |at: Option<f64>| at.and_then(|at| points.iter().position(|point| point.0 == at));
    let best = metrics.best.get(index).copied().flatten().and_then(|row| metrics.rows.get(row)).map(|row| row.at);
    let values: Vec<f64> = points.iter().map(|point| point.1).collect();
    let smoothed = if drawing.smoothing > 0.0 { smooth(&values, drawing.smoothing) } else { Vec::new() };
    Series {
        name: metrics.names.get(index).cloned().unwrap_or_default(),
        color: color(index),
        best: find(best),
        last: find(metrics.last_at()),
        smoothed: points.iter().zip(smoothed).map(|(point, value)| (point.0, value)).collect(),
        points,
    }
}

fn color(index: usize) -> u8 {
    u8::try_from(index.checked_rem(COLORS).unwrap_or(0)).unwrap_or(0).saturating_add(1)
}
