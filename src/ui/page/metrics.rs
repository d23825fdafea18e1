//! Metrics over the steps of the run: a chart each, and a table with one row a checkpoint.

use super::blank::{blank, section};
use crate::model::{Direction, MarkerKind, Run};
use crate::session::{Selection, Session};
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::chart::{ChartData, Series, chart};
use crate::ui::part::icon::{Icon, icon};
use crate::words;

/// Colours of a chart's series.
const COLORS: usize = 8;

/// The metrics of the selected run.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct RunMetrics {
    /// Names, in the order they were found.
    pub names: Vec<String>,
    /// What the positions are: step, epoch or number.
    pub along: &'static str,
    /// One row a checkpoint.
    pub rows: Vec<Row>,
    /// Index of the best row of each metric, when a direction is known.
    pub best: Vec<Option<usize>>,
    /// Of each metric, whether lower is better.
    pub directions: Vec<Direction>,
}

/// One checkpoint.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// Its name.
    pub name: String,
    /// Its position along the run.
    pub at: f64,
    /// Values, by metric.
    pub values: Vec<Option<f64>>,
    /// Whether the run calls it best, and whether it calls it last.
    pub marks: (bool, bool),
    /// Where it is.
    pub selection: Selection,
    /// Where the values were read.
    pub from: Option<String>,
}

/// The metrics of the selected run, read again when something is opened.
pub(super) fn run_metrics() -> Live<RunMetrics> {
    let client = Client::expect();
    let facts = client.memo(|session| {
        (session.revision, session.selection.map(|at| (at.pick, at.run)), session.comparing.directions.clone())
    });
    Live::new(move || {
        facts.with(|_| ());
        client.peek(read)
    })
}

fn read(session: &Session) -> RunMetrics {
    let (Some(selection), Some((_, run))) = (session.selection, session.selected_run()) else {
        return RunMetrics::default();
    };
    let mut names: Vec<String> = Vec::new();
    for (name, _) in run.checkpoints.iter().flat_map(|checkpoint| &checkpoint.metrics) {
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    if let Some(at) = run.best_metric.as_ref().and_then(|best| names.iter().position(|name| name == best)) {
        let first = names.remove(at);
        names.insert(0, first);
    }
    let along = along(run);
    let rows: Vec<Row> = run
        .checkpoints
        .iter()
        .enumerate()
        .map(|(index, checkpoint)| Row {
            name: checkpoint.name.clone(),
            at: match along {
                "step" => checkpoint.step.map_or(f64::NAN, real),
                "epoch" => checkpoint.epoch.unwrap_or(f64::NAN),
                _ => crate::chart::real(index.saturating_add(1)),
            },
            values: names
                .iter()
                .map(|name| checkpoint.metrics.iter().find(|(own, _)| own == name).map(|(_, value)| *value))
                .collect(),
            marks: (marks(run, &checkpoint.name, MarkerKind::Best), marks(run, &checkpoint.name, MarkerKind::Last)),
            selection: Selection { checkpoint: Some(index), ..selection },
            from: checkpoint.metrics_from.clone(),
        })
        .collect();
    let directions: Vec<Direction> = names.iter().map(|name| session.direction(name)).collect();
    let best = directions.iter().enumerate().map(|(metric, direction)| best_row(&rows, metric, *direction)).collect();
    RunMetrics { names, along, rows, best, directions }
}

#[expect(clippy::cast_precision_loss, reason = "a position on an axis")]
fn real(step: u64) -> f64 {
    step as f64
}

/// Steps when every checkpoint has one, else epochs, else the order.
fn along(run: &Run) -> &'static str {
    if run.checkpoints.iter().all(|checkpoint| checkpoint.step.is_some()) {
        "step"
    } else if run.checkpoints.iter().all(|checkpoint| checkpoint.epoch.is_some()) {
        "epoch"
    } else {
        "checkpoint"
    }
}

fn marks(run: &Run, name: &str, kind: MarkerKind) -> bool {
    run.markers.iter().any(|marker| marker.kind == kind && marker.checkpoint.as_deref() == Some(name))
}

fn best_row(rows: &[Row], metric: usize, direction: Direction) -> Option<usize> {
    let values = rows.iter().enumerate().filter_map(|(at, row)| Some((at, row.values.get(metric).copied().flatten()?)));
    let finite = values.filter(|(_, value)| value.is_finite());
    let best = match direction {
        Direction::Lower => finite.min_by(|a, b| a.1.total_cmp(&b.1)),
        Direction::Higher => finite.max_by(|a, b| a.1.total_cmp(&b.1)),
        Direction::Unknown => None,
    };
    best.map(|(at, _)| at)
}

