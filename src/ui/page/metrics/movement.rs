//! How far the weights moved from checkpoint to checkpoint: on request, for every byte of the run is read for it.

use super::super::blank::section;
use crate::diff::{Movement, NOT_PROVED};
use crate::model::Real;
use crate::session::{ActivityId, RunMetrics, Session, WeighingState};
use crate::ui::Client;
use crate::ui::dom::*;
use crate::ui::part::chart::{ChartData, Series, chart};
use crate::words;

const HEIGHT: f64 = 180.0;

/// What is known of the movement of the selected run, read again when more is.
fn known<T: PartialEq + Send + Sync + 'static>(read: fn(&Session) -> T) -> Live<T> {
    let client = Client::expect();
    let facts = client.memo(|session| (session.moving.revision, session.selection.map(|at| (at.pick, at.run))));
    Live::new(move || {
        facts.with(|_| ());
        client.peek(read)
    })
}

/// By checkpoint; empty until asked for.
pub(super) fn movements() -> Live<Vec<Option<Movement>>> {
    known(|session| session.movements().to_vec())
}

/// The section; nothing for a run without weights to compare.
pub(super) fn section_of(metrics: Live<RunMetrics>) -> Markup {
    let client = Client::expect();
    let bytes = client.memo_opened(|session| session.movement_bytes().into_iter().fold(0, u64::saturating_add));
    let state = known(Session::movement_state);
    let points = known(Session::movement_points);
    let has_points = Live::new(move || points.with(|points| !points.is_empty()));
    markup(move || {
        if bytes.get() == 0 {
            return Markup::Nothing;
        }
        let drawn = has_points.get().then(|| {
            let data = Live::new(move || data(&metrics.read(), &points.read()));
            view! { {chart("Movement of weights over the run".to_owned(), data)}<p class="soft small">{NOT_PROVED}</p> }
        });
        let content = view! { {asked(client, state.get(), bytes.get())}{drawn} };
        section("Movement of weights", "percent of the one before: ‖change‖ / ‖before‖ over all weights", content)
    })
}

/// What there is to press, with the words that say what it does.
fn asked(client: Client, state: Option<WeighingState>, bytes: u64) -> Markup {
    let start = |words: &'static str| {
        let start = move |_| client.act(Session::measure_movement);
        view! { <button type="button" class="button" data-testid="movement-start" on:click=start>{words}</button> }
    };
    match state {
        None => view! {
            <div class="controls"><span class="soft">{format!("Not known yet: {} have to be read for it.", words::size(bytes))}</span>{start("Measure movement")}</div>
        },
        Some(WeighingState::Running) => {
            let stop = move |_| client.act(|session| session.cancel(ActivityId::Move));
            view! {
                <div class="controls"><span class="soft">"Reading one pair of neighbours after the other."</span><button type="button" class="button" data-testid="movement-stop" on:click=stop>"Stop"</button></div>
            }
        }
        Some(WeighingState::Stopped) => view! {
            <div class="controls"><span class="soft">"Stopped before the end."</span>{start("Go on")}</div>
        },
        Some(WeighingState::Done) => Markup::Nothing,
    }
}

/// In percent, as the table has it.
fn data(metrics: &RunMetrics, points: &[(f64, f64)]) -> ChartData {
    let points: Vec<(f64, f64)> = points.iter().map(|(at, share)| (*at, share * 100.0)).collect();
    let last = points.len().checked_sub(1);
    let series = Series { name: "percent".to_owned(), color: 3, points, best: None, last, smoothed: Vec::new() };
    ChartData {
        along: metrics.along,
        series: vec![series],
        names: metrics.rows.iter().skip(1).map(|row| (row.at, row.name.clone())).collect(),
        log: false,
        height: HEIGHT,
    }
}

/// How far the weights of one checkpoint moved, for a cell of the sheet.
pub(super) fn cell(moved: Option<&Movement>) -> Markup {
    let Some(moved) = moved else { return view! { <span class="faint">"–"</span> } };
    let mut told = vec![format!("{} of {} tensors changed", words::count(moved.changed), words::count(moved.tensors))];
    told.extend(moved.most.as_ref().map(|module| format!("{module} most")));
    if moved.not_compared > 0 {
        told.push(format!("{} could not be compared", words::plural(moved.not_compared, "tensor")));
    }
    if moved.not_finite > 0 {
        told.push(format!("{} not finite, left out", words::count(moved.not_finite)));
    }
    let share = moved.relative_l2.map(|Real(share)| share);
    told.extend(share.map(words::exact));
    view! { <span title=told.join("; ")>{share.map_or_else(|| "–".to_owned(), words::share)}</span> }
}