/// The page.
pub(super) fn page() -> Markup {
    let metrics = run_metrics();
    let log = RwSignal::new(false);
    let is_there = Live::new(move || metrics.with(|metrics| !metrics.names.is_empty()));
    let content = move || {
        if !is_there.get() {
            return blank(
                "No metrics here",
                "No file of this run says a metric. A metrics.json beside a checkpoint, a trainer_state.json or a metrics entry in a torch file would fill this page.",
            );
        }
        let beside = view! {
            <label class="check small"><input type="checkbox" prop:checked=log on:change:target=move |event| log.set(event.target().checked())/>"logarithmic"</label>
        };
        view! {
            {section("Over the run", beside, charts(metrics, 220.0, usize::MAX, Live::new(move || log.get())))}
            {section("Every checkpoint", "", table(metrics))}
        }
    };
    view! { <div class="page">{content}</div> }
}

/// Small charts of the first metrics.
pub(super) fn metric_charts(metrics: Live<RunMetrics>, height: f64, most: usize) -> Markup {
    charts(metrics, height, most, Live::new(|| false))
}

fn charts(metrics: Live<RunMetrics>, height: f64, most: usize, log: Live<bool>) -> Markup {
    let names = Live::new(move || metrics.with(|metrics| metrics.names.clone()));
    let one = move |(index, name): (usize, String)| {
        let data = Live::new(move || chart_data(&metrics.read(), index, height, log.get()));
        let better = metrics.with(|metrics| better_words(metrics.directions.get(index).copied()));
        view! { <figure><figcaption class="small"><b>{name.clone()}</b>" "<span class="faint">{better}</span></figcaption>{chart(name, data)}</figure> }
    };
    let all = move || names.get().into_iter().enumerate().take(most).map(one).collect::<Markup>();
    view! { <div class="charts">{all}</div> }
}

/// "lower is better".
pub(super) fn better_words(direction: Option<Direction>) -> &'static str {
    match direction {
        Some(Direction::Lower) => "lower is better",
        Some(Direction::Higher) => "higher is better",
        _ => "",
    }
}

fn chart_data(metrics: &RunMetrics, index: usize, height: f64, log: bool) -> ChartData {
    let points: Vec<(f64, f64)> =
        metrics.rows.iter().filter_map(|row| Some((row.at, row.values.get(index).copied().flatten()?))).collect();
    let best_at = metrics.best.get(index).copied().flatten().and_then(|row| metrics.rows.get(row)).map(|row| row.at);
    let best = best_at.and_then(|at| points.iter().position(|point| point.0 == at));
    let color = u8::try_from(index.checked_rem(COLORS).unwrap_or(0)).unwrap_or(0).saturating_add(1);
    let name = metrics.names.get(index).cloned().unwrap_or_default();
    let names = metrics.rows.iter().map(|row| (row.at, row.name.clone())).collect();
    ChartData { along: metrics.along, series: vec![Series { name, color, points, best }], names, log, height }
}

fn table(metrics: Live<RunMetrics>) -> Markup {
    let client = Client::expect();
    let row = move |metrics: &RunMetrics, index: usize, row: &Row| {
        let cells = row.values.iter().enumerate().map(|(metric, value)| {
            let is_best = metrics.best.get(metric).copied().flatten() == Some(index);
            let class = if metric > 0 { "number fold" } else { "number" };
            match value {
                Some(value) => {
                    let star = is_best.then(|| view! { <span class="star" title="best">{icon(Icon::Star)}</span> });
                    view! { <td class=class title=words::exact(*value)>{star}" "{words::metric(*value)}</td> }
                }
                None => view! { <td class=format!("{class} faint")>"–"</td> },
            }
        });
        let selection = row.selection;
        let marks = [row.marks.0.then_some("best"), row.marks.1.then_some("last")];
        let marks = marks.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let at = if row.at.is_nan() { "–".to_owned() } else { words::metric(row.at) };
        let is_chosen = client.memo(move |session| session.selection == Some(selection));
        view! {
            <tr class:chosen=is_chosen>
                <th scope="row"><button type="button" class="link" on:click=move |_| client.update(|session| session.select(selection))>{row.name.clone()}</button></th>
                <td class="number">{at}</td>
                {cells.collect::<Markup>()}
                <td class="fold soft">{marks}</td>
            </tr>
        }
    };
    let body = move || {
        metrics.with(|metrics| {
            metrics.rows.iter().enumerate().map(|(index, found)| row(metrics, index, found)).collect::<Markup>()
        })
    };
    let head = move || {
        metrics.with(|metrics| {
            let names = metrics.names.iter().enumerate().map(|(at, name)| {
                let class = if at > 0 { "number fold" } else { "number" };
                view! { <th scope="col" class=class>{name.clone()}</th> }
            });
            view! { <tr><th scope="col">"checkpoint"</th><th scope="col" class="number">{metrics.along}</th>{names.collect::<Markup>()}<th scope="col" class="fold">"marked"</th></tr> }
        })
    };
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label="Metrics of every checkpoint"><table class="table"><thead>{head}</thead><tbody>{body}</tbody></table></div>
    }
}
